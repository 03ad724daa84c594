use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedFile;
use crate::source::{self, Place};

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
    FILE_SIZE = "file-size", Required, File(check)
}

fn check(checked: &CheckedFile<'_>) -> Vec<Problem> {
    match checked.unread() {
        Some(source::Problem::TooLarge) => vec![Problem::new(
            Place::File,
            "this file is larger than 1 MiB",
            "An entry needs a few hundred bytes, an icon a few thousand: remove what does not belong \
             here.",
        )],
        _ => Vec::new(),
    }
}
