use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Location;
use crate::source::canonical::{Difference, difference};
use crate::text::quote;

rule! {
    /// Finds entries that are not in canonical form: two spaces of indentation for each level, one
    /// value to a line, fields in the order of the entry schema, nothing escaped that need not be,
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
    /// The file is written anew; `tfadir fmt` does nothing else. Version 3 publishes fields in the
    /// order of the file, so there their order may change.
    CANONICAL_FORMAT = "canonical-format", Warning, Review, fixable: true, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let order = &context.directory.field_order;
    let Some(difference) = difference(&context.file.text, context.entry, order) else {
        return Vec::new();
    };
    let help = "What the entry says is not in question: this is about how it is written down.";
    let title = "bring it into canonical form";
    vec![match difference {
        Difference::Order { pointer, field, before } => {
            let message = format!("{} belongs before {}", quote(&field), quote(&before));
            let help = "Fields have a fixed order, in which a reader finds them.";
            Problem::new(Location::Name(pointer), message, help)
                .fix_that_alters_output(title, Change::Format)
        }
        Difference::LineEnds { bytes } => {
            Problem::new(Location::Bytes(bytes), "lines end as they do on Windows", help)
                .fix(title, Change::Format)
        }
        Difference::FinalNewline => {
            Problem::new(Location::File, "the last line has no line end", help)
                .fix(title, Change::Format)
        }
        Difference::Layout { bytes } => {
            Problem::new(Location::Bytes(bytes), "the spacing is not canonical from here on", help)
                .fix(title, Change::Format)
        }
    }]
}
