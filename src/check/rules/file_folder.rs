use std::path::{Path, PathBuf};

use super::file_name::is_named_after;
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds entry files that are not in the folder of their domain's first character.
    ///
    /// ## Why
    ///
    /// Thousands of files in one folder are hard to browse, and a file in the wrong folder is hard to
    /// find.
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
    /// Moves the file to the right folder, unless a file of that name is already there.
    FILE_FOLDER = "file-folder", Error, Review, fixable: true, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let Some(domain) = context.domain() else {
        return Vec::new();
    };
    let path = &context.file.path;
    let inside = path.strip_prefix(&context.directory.settings.paths.entries).ok();
    let folder = inside.and_then(Path::parent).and_then(Path::to_str);
    let is_in_folder = folder.is_some_and(|folder| folder.len() == 1 && domain.starts_with(folder));
    // `file-name` reports files of another name.
    if is_in_folder || !is_named_after(path, domain) {
        return Vec::new();
    }
    let home = context.home(domain);
    let folder = |path: &PathBuf| quote(&path.parent().unwrap_or(path).to_string_lossy());
    let problem = Problem::new(
        Location::File,
        format!("this file is in the folder {}", folder(path)),
        format!("The entry of {} belongs in {}.", quote(domain), folder(&home)),
    );
    vec![problem.fix(format!("move it to {}", folder(&home)), Change::Move(home))]
}
