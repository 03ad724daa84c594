use std::ops::Range;

use roxmltree::Document;

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{document, elements, is_named};
use crate::finding::Change;
use crate::source::Location;
use crate::text::thousands;

rule! {
    /// Finds SVG icons that take more than one line. A line end at the end of the file is fine.
    ///
    /// ## Why
    ///
    /// An icon on one line has been through a program that makes icons small. White space between
    /// elements is not drawn, but is loaded by everybody.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">
    ///   <path d="M0 0h8v8z"/>
    /// </svg>
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
    /// Line breaks between elements are removed, with the white space around them; others become
    /// spaces. An icon is left as it is where one is in a `text`, `style`, `script` or
    /// `foreignObject` element or in `<![CDATA[…]]>`: there it may mean something.
    SVG_MULTIPLE_LINES = "svg-multiple-lines", Error, Review, fixable: true, Icon(check)
}

/// Elements in which white space may mean something.
const KEPT: [&str; 4] = ["text", "style", "script", "foreignObject"];

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(context) else {
        return Vec::new();
    };
    let text = document.input_text();
    // Most icons are as they should be, and a search for one sign is fast.
    let inside = text.trim_ascii();
    if !inside.contains('\n') && !inside.contains('\r') {
        return Vec::new();
    }
    // A lone carriage return is a line end in XML as well.
    let lines = text.split(['\n', '\r']).filter(|line| !line.trim_ascii().is_empty()).count();
    if lines < 2 {
        return Vec::new();
    }
    let start = text.len() - text.trim_ascii_start().len();
    let end = start + text.get(start..).and_then(|it| it.find(['\n', '\r'])).unwrap_or_default();
    let message = format!("this icon takes {} lines, not one", thousands(lines));
    let problem = |help| Problem::new(Location::Bytes(start..end), message, help);
    vec![match joined(document) {
        Some(replacements) => {
            problem("Put all of it on one line: programs that make SVG files smaller do so.")
                .fix("put it on one line", Change::Replace(replacements))
        }
        None => problem(
            "Put all of it on one line, and look at it afterwards: line breaks in its text, styles or \
             programs may mean something.",
        ),
    }]
}

type Replacements = Vec<(Range<usize>, String)>;

/// What puts an icon on one line; `None` where a line break may mean something.
fn joined(document: &Document<'_>) -> Option<Replacements> {
    if has_break_to_keep(document) {
        return None;
    }
    let text = document.input_text();
    let mut replacements = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|it| !it.is_empty()) {
        let length = if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<![CDATA[") {
            let length = rest.find("]]>")? + 3;
            if rest.get(..length)?.contains(['\n', '\r']) {
                return None;
            }
            length
        } else if rest.starts_with("<?") {
            rest.find("?>")? + 2
        } else if rest.starts_with('<') {
            length_of_tag(rest)?
        } else {
            rest.find('<').unwrap_or(rest.len())
        };
        let part = rest.get(..length)?;
        if part.starts_with('<') {
            in_markup(part, at, &mut replacements);
        } else {
            between_tags(part, at, at + length == text.len(), &mut replacements);
        }
        at += length;
    }
    Some(replacements)
}

/// Whether a line break is in an element in which white space may mean something.
fn has_break_to_keep(document: &Document<'_>) -> bool {
    let text = document.input_text();
    // All up to here was looked at already: such elements may be nested.
    let mut seen = 0;
    elements(document).filter(|element| is_named(element, &KEPT)).any(|element| {
        let range = element.range();
        let unseen = seen.max(range.start)..range.end;
        seen = seen.max(range.end);
        text.get(unseen).is_some_and(|it| it.contains(['\n', '\r']))
    })
}

/// How long the tag is with which a text begins, up to the `>` outside of quotes.
fn length_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            (None, b'>') => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// Line breaks in tags, comments and instructions become spaces, which they mean there.
fn in_markup(part: &str, start: usize, replacements: &mut Replacements) {
    for range in breaks(part) {
        let behind = part.get(range.end..).unwrap_or_default();
        // No space is needed at the end of a tag; a comment has to stay clear of its `-->`.
        let is_end = behind == ">" || behind == "/>";
        let space = if is_end { String::new() } else { " ".to_owned() };
        replacements.push((start + range.start..start + range.end, space));
    }
}

/// White space with line breaks goes where it is at an edge; between words it becomes a space. The
/// end of the file keeps one line end.
fn between_tags(part: &str, start: usize, is_last: bool, replacements: &mut Replacements) {
    for range in breaks(part) {
        let is_inside = range.start > 0 && range.end < part.len();
        let replacement = match (is_inside, is_last) {
            (true, _) => " ",
            (false, true) => "\n",
            (false, false) => "",
        };
        if part.get(range.clone()) != Some(replacement) {
            let range = start + range.start..start + range.end;
            replacements.push((range, replacement.to_owned()));
        }
    }
}

/// The runs of white space with a line break in them, in bytes.
fn breaks(part: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let rest = part.get(at..)?;
            let start = at + rest.find(|it: char| it.is_ascii_whitespace())?;
            let run = part.get(start..)?;
            at = start + run.len() - run.trim_ascii_start().len();
            if part.get(start..at)?.contains(['\n', '\r']) {
                return Some(start..at);
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::{fixed, problems};

    fn svg(inside: &str) -> String {
        format!("<svg xmlns='http://www.w3.org/2000/svg'>{inside}</svg>")
    }

    #[test]
    fn line_breaks_between_elements_go_and_those_in_tags_become_spaces() {
        let text = "<?xml version='1.0'?>\r\n<svg\n    xmlns='http://www.w3.org/2000/svg'\n>\n\
                    <!-- a\n b --><path\r\n  d='M0\n 0>'\n  />\n\t<title>\n  A\n  b\n</title>\n</svg\n>\n\n";
        let one_line = "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'>\
                        <!-- a b --><path d='M0 0>'/><title>A b</title></svg>\n";
        assert_eq!(fixed(&SVG_MULTIPLE_LINES, text), one_line);
        assert!(problems(&SVG_MULTIPLE_LINES, one_line).is_empty());
    }

    #[test]
    fn line_breaks_that_may_mean_something_stay() {
        for inside in [
            "<text>a\nb</text>",
            "<g><text><tspan>a\n</tspan></text></g>",
            "<style>a\n{}</style>",
            "<script>// a\nb</script>",
            "<desc><![CDATA[a\nb]]></desc>",
        ] {
            let text = svg(inside);
            assert_eq!(problems(&SVG_MULTIPLE_LINES, &text).len(), 1, "{inside}");
            assert_eq!(fixed(&SVG_MULTIPLE_LINES, &text), text);
        }
    }

    #[test]
    fn one_line_may_have_line_ends_around_it() {
        for text in [svg(""), format!("{}\n", svg("")), format!("\n{}\r\n", svg(""))] {
            assert!(problems(&SVG_MULTIPLE_LINES, &text).is_empty(), "{text}");
        }
    }
}
