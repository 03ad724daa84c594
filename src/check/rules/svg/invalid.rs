use std::borrow::Cow;
use std::ops::Range;

use roxmltree::{Document, Error};

use super::part::Part;
use crate::check::context::{IconContext, Image};
use crate::check::rule::{Problem, rule};
use crate::check::rules::json_encoding::of_encoding;
use crate::check::svg::{MAX_ATTRIBUTES, MAX_DECLARATIONS, SVG};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds SVG icons that are not valid SVG: files that are not UTF-8 or not well-formed XML, that
    /// have a document type, or whose root element is not `svg` in the SVG namespace.
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
    SVG_INVALID = "svg-invalid", Error, Output, fixable: false, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let problem = match (context.image, &context.file.problem) {
        (_, Some(problem)) => of_encoding(problem),
        (Image::Svg(Ok(document)), None) => of_root(document),
        (Image::Svg(Err(error)), None) => {
            let (message, help) = of_error(error);
            let location = Location::Bytes(location_of(&context.file.text, error));
            Some(Problem::new(location, message, help))
        }
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
    let location = Location::Bytes(
        Part {
            node,
            attribute: None,
        }
        .range(),
    );
    Some(Problem::new(location, message, help))
}

const ADD_XMLNS: &str = "Write `<svg xmlns=\"http://www.w3.org/2000/svg\"`.";

/// The message and the help.
fn of_error(error: &Error) -> (Cow<'static, str>, &'static str) {
    match error {
        Error::DtdDetected => (
            "`<!DOCTYPE` is not allowed in an icon".into(),
            "Remove it up to its closing `>`: SVG needs no document type, and one can do harm.",
        ),
        Error::AttributesLimitReached => (
            format!("a tag has more than {MAX_ATTRIBUTES} attributes").into(),
            "Remove unneeded attributes. The icon is not checked until then.",
        ),
        Error::NamespacesLimitReached => (
            format!("this SVG has more than {MAX_DECLARATIONS} `xmlns` declarations").into(),
            "Keep only those in the `<svg` tag. The icon is not checked until then.",
        ),
        Error::UnexpectedCloseTag(expected, actual, _) => {
            let [expected, actual] = [expected, actual].map(|it| quote(&format!("</{it}>")));
            (
                format!("expected {expected}, found {actual}").into(),
                "Add the missing tag before it.",
            )
        }
        Error::UnknownNamespace(prefix, _) => {
            let message = format!(
                "the prefix {} is not declared",
                quote(&format!("{prefix}:"))
            );
            let help = match prefix.as_str() {
                "xlink" => "Add `xmlns:xlink=\"http://www.w3.org/1999/xlink\"` to the `<svg` tag.",
                _ => "Remove what starts with it: only drawing programs use it.",
            };
            (message.into(), help)
        }
        Error::UnknownEntityReference(name, _) => {
            let message = format!("XML does not define {}", quote(&format!("&{name};")));
            (message.into(), "Write the character itself.")
        }
        Error::MalformedEntityReference(_) => (
            "`&` starts a character reference that does not end".into(),
            "Write `&` as `&amp;`.",
        ),
        Error::DuplicatedAttribute(name, _) => (twice(name), "Remove one of them."),
        Error::DuplicatedNamespace(name, _) => {
            (twice(&format!("xmlns:{name}")), "Remove one of them.")
        }
        Error::InvalidString(expected, _) => (
            format!("expected {}", quote(expected)).into(),
            "Add it, or export the icon again.",
        ),
        Error::InvalidChar2("a quote", ..) => (
            "expected a quote".into(),
            "Put the value of each attribute in quotes: `x=\"1\"`.",
        ),
        Error::InvalidAttributeValue(_) => (
            "`<` is not allowed in quotes".into(),
            "Write `&lt;`, or close the quotes before it.",
        ),
        Error::NoRootNode => (
            "this file contains no `<svg>`".into(),
            "Export the icon again.",
        ),
        Error::UnclosedRootNode => (
            "unexpected end of file: an element is not closed".into(),
            "Add the missing end, such as `</svg>`.",
        ),
        Error::UnexpectedEndOfStream => (
            "unexpected end of file".into(),
            "Export the icon again: part of the file is missing.",
        ),
        Error::UnexpectedDeclaration(_) => (
            "`<?xml` is only allowed at the start of the file".into(),
            "Remove it: it is not needed.",
        ),
        Error::InvalidComment(_) => (
            "`--` is not allowed in a comment".into(),
            "Remove the comment.",
        ),
        Error::InvalidCharacterData(_) => ("`]]>` is not allowed here".into(), "Write `]]&gt;`."),
        Error::NonXmlChar(..) => (
            "XML does not allow this invisible character".into(),
            "Remove it.",
        ),
        _ => (
            "this file is not well-formed XML".into(),
            "Look for a missing quote, `=`, `<` or `>` here or before, or export the icon again.",
        ),
    }
}

fn twice(attribute: &str) -> Cow<'static, str> {
    format!("this tag has the attribute {} twice", quote(attribute)).into()
}

/// The range of an error in bytes.
fn location_of(text: &str, error: &Error) -> Range<usize> {
    let char_at = |at: usize| {
        let char = text.get(at..).and_then(|it| it.chars().next());
        at..at + char.map_or(0, char::len_utf8)
    };
    match error {
        Error::DtdDetected => text
            .match_indices("<!DOCTYPE")
            .next()
            .map_or(0..0, |(at, it)| at..at + it.len()),
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => char_at(
            text.trim_end()
                .char_indices()
                .next_back()
                .map_or(0, |(at, _)| at),
        ),
        _ => {
            let (row, column) = (error.pos().row as usize, error.pos().col as usize);
            let lines = text.split_inclusive('\n').take(row.saturating_sub(1));
            let start: usize = lines.map(str::len).sum();
            let line = text.get(start..).unwrap_or_default().chars();
            let before: usize = line
                .take(column.saturating_sub(1))
                .map(char::len_utf8)
                .sum();
            char_at(start + before)
        }
    }
}
