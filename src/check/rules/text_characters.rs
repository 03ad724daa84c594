use std::borrow::Cow;

use serde_json::Value;

use super::prose::{Text, texts};
use crate::address::code_point;
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Verb;
use crate::text::quote;
use crate::unicode::{Flaw, flaw, tidy};

/// What programs write where they cannot decode a character.
const REPLACEMENT: char = '\u{fffd}';

rule! {
    /// Finds characters that cannot be seen in names, notes and product names, such as zero-width
    /// spaces, soft hyphens and line breaks. Also finds white space at the start or end, two spaces in a
    /// row, accents stored as separate characters, and, as a warning, characters that were already lost (U+FFFD).
    ///
    /// ## Why
    ///
    /// A search does not find a name that contains an invisible character, and two names that look the
    /// same are different for programs. Some invisible characters reorder the text around them, which can
    /// hide what it says.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example  Bank ": { "custom-software": ["Example\u200bAuthenticator"], … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example Bank": { "custom-software": ["Example Authenticator"], … } }
    /// ```
    ///
    /// ## Fix
    ///
    /// Removes the invisible characters, composes letters with their accents (Unicode NFC), and replaces
    /// white space with single spaces.
    TEXT_CHARACTERS = "text-characters", Error, Output, fix: Safe, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    texts(context)
        .flat_map(|text| [flawed(context, text), damaged(context, text)])
        .flatten()
        .collect()
}

fn flawed(context: &EntryContext<'_>, text: Text<'_>) -> Option<Problem> {
    let flaw = flaw(text.value)?;
    let tidied = tidy(text.value);
    // `text-length` reports a blank text.
    if tidied.trim().is_empty() {
        return None;
    }
    let subject = text.place.subject();
    let (what, help) = match flaw {
        Flaw::Invisible('\n' | '\r' | '\u{2028}' | '\u{2029}') => {
            ("contains a line break".to_owned(), "Write it on one line.")
        }
        Flaw::Invisible('\t') => ("contains a tab".to_owned(), "Write a space instead."),
        Flaw::Invisible(char) => (
            format!("contains the invisible character {}", code_point(char)),
            "Remove the character. It was probably copied along with the text.",
        ),
        Flaw::LoneMark(char) => (
            format!("contains the accent {} without a letter", code_point(char)),
            "Put a letter before the accent, or remove it.",
        ),
        Flaw::Spacing => (
            "contains extra white space".to_owned(),
            "Write one space between words, and none at the start and end.",
        ),
        Flaw::NotComposed => (
            "has accents stored as separate characters (not Unicode NFC)".to_owned(),
            "Delete the letter and its accent, then type the accented letter, such as `é`, again.",
        ),
    };
    let message = format!("{subject} {what}: {}", quote(text.value));
    let location = text.place.location(context);
    let problem = Problem::new(location.clone(), message, help);
    let title = match flaw {
        // A title that quotes both texts says nothing if they look the same, or differ only after the quoted part.
        Flaw::NotComposed => {
            Verb::Replace.title("the letters and their accents with single characters")
        }
        _ if quote(text.value) == quote(&tidied) => Verb::Replace.title("the wrong characters"),
        _ => Verb::Replace.title(format!("{} with {}", quote(text.value), quote(&tidied))),
    };
    let change = Change::Write(location, Value::from(Cow::into_owned(tidied)).to_string());
    Some(problem.fix(title, change))
}

fn damaged(context: &EntryContext<'_>, text: Text<'_>) -> Option<Problem> {
    if !text.value.contains(REPLACEMENT) {
        return None;
    }
    let message = format!(
        "{} contains U+FFFD, so its encoding was damaged: {}",
        text.place.subject(),
        quote(text.value)
    );
    let help = "Write the characters that were there before, and save the file as UTF-8.";
    Some(Problem::new(text.place.location(context), message, help).warning())
}
