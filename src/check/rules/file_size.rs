use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::{self, Location};

rule! {
    /// Finds entries and icons of more than 1 MiB.
    ///
    /// ## Why
    ///
    /// An entry is a few hundred bytes long, an icon a few thousand. A file a thousand times as large
    /// is a mistake, or an attempt to make the tool run out of memory.
    ///
    /// ## Bad
    ///
    /// A file of 10 MB.
    ///
    /// ## Good
    ///
    /// A file of 500 bytes.
    FILE_SIZE = "file-size", Error, Output, fixable: false, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    match context.unread() {
        Some(source::Problem::TooLarge) => vec![Problem::new(
            Location::File,
            "this file is larger than 1 MiB",
            "An entry needs a few hundred bytes, an icon a few thousand: remove what does not belong \
             here.",
        )],
        _ => Vec::new(),
    }
}
