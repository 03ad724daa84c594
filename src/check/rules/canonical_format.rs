use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedEntry;
use crate::finding::Change;
use crate::source::Place;
use crate::source::canonical::{Difference, difference};
use crate::wording::quote;

rule! {
    /// Finds entries that are not in canonical form: two spaces of indentation for each level, one
    /// value to a line, members in the order of the entry schema, nothing escaped that need not be,
    /// lines that end in a line feed, also the last.
    ///
    /// ## Why
    ///
    /// When every file looks alike, a change shows what has changed and nothing else.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "categories": ["email"], "tfa": ["totp"], "domain": "example.com" } }
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
    ///     "categories": [
    ///       "email"
    ///     ]
    ///   }
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// The file is written anew; `tfadir fmt` does nothing else. Version 3 publishes members in the
    /// order of the file, so there their order may change.
    CANONICAL_FORMAT = "canonical-format", Warning, Entry(check)
}

fn check(checked: &CheckedEntry<'_>) -> Vec<Problem> {
    let order = &checked.project.member_order;
    let Some(difference) = difference(&checked.file.text, checked.entry, order) else {
        return Vec::new();
    };
    let help = "What the entry says is not in question: this is about how it is written down.";
    let title = "bring it into canonical form";
    vec![match difference {
        Difference::Order { pointer, member, before } => {
            let message = format!("{} belongs before {}", quote(&member), quote(&before));
            let help = "Members have a fixed order, in which a reader finds them.";
            Problem::new(Place::Name(pointer), message, help)
                .fix_that_alters_output(title, Change::Format)
        }
        Difference::LineEnds { bytes } => {
            Problem::new(Place::Bytes(bytes), "lines end as they do on Windows", help)
                .fix(title, Change::Format)
        }
        Difference::FinalNewline => {
            Problem::new(Place::File, "the last line has no line end", help)
                .fix(title, Change::Format)
        }
        Difference::Layout { bytes } => {
            Problem::new(Place::Bytes(bytes), "the spacing is not canonical from here on", help)
                .fix(title, Change::Format)
        }
    }]
}
