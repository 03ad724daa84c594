//! Rules about where an entry file is.

use std::path::Path;

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds entry files that are not named after their domain.
    ///
    /// ## Why
    ///
    /// People and programs find an entry by its file name. It also prevents two files for one site.
    ///
    /// ## Bad
    ///
    /// `entries/e/example.json` with `"domain": "example.com"`
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json` with `"domain": "example.com"`
    ///
    /// ## Fix
    ///
    /// Moves the file to the path for its domain, unless a file is already there.
    FILE_NAME = "file-name", Error, Review, fixable: true, Entry(|it| Vec::from_iter(name(it)))
}

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
    FILE_FOLDER = "file-folder", Error, Review, fixable: true, Entry(|it| Vec::from_iter(folder(it)))
}

fn name(context: &EntryContext<'_>) -> Option<Problem> {
    let domain = context.domain()?;
    let home = context.home(domain);
    let name = context.file.path.file_name().unwrap_or_default();
    if home.file_name() == Some(name) {
        return None;
    }
    let problem = Problem::new(
        context.value_of("domain"),
        format!("the file of {} is named {}", quote(domain), quote(&name.to_string_lossy())),
        format!("Name it `{domain}.json`, or correct the domain."),
    );
    let title = format!("move it to {}", quote(&home.to_string_lossy()));
    Some(problem.fix(title, Change::Move(home)))
}

fn folder(context: &EntryContext<'_>) -> Option<Problem> {
    let domain = context.domain()?;
    let (path, home) = (&context.file.path, context.home(domain));
    // `file-name` reports files of another name.
    if *path == home || path.file_name() != home.file_name() {
        return None;
    }
    let folder = |path: &Path| quote(&path.parent().unwrap_or(path).to_string_lossy());
    let problem = Problem::new(
        Location::File,
        format!("this file is in the folder {}", folder(path)),
        format!("The entry of {} belongs in {}.", quote(domain), folder(&home)),
    );
    Some(problem.fix(format!("move it to {}", folder(&home)), Change::Move(home)))
}
