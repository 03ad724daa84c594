use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Verb;

/// Every permission bit except those for reading and writing.
const WRONG_BITS: u32 = 0o7111;

rule! {
    /// Finds entries and icons that are executable. Read and write permissions are not checked, since
    /// git does not store them.
    ///
    /// ## Why
    ///
    /// An entry is not a program. File managers and archives sometimes set this permission, and git
    /// then keeps it for everyone.
    ///
    /// ## Bad
    ///
    /// `-rwxr-xr-x entries/e/example.com.json`
    ///
    /// ## Good
    ///
    /// `-rw-r--r-- entries/e/example.com.json`
    ///
    /// ## Fix
    ///
    /// Removes the permission to execute the file.
    FILE_MODE = "file-mode", Error, Review, fix: Safe, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let Some(mode) = context.file.mode else {
        return Vec::new();
    };
    if mode & WRONG_BITS == 0 {
        return Vec::new();
    }
    let message = format!("this file is executable (mode {mode:03o})");
    let help = "Run `chmod a-x` on it, or `git add --chmod=-x` on Windows.";
    let title = Verb::Make.title("it a plain file");
    vec![Problem::of_file(message, help).fix(title, Change::ClearMode(WRONG_BITS))]
}
