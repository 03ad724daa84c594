use std::collections::HashSet;
use std::ops::Range;

use roxmltree::{Attribute, Document, NS_XML_URI, Node};

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{
    MAX_PROBLEMS, SVG, XLINK, document, elements, has_element, name_of, removal,
};
use crate::finding::Change;
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds attributes of SVG icons without which they look the same: `version`, `baseProfile`,
    /// `enable-background`, `data-…`, `class` where there are no styles, black as the `fill` where
    /// nothing else is set, `fill-rule="nonzero"` likewise, notes of drawing programs such as
    /// `inkscape:label`, and `xmlns:…` whose prefix is not used. Also `fill-opacity`, which a colour
    /// can say as well.
    ///
    /// ## Why
    ///
    /// They are not drawn, but are loaded by everybody.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.1" viewBox="0 0 8 8"><path fill="#000" d="M0 0h8v8z"/></svg>
    /// ```
    ///
    /// ## Good
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
    /// ```
    ///
    /// ## Fix
    ///
    /// The attribute is removed, unless it is `fill-opacity`, or the icon has styles or programs that
    /// may look at it.
    SVG_SUPERFLUOUS_ATTRIBUTE = "svg-superfluous-attribute", Warning, Review, fixable: true, Icon(check)
}

/// What an icon holds that decides on attributes.
struct Icon<'a, 'i> {
    document: &'a Document<'i>,
    /// Whether styles or programs may look at attributes.
    is_observed: bool,
    /// Whether parts may take over what is set elsewhere: as copies, or in an animation.
    is_redrawn: bool,
}

/// Up to where, in bytes, an element sets what those within it take over.
#[derive(Default)]
struct Inherited {
    fill: usize,
    fill_rule: usize,
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(context) else {
        return Vec::new();
    };
    let mut icon = None;
    let mut inherited = Inherited::default();
    let mut problems = Vec::new();
    for element in elements(document) {
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
        let is_drawn = element.tag_name().namespace() == Some(SVG);
        for attribute in element.attributes().filter(|_| is_drawn) {
            if !is_suspect(&attribute) {
                continue;
            }
            // Most icons have nothing of the kind, and are not looked at for this.
            let icon = icon.get_or_insert_with(|| Icon::new(document));
            problems.extend(icon.judge(&element, &attribute, &inherited));
        }
        inherited.extend(&element);
    }
    problems.extend(unused_prefixes(document));
    problems.truncate(MAX_PROBLEMS);
    problems
}

/// Whether an attribute may be superfluous by its name.
fn is_suspect(attribute: &Attribute<'_, '_>) -> bool {
    let known = [
        "version",
        "baseProfile",
        "enable-background",
        "class",
        "fill",
        "fill-rule",
        "fill-opacity",
    ];
    match attribute.namespace() {
        Some(namespace) => !matches!(namespace, XLINK | NS_XML_URI),
        None => known.contains(&attribute.name()) || attribute.name().starts_with("data-"),
    }
}

impl<'a, 'i> Icon<'a, 'i> {
    fn new(document: &'a Document<'i>) -> Self {
        let is_observed = has_element(document, &["style", "script"])
            || document.descendants().any(|node| node.is_pi());
        let is_redrawn = has_element(document, &["use", "set", "animate", "animateColor"]);
        Self { document, is_observed, is_redrawn }
    }

    /// What is wrong with a suspect.
    fn judge(
        &self,
        element: &Node<'_, '_>,
        attribute: &Attribute<'_, 'i>,
        inherited: &Inherited,
    ) -> Option<Problem> {
        let start = element.range().start;
        let is_free =
            |set_up_to: usize| set_up_to <= start && !self.is_observed && !self.is_redrawn;
        let name = quote(name_of(self.document, attribute));
        let message = match (attribute.namespace(), attribute.name()) {
            (Some(_), _) => format!("{name} is a note of a drawing program"),
            (None, "class") if self.is_observed => return None,
            (None, "class") => {
                format!("{name} is without effect: this icon has no `style` element")
            }
            (None, "fill") => {
                if !is_black(attribute.value()) || !is_free(inherited.fill) || is_animation(element)
                {
                    return None;
                }
                format!("{name} is {}, as it would be without it", quote(attribute.value()))
            }
            (None, "fill-rule") => {
                if attribute.value().trim() != "nonzero" || !is_free(inherited.fill_rule) {
                    return None;
                }
                format!("{name} is `nonzero`, as it would be without it")
            }
            (None, "fill-opacity") => {
                let message = format!("{name} says what a colour can say");
                let help = "Write it as part of the `fill`: half of the black of `#000` is `#00000080`. \
                            Where it is 1, remove it.";
                return Some(Problem::new(Location::Bytes(attribute.range()), message, help));
            }
            _ => format!("{name} changes nothing in how the icon looks"),
        };
        let problem = Problem::new(Location::Bytes(attribute.range()), message, "Remove it.");
        if self.is_observed {
            return Some(problem);
        }
        let change = Change::Replace(vec![(removal(self.document, attribute), String::new())]);
        Some(problem.fix("remove it", change))
    }
}

impl Inherited {
    /// Takes in what an element sets for those within it. They all come before the next one that is
    /// not.
    fn extend(&mut self, element: &Node<'_, '_>) {
        for attribute in element.attributes() {
            let value = attribute.value();
            let (fill, fill_rule) = match attribute.name() {
                "fill" => (!is_black(value), false),
                "fill-rule" => (false, value.trim() != "nonzero"),
                "style" => (value.contains("fill"), value.contains("fill-rule")),
                _ => continue,
            };
            let end = element.range().end;
            if fill {
                self.fill = self.fill.max(end);
            }
            if fill_rule {
                self.fill_rule = self.fill_rule.max(end);
            }
        }
    }
}

fn is_black(value: &str) -> bool {
    matches!(value.trim(), "#000" | "#000000" | "black")
}

/// Whether `fill` says something else of this element.
fn is_animation(element: &Node<'_, '_>) -> bool {
    element.tag_name().name().starts_with("animate") || element.tag_name().name() == "set"
}

/// The declarations of the outermost element whose prefixes nothing has.
fn unused_prefixes<'i>(document: &Document<'i>) -> Vec<Problem> {
    let text = document.input_text();
    let root = document.root_element();
    let declarations = declarations(text, root.range().start);
    if declarations.is_empty() {
        return Vec::new();
    }
    let mut used: HashSet<&'i str> = HashSet::new();
    let mut last = None;
    let mut note = |start: usize| {
        let rest = text.get(start..).unwrap_or_default();
        let ends = |it: char| it.is_ascii_whitespace() || matches!(it, ':' | '=' | '/' | '>');
        let (name, rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
        // The same prefix is often used many times in a row.
        if rest.starts_with(':') && last != Some(name) {
            last = Some(name);
            used.insert(name);
        }
    };
    for element in elements(document) {
        note(element.range().start + 1);
        for attribute in element.attributes() {
            if attribute.namespace().is_some() {
                note(attribute.range().start);
            }
        }
    }
    let unused = declarations.into_iter().filter(|(prefix, _)| !used.contains(prefix));
    let problems = unused.map(|(prefix, range)| {
        let before = text.get(..range.start).unwrap_or_default();
        let removal = before.trim_ascii_end().len()..range.end;
        let name = quote(&format!("xmlns:{prefix}"));
        let message = format!(
            "{name} is without effect: nothing begins with {}",
            quote(&format!("{prefix}:"))
        );
        Problem::new(Location::Bytes(range), message, "Remove it.")
            .fix("remove it", Change::Replace(vec![(removal, String::new())]))
    });
    problems.collect()
}

/// The prefixes that the tag at an offset declares, each with the range of its declaration in bytes:
/// the parser keeps none of these.
fn declarations(text: &str, tag: usize) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = tag;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let Some(equals) =
            rest.find(['=', '>']).filter(|end| rest.as_bytes().get(*end) == Some(&b'='))
        else {
            return found;
        };
        let name = rest.get(..equals).unwrap_or_default().trim_ascii_end();
        let name_start = name.rfind(|it: char| it.is_ascii_whitespace()).map_or(0, |it| it + 1);
        let value = rest.get(equals + 1..).unwrap_or_default().trim_ascii_start();
        let Some(quote) = value.chars().next() else { return found };
        let Some(length) = value.get(1..).and_then(|it| it.find(quote)) else { return found };
        let end = text.len() - value.len() + length + 2;
        if let Some(prefix) = name.get(name_start..).and_then(|it| it.strip_prefix("xmlns:")) {
            found.push((prefix, at + name_start..end));
        }
        at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::{fixed, problems};

    fn svg(inside: &str) -> String {
        format!("<svg xmlns='http://www.w3.org/2000/svg'>{inside}</svg>")
    }

    fn fixed_to(inside: &str, expected: &str) {
        assert_eq!(fixed(&SVG_SUPERFLUOUS_ATTRIBUTE, &svg(inside)), svg(expected));
    }

    #[test]
    fn what_changes_nothing_is_removed() {
        fixed_to("<g version='1'\n data-a='' id='b' class=\"c\"/>", "<g id='b'/>");
        fixed_to("<g fill='#000' ><path fill='black'/></g>", "<g ><path/></g>");
        fixed_to("<path fill-rule='nonzero'/>", "<path/>");
        fixed_to("<g xmlns:a='b' a:c='d' xml:lang='e'/>", "<g xmlns:a='b' xml:lang='e'/>");
    }

    #[test]
    fn black_stays_where_it_changes_something() {
        for inside in [
            "<g fill='red'><g><path fill='#000'/></g></g>",
            "<g style='fill:red'><path fill='#000'/></g>",
            "<path id='a' fill='#000'/><use href='#a' fill='red'/>",
            "<style>path{fill:red}</style><path fill='#000'/>",
            "<g fill-rule='evenodd'><path fill-rule='nonzero'/></g>",
            "<g><set attributeName='fill' to='red'/><path fill='#000'/></g>",
            "<animateMotion fill='#000'/>",
        ] {
            assert!(problems(&SVG_SUPERFLUOUS_ATTRIBUTE, &svg(inside)).is_empty(), "{inside}");
        }
        fixed_to("<g fill='red'/><path fill='#000'/>", "<g fill='red'/><path/>");
    }

    #[test]
    fn what_styles_may_look_at_stays() {
        let inside = "<style>.a{}</style><g class='a' data-b='c'/>";
        assert_eq!(problems(&SVG_SUPERFLUOUS_ATTRIBUTE, &svg(inside)).len(), 1);
        fixed_to(inside, inside);
    }

    #[test]
    fn unused_prefixes_of_the_outermost_element_are_removed() {
        let text =
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:a = \"b>\"\n xmlns:c='d' id='xmlns:e'\
                    xmlns:f='g'><c:h/><g f:i=''/></svg>"
                .replace("'xmlns:e'", "'xmlns:e' ");
        let expected = text.replace(" xmlns:a = \"b>\"", "").replace(" f:i=''", "");
        assert_eq!(fixed(&SVG_SUPERFLUOUS_ATTRIBUTE, &text), expected);
    }
}
