//! The parts of an SVG icon, and the queries of the rules.

use std::borrow::Cow;
use std::iter;
use std::ops::Range;

use roxmltree::{Attribute, Document, Node, NodeType};

use crate::check::context::IconContext;
use crate::check::rule::Problem;
use crate::check::svg::SVG;
use crate::finding::Change;
use crate::source::{FixTitle, Location, Verb};
use crate::text::quote;

/// The maximum number of problems that a rule reports for one icon.
pub(super) const MAX_PROBLEMS: usize = 20;

/// An element, comment or processing instruction, or an attribute of an element.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    pub(super) node: Node<'a, 'a>,
    pub(super) attribute: Option<Attribute<'a, 'a>>,
}

impl<'a> Part<'a> {
    /// The name in the file, with its prefix.
    pub(super) fn name(&self) -> &'a str {
        let start = self
            .attribute
            .map_or(self.node.range().start, |attribute| attribute.range().start);
        let text = self
            .node
            .document()
            .input_text()
            .get(start..)
            .unwrap_or_default();
        let ends = |char: char| char.is_ascii_whitespace() || matches!(char, '=' | '/' | '>' | '?');
        text.trim_start_matches(['<', '?'])
            .split(ends)
            .next()
            .unwrap_or_default()
    }

    /// The name of an attribute without its prefix; empty for other parts.
    pub(super) fn attribute_name(&self) -> &'a str {
        self.attribute.map_or("", |attribute| attribute.name())
    }

    /// The value of an attribute, or the text in an element, which browsers read across comments.
    pub(super) fn value(&self) -> Cow<'a, str> {
        match self.attribute {
            Some(attribute) => attribute.value().into(),
            None => self
                .node
                .children()
                .filter(Node::is_text)
                .filter_map(|text| text.text())
                .collect(),
        }
    }

    /// The range in bytes; for an element, the range of `<name`.
    pub(super) fn range(&self) -> Range<usize> {
        let range = self
            .attribute
            .map_or(self.node.range(), |attribute| attribute.range());
        match self.attribute.is_none() && self.node.is_element() {
            true => range.start..range.start + 1 + self.name().len(),
            false => range,
        }
    }

    pub(super) fn is_element(&self, names: &[&str]) -> bool {
        self.attribute.is_none() && is_named(&self.node, names)
    }

    pub(super) fn is_attribute(&self, namespace: Option<&str>, name: &str) -> bool {
        self.attribute
            .is_some_and(|attribute| attribute.namespace() == namespace && attribute.name() == name)
    }

    /// A problem with this part. `{name}`, `{element}` and `{value}` in the message and the help
    /// are replaced, the value last, since it can contain anything.
    pub(super) fn problem(&self, message: &str, help: &str) -> Problem {
        let fill = |text: &str| match text.contains('{') {
            true => text
                .replace("{name}", &quote(self.name()))
                .replace("{element}", &quote(self.node.tag_name().name()))
                .replace("{value}", &quote(&self.value())),
            false => text.to_owned(),
        };
        Problem::new(Location::Bytes(self.range()), fill(message), fill(help))
    }

    /// The title of the fix that removes this part.
    pub(super) fn removal_title(&self) -> FixTitle {
        match (self.attribute, self.node.node_type()) {
            (Some(_), _) => Verb::Remove.title(format!("the attribute {}", quote(self.name()))),
            (None, NodeType::Comment) => Verb::Remove.title("the comment"),
            (None, NodeType::PI) => Verb::Remove.title("the processing instruction"),
            (None, _) => Verb::Remove.title(format!("the element {}", quote(self.name()))),
        }
    }

    /// A fix that removes this part.
    pub(super) fn removal(&self) -> Change {
        Change::Replace(vec![match self.attribute {
            Some(attribute) => removed(self.node.document().input_text(), attribute.range()),
            None => (self.range(), String::new()),
        }])
    }
}

/// A part that an icon should not have: which one, the message and the help.
pub(super) enum Unwanted {
    /// The fix removes it.
    Removable(fn(&Part<'_>) -> bool, &'static str, &'static str),
    /// Only a person can remove it, since the icon could look different.
    Manual(fn(&Part<'_>) -> bool, &'static str, &'static str),
}

/// The unwanted parts of an icon. Only the first entry that applies to a part is reported.
pub(super) fn find(icon: &IconContext<'_>, unwanted: &[Unwanted]) -> Vec<Problem> {
    each_part(icon, |part| {
        unwanted.iter().find_map(|entry| entry.problem(part))
    })
}

impl Unwanted {
    /// The problem with a part, if it is unwanted.
    fn problem(&self, part: &Part<'_>) -> Option<Problem> {
        match *self {
            Self::Removable(is, message, help) if is(part) => {
                let problem = part.problem(message, help);
                Some(problem.fix(part.removal_title(), part.removal()))
            }
            Self::Manual(is, message, help) if is(part) => Some(part.problem(message, help)),
            _ => None,
        }
    }
}

/// What a check reports for the parts of an icon, in the order of the file.
pub(super) fn each_part<'c>(
    icon: &IconContext<'c>,
    mut check: impl FnMut(&Part<'c>) -> Option<Problem>,
) -> Vec<Problem> {
    let parts = document(icon).into_iter().flat_map(parts);
    parts
        .filter_map(|part| check(&part))
        .take(MAX_PROBLEMS)
        .collect()
}

/// All parts in the order of the file.
pub(super) fn parts<'a>(document: &'a Document<'a>) -> impl Iterator<Item = Part<'a>> {
    let nodes = document
        .descendants()
        .filter(|node| !node.is_text() && !node.is_root());
    nodes.flat_map(node_parts)
}

/// An element with its attributes, or another node.
fn node_parts<'a>(node: Node<'a, 'a>) -> impl Iterator<Item = Part<'a>> {
    let attributes = iter::once(None).chain(node.attributes().map(Some));
    attributes.map(move |attribute| Part { node, attribute })
}

/// The document of an icon that is valid SVG.
pub(super) fn document<'c>(icon: &IconContext<'c>) -> Option<&'c Document<'c>> {
    icon.svg()
        .filter(|document| document.root_element().has_tag_name((SVG, "svg")))
}

pub(super) fn has_element(document: &Document<'_>, names: &[&str]) -> bool {
    document.descendants().any(|node| is_named(&node, names))
}

/// Whether an element has one of these names in any namespace and case: browsers that read a file
/// as HTML ignore both.
pub(super) fn is_named(node: &Node<'_, '_>, names: &[&str]) -> bool {
    let name = node.tag_name().name();
    names.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Removes an attribute and the white space before it.
pub(super) fn removed(text: &str, attribute: Range<usize>) -> (Range<usize>, String) {
    let before = text
        .get(..attribute.start)
        .unwrap_or_default()
        .trim_ascii_end();
    (before.len()..attribute.end, String::new())
}

/// The text after each `url(` and the quote there, up to the end of the text.
pub(super) fn urls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('(')
        .filter_map(|(at, _)| url_at(text, at))
}

/// The text after `url(` and the quote there, if the parenthesis at this place is part of `url(`.
fn url_at(text: &str, parenthesis: usize) -> Option<&str> {
    let name = &text.as_bytes()[parenthesis.checked_sub(3)?..parenthesis];
    if !name.eq_ignore_ascii_case(b"url") {
        return None;
    }
    let after = &text[parenthesis + 1..];
    Some(after.trim_start_matches(|char: char| char.is_ascii_whitespace() || "'\"".contains(char)))
}

/// A text in lower case without white space, which browsers ignore in a URL.
pub(super) fn squeezed(text: &str) -> String {
    let mut squeezed = text.to_ascii_lowercase();
    squeezed.retain(|char| !char.is_whitespace() && !char.is_control());
    squeezed
}

/// Whether a text contains a lower-case needle in any case.
pub(super) fn contains(text: &str, needle: &str) -> bool {
    text.as_bytes()
        .windows(needle.len())
        .any(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}
