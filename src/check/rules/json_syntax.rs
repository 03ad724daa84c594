use std::ops::Range;

use jsonc_parser::ParseStringErrorKind;
use jsonc_parser::errors::ParseErrorKind as Kind;
use line_index::{LineCol, LineIndex};

use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::{Document, Location, ParseError};

rule! {
    /// Finds files that are not valid JSON.
    ///
    /// ## Why
    ///
    /// One misplaced comma makes the whole file unreadable.
    ///
    /// ## Bad
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com"
    ///     "tfa": ["totp",],
    ///   }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "tfa": ["totp"]
    ///   }
    /// }
    /// ```
    JSON_SYNTAX = "json-syntax", Error, Output, fixable: false, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let Some(Err(ParseError::Syntax(error))) = context.content else {
        return Vec::new();
    };
    let text = &context.file.text;
    if text.trim().is_empty() {
        let help = "Add the site's entry, or remove the file.";
        return vec![Problem::of_file("this file is empty", help)];
    }
    // A string without its closing quote continues to the next quote, lines below, where the lenient
    // parser fails; the fast one stops at the end of the line.
    let ends_early = error.to_string().starts_with("control character");
    if let (Err(fault), false) = (Document::json(text), ends_early) {
        let range = fault.range();
        let starts_word = |it: char| it.is_alphabetic() || "“”„‟«»‘’‚‛`".contains(it);
        let kind = match fault.kind() {
            Kind::UnexpectedToken | Kind::UnexpectedTokenInObject
                if text[range.start..].starts_with(starts_word) =>
            {
                &Kind::UnexpectedWord
            }
            kind => kind,
        };
        let (message, help) = explain(kind);
        return vec![Problem::new(Location::Bytes(range.start..range.end), message, help)];
    }
    let range = range_of(error, text);
    if ends_early && text[range.start..].starts_with(['\n', '\r']) {
        let start = text[..range.start].rfind('"').unwrap_or(range.start);
        let help = "Add a double quote after the string. For a line break inside it, write `\\n`.";
        let location = Location::Bytes(start..range.start);
        return vec![Problem::new(location, "the closing quote of this string is missing", help)];
    }
    let (message, help) = match ends_early {
        true => (
            "this string contains a control character, such as a tab".to_owned(),
            "Replace it with a space.",
        ),
        false => (
            error.to_string().split(" at line ").next().unwrap_or_default().to_owned(),
            "Entries contain only strings, arrays and objects.",
        ),
    };
    vec![Problem::new(Location::Bytes(range), message, help)]
}

/// The byte at which the fast parser failed: the byte before the position in its error, which for
/// a line break is the start of the next line.
fn range_of(error: &serde_json::Error, text: &str) -> Range<usize> {
    let line = u32::try_from(error.line().saturating_sub(1)).unwrap_or(u32::MAX);
    let start =
        LineIndex::new(text).offset(LineCol { line, col: 0 }).map_or(text.len(), usize::from);
    let offset = (start + error.column()).saturating_sub(1).min(text.len());
    offset..(offset + 1).min(text.len())
}

fn explain(kind: &Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::ExpectedComma => {
            ("missing comma", "Put a comma between two fields, and between two items of an array.")
        }
        Kind::TrailingCommasNotAllowed | Kind::UnexpectedComma => {
            ("trailing comma", "JSON allows no comma after the last item; remove it.")
        }
        Kind::ExpectedColonAfterObjectKey => {
            ("missing colon after the field name", "A field is written as `\"name\": value`.")
        }
        Kind::ExpectedObjectValue => {
            ("missing value after the colon", "A field is written as `\"name\": value`.")
        }
        Kind::ExpectedStringObjectProperty
        | Kind::UnexpectedWord
        | Kind::SingleQuotedStringsNotAllowed => {
            ("missing double quotes", "Names and strings need straight double quotes: `\"totp\"`.")
        }
        Kind::String(ParseStringErrorKind::UnterminatedStringLiteral) => (
            "the closing quote of this string is missing",
            "Add a double quote after the string, on the same line.",
        ),
        Kind::String(_) => (
            "this string contains a character that must be escaped",
            "Write `\\\"` for a double quote, `\\\\` for a backslash, `\\n` for a line break.",
        ),
        Kind::UnterminatedObject => {
            ("missing closing brace", "Every `{` needs a `}` after its last field.")
        }
        Kind::UnterminatedArray => {
            ("missing closing bracket", "Every `[` needs a `]` after its last item.")
        }
        Kind::UnexpectedCloseBrace | Kind::UnexpectedCloseBracket => (
            "unexpected closing bracket",
            "Every `}` and `]` needs a `{` or `[` before it. Remove the extra one.",
        ),
        Kind::CommentsNotAllowed | Kind::UnterminatedCommentBlock => (
            "JSON allows no comments",
            "Remove the comment. Information for users belongs in `notes`.",
        ),
        Kind::MultipleRootJsonValues => (
            "unexpected text after the end of the entry",
            "A file is one object in braces. Check where the first `{` is closed.",
        ),
        Kind::NestingDepthExceeded => (
            "this is nested too deeply",
            "An entry has two levels of objects, and arrays inside them.",
        ),
        _ => (
            "this file is not JSON",
            "Look for a missing quote, comma or bracket here or just before.",
        ),
    }
}
