//! What the rules about icons in SVG share: a parser with limits, and questions about elements,
//! attributes and the addresses in them.

use std::ops::Range;

use roxmltree::{Attribute, Document, Error, Node};

use super::context::IconContext;
use super::rule::Problem;

/// How many findings a rule makes of one icon. Whoever mends twenty faults of a kind sees the next
/// ones then; a stranger's file can hold a hundred thousand.
pub(crate) const MAX_PROBLEMS: usize = 20;

/// The namespace of SVG.
pub(crate) const SVG: &str = "http://www.w3.org/2000/svg";

/// The namespace of `xlink:href`.
pub(crate) const XLINK: &str = "http://www.w3.org/1999/xlink";

/// The most attributes that one tag of a large icon may have.
pub(crate) const MAX_ATTRIBUTES: usize = 256;

/// The most declarations of a namespace that a large icon may have.
pub(crate) const MAX_DECLARATIONS: usize = 64;

/// No file up to this size, in bytes, keeps the parser busy, whatever is in it.
const HARMLESS: usize = 8 * 1024;

/// Parses an icon.
///
/// No document type is allowed, so there are no entities that could grow. The parser compares each
/// attribute of a tag with all others, and gives every declared namespace to all elements within;
/// so there are limits to both.
///
/// # Errors
///
/// Why it is no XML, or which limit it is beyond.
pub(crate) fn parse(text: &str) -> Result<Document<'_>, Error> {
    if text.len() > HARMLESS {
        if attributes_of_one_tag(text.as_bytes()) > MAX_ATTRIBUTES {
            return Err(Error::AttributesLimitReached);
        }
        if text.matches("xmlns").count() > MAX_DECLARATIONS {
            return Err(Error::NamespacesLimitReached);
        }
    }
    Document::parse(text)
}

/// An upper bound of the number of attributes of any one tag. Nothing is left out for being in a
/// comment or in quotes: what only looks like one must not hide a tag.
fn attributes_of_one_tag(text: &[u8]) -> usize {
    let (mut most, mut count) = (0, 0);
    for (at, byte) in text.iter().enumerate() {
        match byte {
            // There is no such sign in a tag, not even in a value.
            b'<' => count = 0,
            b'=' => {
                let behind = text.get(at + 1..).unwrap_or_default().trim_ascii_start();
                if let [b'"' | b'\'', ..] = behind {
                    count += 1;
                    most = most.max(count);
                }
            }
            _ => {}
        }
    }
    most
}

/// The document of an icon that is an SVG file in every respect; rules about what is in one need no
/// other.
pub(crate) fn document<'c>(context: &IconContext<'c>) -> Option<&'c Document<'c>> {
    context.svg().filter(|document| document.root_element().has_tag_name((SVG, "svg")))
}

/// All elements in the order of the text.
pub(crate) fn elements<'a, 'i>(document: &'a Document<'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    document.descendants().filter(Node::is_element)
}

/// What a rule has to say of the elements, asked one by one in the order of the text, up to
/// [`MAX_PROBLEMS`].
pub(crate) fn of_elements<'c>(
    context: &IconContext<'c>,
    mut say: impl FnMut(&'c Document<'c>, &Node<'c, 'c>, &mut Vec<Problem>),
) -> Vec<Problem> {
    let mut problems = Vec::new();
    if let Some(document) = document(context) {
        for element in elements(document) {
            if problems.len() >= MAX_PROBLEMS {
                break;
            }
            say(document, &element, &mut problems);
        }
    }
    problems.truncate(MAX_PROBLEMS);
    problems
}

/// All attributes in the order of the text.
pub(crate) fn attributes<'a, 'i>(
    document: &'a Document<'i>,
) -> impl Iterator<Item = Attribute<'a, 'i>> {
    elements(document).flat_map(|element| element.attributes())
}

/// Whether there is an element of one of these names, in whatever namespace.
pub(crate) fn has_element(document: &Document<'_>, names: &[&str]) -> bool {
    elements(document).any(|element| is_named(&element, names))
}

/// Whether an element has one of these names, in whatever namespace and case: browsers that read a
/// file as HTML do not distinguish either.
pub(crate) fn is_named(element: &Node<'_, '_>, names: &[&str]) -> bool {
    let name = element.tag_name().name();
    names.iter().any(|it| name.eq_ignore_ascii_case(it))
}

/// The range of an element's `<name`, in bytes.
pub(crate) fn start_of(element: &Node<'_, '_>) -> Range<usize> {
    let range = element.range();
    let text = element.document().input_text().get(range.clone()).unwrap_or_default();
    let ends = |it: char| it.is_ascii_whitespace() || matches!(it, '/' | '>');
    range.start..range.start + text.find(ends).unwrap_or(text.len())
}

/// The name of an attribute as it is written, with its prefix.
pub(crate) fn name_of<'i>(document: &Document<'i>, attribute: &Attribute<'_, 'i>) -> &'i str {
    document.input_text().get(attribute.range_qname()).unwrap_or(attribute.name())
}

/// The range of an attribute and the white space before it, in bytes: what goes where it goes.
pub(crate) fn removal(document: &Document<'_>, attribute: &Attribute<'_, '_>) -> Range<usize> {
    let range = attribute.range();
    let before = document.input_text().get(..range.start).unwrap_or_default();
    before.trim_ascii_end().len()..range.end
}

/// The text of a `style` element. Comments part it, but not for browsers.
pub(crate) fn css_of(element: &Node<'_, '_>) -> String {
    element.children().filter(Node::is_text).filter_map(|it| it.text()).collect()
}

/// What stands behind each `url(` of a text and the quotes there. It goes on to the end of the text.
pub(crate) fn urls(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('(').filter_map(|(at, _)| {
        let name = text.as_bytes().get(at.checked_sub(3)?..at)?;
        let behind = text.get(at + 1..).filter(|_| name.eq_ignore_ascii_case(b"url"))?;
        Some(behind.trim_start_matches(|it: char| it.is_ascii_whitespace() || "'\"".contains(it)))
    })
}

/// A text in lower case without any white space, which browsers pass over within an address.
pub(crate) fn squeezed(text: &str) -> String {
    let visible = text.chars().filter(|it| !it.is_whitespace() && !it.is_control());
    visible.map(|it| it.to_ascii_lowercase()).collect()
}

/// Whether a text holds a needle in lower case, in whatever case.
pub(crate) fn contains(text: &str, needle: &str) -> bool {
    let needle = needle.as_bytes();
    text.as_bytes().windows(needle.len()).any(|it| it.eq_ignore_ascii_case(needle))
}

/// Parses an icon, lets a rule look at it, and makes the text with all its fixes of the answer.
#[cfg(test)]
pub(crate) fn fixed(rule: &super::Rule, text: &str) -> String {
    use crate::finding::Change;
    use crate::text::replace;

    let mut replacements = Vec::new();
    for problem in problems(rule, text) {
        let Some(fix) = problem.fix else { continue };
        let Change::Replace(of_problem) = fix.change else { panic!("{:?}", fix.change) };
        replacements.extend(of_problem);
    }
    let fixed = replace(text, replacements);
    let document = Document::parse(&fixed);
    assert!(document.is_ok(), "{document:?}: {fixed}");
    fixed
}

/// What a rule says of an icon.
#[cfg(test)]
pub(crate) fn problems(rule: &super::Rule, text: &str) -> Vec<Problem> {
    use super::context::Image;
    use super::rule::Check;
    use crate::source::{Kind, SourceFile};

    let path = "img/e/example.com.svg".into();
    let file = SourceFile::from_bytes(path, Kind::Icon, text.as_bytes(), None);
    let image = Image::of(&file);
    let Check::Icon(check) = rule.check else { panic!("{}", rule.id) };
    check(&IconContext { file: &file, image: &image })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::check::RULES;
    use crate::check::context::Image;
    use crate::check::rule::Check;
    use crate::source::{Kind, SourceFile};

    const MANY: usize = 1 << 20;

    /// Every rule over a hostile file, in a time that a quadratic loop over it would not keep.
    fn look(text: &str) {
        let start = Instant::now();
        let path = "img/e/example.com.svg".into();
        let file = SourceFile::from_bytes(path, Kind::Icon, text.as_bytes(), None);
        let image = Image::of(&file);
        for rule in RULES {
            let Check::Icon(check) = rule.check else { continue };
            let found = check(&IconContext { file: &file, image: &image });
            assert!(found.len() <= MAX_PROBLEMS, "{}: {}", rule.id, found.len());
        }
        let taken = start.elapsed();
        assert!(taken < Duration::from_secs(5), "{taken:?}: {text:.60}");
    }

    fn filled(start: &str, part: &str, end: &str) -> String {
        let times = (MANY - start.len() - end.len()) / part.len();
        format!("{start}{}{end}", part.repeat(times))
    }

    #[test]
    fn deep_nesting_does_not_overflow_the_stack() {
        let depth = 130_000;
        let text =
            format!("<svg xmlns='{SVG}'>{}{}</svg>", "<g>".repeat(depth), "</g>".repeat(depth));
        look(&text);
        look(&format!("<svg xmlns='{SVG}'>{}", "<g>".repeat(300_000)));
    }

    #[test]
    fn a_megabyte_of_anything_takes_no_more_than_a_moment() {
        let svg = format!("<svg xmlns='{SVG}'>");
        for part in [
            "<!---->",
            "<?a?>",
            "<path fill='#000' d='a'/>",
            "<style>url(#a</style>",
            "<style/>",
            "<script/>",
            "<![CDATA[]]>\n",
            "\n<a href='http:'/>",
            "<text>\n</text>",
            "&#10;",
        ] {
            look(&filled(&svg, part, "</svg>"));
        }
        look(&filled(&format!("{svg}<style>"), "url(#", "</style></svg>"));
        look(&filled(&format!("{svg}<a style='"), "url(#", "'/></svg>"));
        look(&filled(&format!("{svg}<a style='"), "\n   ", "'/></svg>"));
        look(&filled(&format!("{svg}<a style='"), "data:", "'/></svg>"));
        look(&filled(&format!("{svg}<a"), "\n", "/></svg>"));
    }

    #[test]
    fn too_many_attributes_or_declarations_are_refused_before_they_cost_anything() {
        let mut attributes = format!("<!-- =\" --><svg xmlns='{SVG}'");
        let mut nested = format!("<svg xmlns='{SVG}'>");
        for index in 0..40_000 {
            write!(attributes, " a{index}\n=\t''").unwrap();
            write!(nested, "<g xmlns:a{index}='b'>").unwrap();
        }
        attributes.push_str("/>");
        assert!(matches!(parse(&attributes), Err(Error::AttributesLimitReached)));
        assert!(matches!(parse(&nested), Err(Error::NamespacesLimitReached)));
        look(&attributes);
        look(&nested);
    }

    #[test]
    fn an_address_is_what_stands_behind_url() {
        let found: Vec<&str> = urls("translate(1) URL( '#a') url(b").map(|it| &it[..1]).collect();
        assert_eq!(found, ["#", "b"]);
        assert_eq!(squeezed("Java\tScr\nipt: A"), "javascript:a");
    }
}
