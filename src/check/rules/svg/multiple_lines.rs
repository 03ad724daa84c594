use std::ops::Range;

use roxmltree::Document;

use super::part::{document, is_named};
use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::{Location, Verb};
use crate::text::thousands;

rule! {
    /// Finds SVG icons that span several lines. A line break at the end of the file is fine.
    ///
    /// ## Why
    ///
    /// Minifiers put an icon on one line. Browsers download the white space between elements but do
    /// not draw it.
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
    /// Removes line breaks between elements, with the white space around them, and replaces others
    /// with spaces. An icon stays unchanged if a line break is in a `text`, `style`, `script` or
    /// `foreignObject` element or in `<![CDATA[…]]>`, where it can have a meaning.
    SVG_MULTIPLE_LINES = "svg-multiple-lines", Error, Review, fix: Safe, Icon(check)
}

/// Elements in which a line break can have a meaning.
const KEPT: [&str; 4] = ["text", "style", "script", "foreignObject"];

/// The start and end of markup that is not a tag.
const MARKUP: [(&str, &str); 3] = [("<!--", "-->"), (CDATA, "]]>"), ("<?", "?>")];

const CDATA: &str = "<![CDATA[";

fn check(icon: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(icon) else {
        return Vec::new();
    };
    let text = document.input_text();
    let trimmed = text.trim_ascii();
    let breaks = ['\n', '\r'].map(|char| trimmed.find(char));
    let Some(end_of_line) = breaks.into_iter().flatten().min() else {
        return Vec::new();
    };
    let (line, rest) = trimmed.split_at(end_of_line);
    let lines = 1 + rest
        .split(['\n', '\r'])
        .filter(|line| !line.trim_ascii().is_empty())
        .count();
    let start = text.len() - text.trim_ascii_start().len();
    let location = Location::Bytes(start..start + line.len());
    let message = format!("this SVG spans {} lines", thousands(lines));
    vec![match joined(document) {
        Some(replacements) => Problem::new(location, message, REMOVE).fix(
            Verb::Put.title("it on one line"),
            Change::Replace(replacements),
        ),
        None => Problem::new(location, message, MINIFY),
    }]
}

const REMOVE: &str = "Remove the line breaks, or minify it with a program such as SVGO.";

const MINIFY: &str = "Minify it, for example with SVGO, and check that it looks the same: line \
                      breaks in text, styles or scripts can have a meaning.";

/// Whether a byte of a text ends a line. A lone carriage return does in XML, too.
fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The changes that put an icon on one line; `None` if a line break can have a meaning.
fn joined(document: &Document<'_>) -> Option<Vec<(Range<usize>, String)>> {
    let text = document.input_text();
    // Elements inside a searched element are not searched again.
    let mut searched = 0;
    for node in document.descendants() {
        let range = node.range();
        if range.start >= searched && is_named(&node, &KEPT) {
            searched = range.end;
            if text.get(range)?.bytes().any(is_break) {
                return None;
            }
        }
    }
    let mut replacements = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = text.get(at..)?;
        let length = match MARKUP.iter().find(|(start, _)| rest.starts_with(start)) {
            Some((_, end)) => rest.find(end)? + end.len(),
            None if rest.starts_with('<') => length_of_tag(rest)?,
            None => rest.find('<').unwrap_or(rest.len()),
        };
        let part = rest.get(..length)?;
        for range in breaks(part) {
            let after = part.get(range.end..)?;
            let is_markup = part.starts_with('<');
            let is_edge = range.start == 0 || after.is_empty();
            let replacement = match after {
                _ if part.starts_with(CDATA) => return None,
                ">" | "/>" if is_markup => "",
                _ if is_markup || !is_edge => " ",
                _ if at + length == text.len() => "\n",
                _ => "",
            };
            replacements.push((at + range.start..at + range.end, replacement.to_owned()));
        }
        at += length;
    }
    Some(replacements)
}

/// The length of the tag at the start of a text, up to the `>` outside quotes.
fn length_of_tag(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The runs of white space that contain a line break, in bytes.
fn breaks(part: &str) -> Vec<Range<usize>> {
    let mut breaks = Vec::new();
    let mut at = 0;
    while let Some(offset) = part[at..].bytes().position(is_break) {
        let line_break = at + offset;
        let start = part[..line_break].trim_ascii_end().len();
        at = part.len() - part[line_break..].trim_ascii_start().len();
        breaks.push(start..at);
    }
    breaks
}
