//! Finds all syntax errors of an entry at once: the fewest corrections that turn its text into an
//! entry.

mod foreign;
mod grammar;
mod messages;
mod search;
mod shape;
mod strings;
#[cfg(test)]
mod tests;
mod words;

use std::ops::Range;

use super::entry::Entry;
use super::json;
use super::title::FixTitle;
use crate::text::{quote, replace};
use messages::MessageText;
use search::Search;
pub(crate) use shape::{Fields, Form, Words};

/// One syntax error.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    /// Where, in bytes.
    pub(crate) range: Range<usize>,
    pub(crate) message: String,
    pub(crate) help: &'static str,
    /// What its correction does.
    pub(crate) title: FixTitle,
    pub(crate) edits: Vec<(Range<usize>, String)>,
}

/// What is wrong with a text that is not JSON.
#[derive(Debug)]
pub(crate) struct Diagnosis {
    pub(crate) errors: Vec<SyntaxError>,
    /// Whether the corrections of all errors together restore what was meant: an entry.
    pub(crate) is_correctable: bool,
}

/// The replacement of a range of bytes.
type Edit = (Range<usize>, &'static str);

/// An error and its correction while they are searched for.
#[derive(Debug, Clone)]
struct Correcting {
    range: Range<usize>,
    text: MessageText,
    edits: Vec<Edit>,
    /// Whether nothing is lost or guessed.
    is_safe: bool,
    /// Where the first edit of another correction is that this one is part of.
    joins: Option<usize>,
}

impl Correcting {
    fn new(range: Range<usize>, text: MessageText, edit: Edit) -> Self {
        Self {
            range,
            text,
            edits: vec![edit],
            is_safe: true,
            joins: None,
        }
    }

    /// Replaces the range with a text.
    fn edit(range: Range<usize>, text: MessageText, by: &'static str) -> Self {
        Self::new(range.clone(), text, (range, by))
    }

    /// Inserts a text at a place and reports the range.
    fn insert(at: usize, range: Range<usize>, text: MessageText, by: &'static str) -> Self {
        Self::new(range, text, (at..at, by))
    }

    fn unsafely(self) -> Self {
        Self {
            is_safe: false,
            ..self
        }
    }

    /// Whether it is reported with another one: as the other bracket or quote of a pair, or as the
    /// same problem at a further place.
    fn is_part_of(&self, earlier: &Self) -> bool {
        let is_repeated = [messages::COMMENT, messages::FENCE, messages::INVISIBLE]
            .iter()
            .any(|text| *text == self.text && *text == earlier.text);
        is_repeated || self.joins == Some(earlier.edits[0].0.start)
    }

    /// Whether it removes something that may be a word.
    fn loses_text(&self, text: &str) -> bool {
        let is_lost = |(range, _): &Edit| {
            let removed = &text[range.clone()];
            removed.contains(char::is_alphanumeric) && !strings::ENCODED.contains(&removed)
        };
        let is_empty = [messages::FENCE, messages::INVISIBLE].contains(&self.text);
        !is_empty && self.edits.iter().any(is_lost)
    }

    fn describe(self, text: &str) -> SyntaxError {
        let (message, help, (verb, object)) = self.text;
        let found = quote(&text[self.range.clone()]);
        let owned = |(range, by): Edit| (range, by.to_owned());
        SyntaxError {
            range: self.range,
            message: message.replace("{}", &found),
            help,
            title: verb.title(object.replace("{}", &found)),
            edits: self.edits.into_iter().map(owned).collect(),
        }
    }
}

/// The syntax errors of a text that `error` says is not JSON, but that should have a form.
pub(crate) fn diagnose(text: &str, error: &serde_json::Error, form: &Form) -> Diagnosis {
    if let Some(errors) = foreign(text) {
        return Diagnosis {
            errors: vec![errors],
            is_correctable: false,
        };
    }
    let first = first(text, error);
    if is_rest(error) && text[first.range.start..].starts_with('{') {
        // Two entries; each is readable.
        return Diagnosis {
            errors: vec![first],
            is_correctable: false,
        };
    }
    match repair(text, form) {
        Some(diagnosis) if !diagnosis.errors.is_empty() => diagnosis,
        _ => Diagnosis {
            errors: vec![first],
            is_correctable: false,
        },
    }
}

/// The error of a text that is not meant to be JSON.
pub(crate) fn foreign(text: &str) -> Option<SyntaxError> {
    let (range, kind) = foreign::recognize(text)?;
    Some(Correcting::edit(range, kind, "").describe(text))
}

/// The fewest corrections that give a text a form, if they can be found.
pub(crate) fn repair(text: &str, form: &Form) -> Option<Diagnosis> {
    let found = Search::new(text, form).run()?;
    let is_safe = found
        .corrections
        .iter()
        .all(|correction| correction.is_safe && !correction.loses_text(text));
    let mut corrections: Vec<Correcting> = Vec::new();
    for correction in found.corrections {
        let whole = corrections
            .iter_mut()
            .find(|earlier| correction.is_part_of(earlier));
        match whole {
            Some(whole) => whole.edits.extend(correction.edits),
            None => corrections.push(correction),
        }
    }
    let errors: Vec<SyntaxError> = corrections
        .into_iter()
        .map(|correction| correction.describe(text))
        .collect();
    let is_correctable = found.is_entry && is_safe && becomes_entry(text, &errors);
    Some(Diagnosis {
        errors,
        is_correctable,
    })
}

/// Whether the corrected text is one site, and no field would be lost.
fn becomes_entry(text: &str, errors: &[SyntaxError]) -> bool {
    let edits = errors.iter().flat_map(|error| error.edits.clone());
    match json::parse(&replace(text, edits.collect())) {
        Ok(parsed) => !parsed.has_duplicate_field && Entry::from_json(parsed.value).is_some(),
        Err(_) => false,
    }
}

/// Where a text stops being JSON.
fn first(text: &str, error: &serde_json::Error) -> SyntaxError {
    let lines = text.split_inclusive('\n');
    let start: usize = lines
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum();
    let end = text.trim_end().len();
    let at = text.floor_char_boundary((start + error.column()).saturating_sub(1).min(end));
    let range = at..text.ceil_char_boundary((at + 1).min(text.len()));
    let reason = error.to_string();
    let say = if reason.starts_with("recursion limit") {
        messages::DEPTH
    } else if is_rest(error) {
        messages::REST
    } else {
        messages::UNREADABLE
    };
    Correcting::edit(range, say, "").describe(text)
}

/// Whether text follows the value.
fn is_rest(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("trailing characters")
}
