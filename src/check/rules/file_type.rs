use crate::check::rule::{Checked, Problem, rule};
use crate::source::{self, Place};

rule! {
    /// Finds files below `entries/` whose names do not end in `.json`. Hidden files, whose names
    /// begin with a dot, are left alone.
    ///
    /// ## Why
    ///
    /// Only `.json` files are entries. One that an editor saved as `example.com.json.txt` would be
    /// passed over in silence, and its site be missing.
    ///
    /// ## Bad
    ///
    /// `entries/e/example.com.json.txt`, `entries/e/example.com.JSON`
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json`
    FILE_TYPE = "file-type", Error, check
}

fn check(checked: &Checked<'_>) -> Vec<Problem> {
    match checked.unread() {
        Some(source::Problem::OtherKind) => vec![Problem::new(
            Place::File,
            "this is no entry: its name does not end in `.json`",
            "Name it after the site's domain and `.json`, or remove it.",
        )],
        _ => Vec::new(),
    }
}
