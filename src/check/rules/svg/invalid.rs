use std::ops::Range;

use roxmltree::{Document, Error};

use super::part::Part;
use crate::check::context::{IconContext, Image};
use crate::check::rule::{Problem, rule};
use crate::check::rules::json_encoding::of_encoding;
use crate::check::svg::{MAX_ATTRIBUTES, MAX_DECLARATIONS, SVG};
use crate::source::Location;
use crate::text::{quote, visible};

/// How much of the parser's message is shown.
const MAX_REASON_CHARS: usize = 120;

const DOCTYPE: &str = "<!DOCTYPE";

rule! {
    /// Finds SVG icons that are not valid SVG: files that are not UTF-8 or not well-formed XML, that
    /// have a document type, or have a root element other than `svg` in the SVG namespace.
    ///
    /// ## Why
    ///
    /// Browsers do not show such a file. A document type can make a few bytes expand to gigabytes,
    /// or read other files.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg viewBox="0 0 8 8"><path d="M0 0h8v8z"></svg>
    /// ```
    ///
    /// ## Good
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
    /// ```
    SVG_INVALID = "svg-invalid", Error, Output, fix: None, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let problem = match (context.image, &context.file.problem) {
        (_, Some(problem)) => of_encoding(problem),
        (Image::Svg(Ok(document)), None) => of_root(document),
        (Image::Svg(Err(error)), None) => Some(of_error(&context.file.text, error)),
        (Image::Png | Image::Unread, None) => None,
    };
    problem.into_iter().collect()
}

fn of_root(document: &Document<'_>) -> Option<Problem> {
    let node = document.root_element();
    let (message, help) = match (node.tag_name().name(), node.tag_name().namespace()) {
        ("svg", Some(SVG)) => return None,
        ("svg", None) => ("the `svg` element has no `xmlns`".to_owned(), ADD_XMLNS),
        ("svg", Some(other)) => (
            format!("{} is not the SVG namespace", quote(other)),
            ADD_XMLNS,
        ),
        (name, _) => {
            let message = format!("the root element is {}, not `svg`", quote(name));
            (
                message,
                "This is another kind of file: export the icon as SVG.",
            )
        }
    };
    let root = Part {
        node,
        attribute: None,
    };
    Some(Problem::new(Location::Bytes(root.range()), message, help))
}

const ADD_XMLNS: &str = "Write `<svg xmlns=\"http://www.w3.org/2000/svg\"`.";

fn of_error(text: &str, error: &Error) -> Problem {
    let location = Location::Bytes(location_of(text, error));
    let (message, help) = match error {
        Error::DtdDetected => (
            "`<!DOCTYPE` is not allowed in an icon".to_owned(),
            "Remove it up to its closing `>`: SVG needs no document type, and one can do harm.",
        ),
        Error::AttributesLimitReached => (
            format!("a tag has more than {MAX_ATTRIBUTES} attributes"),
            "Remove unneeded attributes. The icon is not checked until then.",
        ),
        Error::NamespacesLimitReached => (
            format!("this SVG has more than {MAX_DECLARATIONS} `xmlns` declarations"),
            "Keep only those in the `<svg` tag. The icon is not checked until then.",
        ),
        _ => (
            format!("this file is not well-formed XML: {}", reason(error)),
            "Export the icon again as SVG, or minify it, for example with SVGO.",
        ),
    };
    Problem::new(location, message, help)
}

/// The parser's message without the position, which the finding has. A name in it can be long.
fn reason(error: &Error) -> String {
    let message = error.to_string();
    let reason = message.replace(&format!(" at {}", error.pos()), "");
    match reason.char_indices().nth(MAX_REASON_CHARS) {
        Some((end, _)) => format!("{}…", visible(&reason[..end])),
        None => visible(&reason),
    }
}

/// The range of an error in bytes.
fn location_of(text: &str, error: &Error) -> Range<usize> {
    match error {
        Error::DtdDetected => {
            let start = text.find(DOCTYPE).unwrap_or_default();
            start..(start + DOCTYPE.len()).min(text.len())
        }
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => {
            let last = text.trim_end().char_indices().next_back();
            char_at(text, last.map_or(0, |(start, _)| start))
        }
        _ => {
            let (row, column) = (error.pos().row as usize, error.pos().col as usize);
            let lines = text.split_inclusive('\n').take(row.saturating_sub(1));
            let start: usize = lines.map(str::len).sum();
            let line = text.get(start..).unwrap_or_default().chars();
            let before = line.take(column.saturating_sub(1)).map(char::len_utf8);
            char_at(text, start + before.sum::<usize>())
        }
    }
}

/// The range of the character at an offset, which is empty at the end.
fn char_at(text: &str, start: usize) -> Range<usize> {
    let rest = text.get(start..).unwrap_or_default();
    start..start + rest.chars().next().map_or(0, char::len_utf8)
}
