use std::path::{Path, PathBuf};

use super::file_name::is_named_after;
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::directory::Directory;
use crate::finding::Change;
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds entry files that are in another folder than that of their domain's first character.
    ///
    /// ## Why
    ///
    /// Thousands of files in one folder are slow to look through, and one in the wrong folder is
    /// found by nobody.
    ///
    /// ## Bad
    ///
    /// `entries/x/example.com.json`, `entries/example.com.json`
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json`
    ///
    /// ## Fix
    ///
    /// The file is moved to the right folder, unless there is a file of its name already.
    FILE_FOLDER = "file-folder", Error, Review, fixable: true, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let Some(domain) = context.domain() else {
        return Vec::new();
    };
    let path = &context.file.path;
    // A file with another name is the business of `file-name`.
    if is_in_folder(path, context.directory, domain) || !is_named_after(path, domain) {
        return Vec::new();
    }
    let home = home(context.directory, domain);
    let folder = |path: &PathBuf| quote(&path.parent().unwrap_or(path).to_string_lossy());
    let problem = Problem::new(
        Location::File,
        format!("this file is in {}", folder(path)),
        format!("The entry of {} belongs in {}.", quote(domain), folder(&home)),
    );
    vec![problem.fix(format!("move it to {}", folder(&home)), Change::Move(home))]
}

fn is_in_folder(path: &Path, directory: &Directory, domain: &str) -> bool {
    let inside = path.strip_prefix(&directory.settings.paths.entries).ok();
    let folder = inside.and_then(Path::parent).and_then(Path::to_str);
    folder.is_some_and(|folder| folder.len() == 1 && domain.starts_with(folder))
}

/// Where the entry of a domain belongs, relative to the root. The domain is a host name.
pub(super) fn home(directory: &Directory, domain: &str) -> PathBuf {
    let folder = domain.chars().next().map(String::from).unwrap_or_default();
    let entries = PathBuf::from(&directory.settings.paths.entries);
    entries.join(folder).join(format!("{domain}.json"))
}
