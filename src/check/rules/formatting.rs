use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::canonical::{Difference, difference};
use crate::source::{FixTitle, Location};

rule! {
    /// Finds entries that are not formatted: two spaces of indentation, one value on each line, no
    /// unneeded escapes, and a line feed at the end of every line, including the last.
    ///
    /// ## Why
    ///
    /// When all files are formatted alike, a diff shows only what really changed.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["totp"], "categories": ["email"] } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "tfa": [
    ///       "totp"
    ///     ],
    ///     "documentation": "https://example.com/help/two-factor",
    ///     "categories": [
    ///       "email"
    ///     ]
    ///   }
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// Reformats the file. Its content stays the same. `tfadir fmt` does this too.
    FORMATTING = "formatting", Warning, Review, fix: Safe, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let Some(difference) = difference(&context.file.text, context.entry) else {
        return Vec::new();
    };
    let (location, message) = match difference {
        Difference::LineEnds { bytes } => {
            (Location::Bytes(bytes), "this file has Windows line endings")
        }
        Difference::FinalNewline => (Location::File, "the final newline is missing"),
        Difference::Layout { bytes } => (
            Location::Bytes(bytes),
            "this file is not formatted from here on",
        ),
    };
    let help = "Only the formatting differs; the content is fine.";
    vec![Problem::new(location, message, help).fix(FixTitle::reformat(), Change::Format)]
}
