//! Rules about files that cannot be read.

use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::FileProblem;

rule! {
    /// Finds files and folders in `entries/` and `img/` that cannot be read.
    ///
    /// ## Why
    ///
    /// If tfadir skipped the file, its site would silently disappear from the API.
    ///
    /// ## Bad
    ///
    /// A folder named `entries/e/example.com.json`, a file that only its owner may read, or an icon
    /// that is a symbolic link to a folder, to itself, or to nothing.
    ///
    /// ## Good
    ///
    /// A regular file `entries/e/example.com.json` that everyone may read.
    UNREADABLE_FILE = "unreadable-file", Error, Output, fix: None, File(|file| check(file, unreadable))
}

rule! {
    /// Finds entries that are symbolic links, and icons that are links out of the directory.
    ///
    /// ## Why
    ///
    /// Reports quote the contents of files. A link in a pull request could make tfadir show a file
    /// from elsewhere on the machine that checks it. Also, if an entry is a link, its
    /// target could change without a change to the entry, which `tfadir diff` and the feed would miss.
    ///
    /// ## Bad
    ///
    /// `entries/e/example.com.json` as a link to `/etc/passwd`, or to `../../shared/example.json`.
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json` as a regular file.
    LINK_TARGET = "link-target", Error, Output, fix: None, File(|file| check(file, link))
}

rule! {
    /// Finds entries and icons larger than 1 MiB.
    ///
    /// ## Why
    ///
    /// An entry has a few hundred bytes, an icon a few thousand. A file a thousand times that size is a
    /// mistake, or an attempt to make tfadir run out of memory.
    ///
    /// ## Bad
    ///
    /// A file of 10 MB.
    ///
    /// ## Good
    ///
    /// A file of 500 bytes.
    FILE_SIZE = "file-size", Error, Output, fix: None, File(|file| check(file, too_large))
}

/// What is wrong, and what to do about it.
type Description = (String, &'static str);

/// A problem if `describe` knows why the file could not be read.
fn check(
    context: &FileContext<'_>,
    describe: fn(&FileProblem) -> Option<Description>,
) -> Vec<Problem> {
    match context.unread().and_then(describe) {
        Some((message, help)) => vec![Problem::of_file(message, help)],
        None => Vec::new(),
    }
}

fn unreadable(unread: &FileProblem) -> Option<Description> {
    match unread {
        FileProblem::Unreadable(error) => Some((
            format!("cannot read this: {error}"),
            "Make it a regular file that everyone may read.",
        )),
        FileProblem::NotAFile => Some((
            "this is not a regular file".to_owned(),
            "Put the site's JSON file here, or remove this.",
        )),
        _ => None,
    }
}

fn link(unread: &FileProblem) -> Option<Description> {
    let message = match unread {
        FileProblem::Link => "an entry cannot be a symbolic link",
        FileProblem::LeavesRoot => "this link leads out of the directory",
        _ => return None,
    };
    Some((message.to_owned(), "Replace the link with a regular file."))
}

fn too_large(unread: &FileProblem) -> Option<Description> {
    let help = "An entry needs a few hundred bytes, an icon a few thousand. Remove the rest.";
    match unread {
        FileProblem::TooLarge => Some(("this file is larger than 1 MiB".to_owned(), help)),
        _ => None,
    }
}
