use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::{self, Location};

rule! {
    /// Finds files and folders below `entries/` that cannot be read.
    ///
    /// ## Why
    ///
    /// A file that is passed over in silence is a site that disappears from the API.
    ///
    /// ## Bad
    ///
    /// A folder named `entries/e/example.com.json`, a file that only its owner may read, or a
    /// symbolic link that leads nowhere, in a circle, or to a folder.
    ///
    /// ## Good
    ///
    /// A regular file `entries/e/example.com.json` that everybody may read.
    UNREADABLE_FILE = "unreadable-file", Error, Output, fixable: false, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let problem = match context.unread() {
        Some(source::Problem::Unreadable(error)) => Problem::new(
            Location::File,
            format!("this cannot be read: {error}"),
            "Make it a regular file that everybody may read.",
        ),
        Some(source::Problem::NotAFile) => Problem::new(
            Location::File,
            "this is no regular file",
            "Only files in the folders of `entries/` are read: put the site's JSON file here, or \
             remove this.",
        ),
        _ => return Vec::new(),
    };
    vec![problem]
}
