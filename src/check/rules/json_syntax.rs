use std::ops::Range;

use jsonc_parser::ParseStringErrorKind;
use jsonc_parser::errors::ParseErrorKind;
use line_index::{LineCol, LineIndex};

use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::{Document, Location, ParseError};

rule! {
    /// Finds files that are no JSON.
    ///
    /// ## Why
    ///
    /// One misplaced comma makes the whole file unreadable to every program.
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
        let help = "Write the site's entry into it, or remove the file.";
        return vec![Problem::new(Location::File, "this file is empty", help)];
    }
    // A text without its closing quote goes on to the next quote, lines below, where the lenient
    // parser stumbles; the fast one stops at the end of the line.
    let ends_early = error.to_string().starts_with("control character");
    let problem = if let (Err(fault), false) = (Document::json(text), ends_early) {
        let range = fault.range();
        let (message, help) = match (fault.kind(), text[range.start..].chars().next()) {
            (
                ParseErrorKind::UnexpectedToken | ParseErrorKind::UnexpectedTokenInObject,
                Some(it),
            ) if it.is_alphabetic() || "“”„‟«»‘’‚‛`".contains(it) => {
                explain(&ParseErrorKind::UnexpectedWord)
            }
            (kind, _) => explain(kind),
        };
        Problem::new(Location::Bytes(range.start..range.end), message, help)
    } else {
        let range = range_of(error, text);
        if ends_early && text[range.start..].starts_with(['\n', '\r']) {
            return vec![unclosed(text, range.start)];
        }
        let (message, help) = explain_fast(&error.to_string());
        Problem::new(Location::Bytes(range), message, help)
    };
    vec![problem]
}

/// A text that has no closing quote before the end of its line.
fn unclosed(text: &str, line_end: usize) -> Problem {
    let start = text[..line_end].rfind('"').unwrap_or(line_end);
    Problem::new(
        Location::Bytes(start..line_end),
        "this text has no closing quote on its line",
        "Put a double quote behind the text; for a line break inside of it write `\\n`.",
    )
}

/// What only the fast parser refuses, from the text of its error.
fn explain_fast(error: &str) -> (String, &'static str) {
    if error.starts_with("control character") {
        return (
            "a text holds a control character, such as a tab".to_owned(),
            "Put a space in its location.",
        );
    }
    let message = error.split(" at line ").next().unwrap_or_default();
    (message.to_owned(), "Only texts, lists and groups occur in an entry.")
}

/// The byte that the fast parser stumbled on: the one before the position it gives, which for a
/// line break is the start of the next line.
fn range_of(error: &serde_json::Error, text: &str) -> Range<usize> {
    let line = u32::try_from(error.line().saturating_sub(1)).unwrap_or(u32::MAX);
    let start =
        LineIndex::new(text).offset(LineCol { line, col: 0 }).map_or(text.len(), usize::from);
    let offset = (start + error.column()).saturating_sub(1).min(text.len());
    offset..(offset + 1).min(text.len())
}

fn explain(kind: &ParseErrorKind) -> (&'static str, &'static str) {
    use ParseErrorKind as Kind;
    match kind {
        Kind::ExpectedComma => (
            "a comma is missing here",
            "Put a comma between two fields, and between two values of a list.",
        ),
        Kind::TrailingCommasNotAllowed | Kind::UnexpectedComma => (
            "there is a comma too many",
            "Commas stand between fields and values, not behind the last one.",
        ),
        Kind::ExpectedColonAfterObjectKey => {
            ("a colon is missing behind this name", "A field is written as `\"name\": value`.")
        }
        Kind::ExpectedObjectValue => {
            ("a value is missing behind the colon", "A field is written as `\"name\": value`.")
        }
        Kind::ExpectedStringObjectProperty
        | Kind::UnexpectedWord
        | Kind::SingleQuotedStringsNotAllowed => (
            "this is not in double quotes",
            "Names and texts stand in straight double quotes: `\"totp\"`.",
        ),
        Kind::String(ParseStringErrorKind::UnterminatedStringLiteral) => (
            "this text has no closing quote",
            "Put a double quote behind the text, on the same line.",
        ),
        Kind::String(_) => (
            "this text holds a character that must be escaped",
            "In a text write `\\\"` for a double quote, `\\\\` for a backslash, `\\n` for a line \
             break.",
        ),
        Kind::UnterminatedObject => {
            ("this group has no closing brace", "Every `{` needs a `}` behind its last field.")
        }
        Kind::UnterminatedArray => {
            ("this list has no closing bracket", "Every `[` needs a `]` behind its last value.")
        }
        Kind::UnexpectedCloseBrace | Kind::UnexpectedCloseBracket => (
            "there is a closing bracket too many",
            "Every `}` and `]` belongs to one `{` or `[` before it.",
        ),
        Kind::CommentsNotAllowed | Kind::UnterminatedCommentBlock => (
            "JSON has no comments",
            "Remove the comment; what users have to know goes into `notes`.",
        ),
        Kind::MultipleRootJsonValues => (
            "there is something behind the end",
            "A file is one group in braces: check where the first `{` is closed.",
        ),
        Kind::NestingDepthExceeded => {
            ("this is nested too deeply", "An entry is two groups and a list deep.")
        }
        _ => (
            "this is no JSON",
            "Look for a missing quote, comma or bracket here or shortly before.",
        ),
    }
}
