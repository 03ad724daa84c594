use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Location;

/// Every bit but those for reading and writing.
const WRONG_BITS: u32 = 0o7111;

rule! {
    /// Finds entries and icons with permissions beyond reading and writing: files that say they are
    /// programs. Who may read and write a file is the business of each machine: git keeps none of it.
    ///
    /// ## Why
    ///
    /// An entry is no program. Such a bit gets in by way of a file manager or an archive, and stays
    /// in the repository for everybody.
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
    /// The permission to execute is taken away.
    FILE_MODE = "file-mode", Error, Review, fixable: true, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let Some(mode) = context.file.mode.filter(|mode| mode & WRONG_BITS != 0) else {
        return Vec::new();
    };
    let message = format!("this file may be executed: its mode is {mode:03o}");
    let help = "Run `chmod a-x` on it, and `git add --chmod=-x` where git does not see that.";
    let problem = Problem::new(Location::File, message, help);
    vec![problem.fix("make it a plain file", Change::ClearMode(WRONG_BITS))]
}
