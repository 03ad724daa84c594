use std::path::Path;

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::text::quote;

rule! {
    /// Finds entry files that are not named after their domain.
    ///
    /// ## Why
    ///
    /// People and programs find an entry by its file name. It also keeps two files from holding the
    /// same site.
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
    /// The file is moved to where its domain says, unless there is a file already.
    FILE_NAME = "file-name", Error, Review, fixable: true, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let Some(domain) = context.domain() else {
        return Vec::new();
    };
    if is_named_after(&context.file.path, domain) {
        return Vec::new();
    }
    let name = context.file.path.file_name().unwrap_or_default();
    let right = format!("{domain}.json");
    let home = context.home(domain);
    let shown = quote(&home.to_string_lossy());
    let problem = Problem::new(
        context.value_of("domain"),
        format!("the file of {} is named {}", quote(domain), quote(&name.to_string_lossy())),
        format!("Name it {}, or correct the domain.", quote(&right)),
    );
    vec![problem.fix(format!("move it to {shown}"), Change::Move(home))]
}

/// Whether a file has the name that the entry of a domain has.
pub(super) fn is_named_after(path: &Path, domain: &str) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.and_then(|name| name.strip_suffix(".json")) == Some(domain)
}
