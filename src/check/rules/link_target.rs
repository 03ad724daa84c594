use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::{self, Location};

rule! {
    /// Finds symbolic links that lead out of the directory.
    ///
    /// ## Why
    ///
    /// Reports quote what a file says. A link from a pull request to a file elsewhere on the
    /// machine that checks it would show that file to everybody.
    ///
    /// ## Bad
    ///
    /// `entries/e/example.com.json` as a link to `/etc/passwd`.
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json` as a regular file.
    LINK_TARGET = "link-target", Error, Output, fixable: false, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    match context.unread() {
        Some(source::Problem::LeavesRoot) => vec![Problem::new(
            Location::File,
            "this is a link that leads out of the directory",
            "Replace the link by a regular file.",
        )],
        _ => Vec::new(),
    }
}
