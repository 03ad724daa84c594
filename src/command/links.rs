//! `tfadir links`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cli::{Format, Global, LinksArgs};
use crate::exit_code::ExitCode;
use crate::failure::{Result, fail};
use crate::git::{self, ChangedFiles};
use crate::session::Session;
use crate::session::console::Console;
use crate::source::tree::load_entries;
use crate::source::{Entry, FileProblem};
use crate::text::{count, quote, visible};

/// Each address, and the entries and fields in which it occurs.
type Links = BTreeMap<String, Vec<(String, &'static str)>>;

/// Lists the web addresses of the entries.
pub(super) fn run(args: &LinksArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    if !matches!(
        console.format,
        Format::Human | Format::Github | Format::Lines | Format::Json
    ) {
        let format = console.format.name();
        fail!("`tfadir links` has no format `{format}`"; help: "use lines or json");
    }
    let session = Session::open(global, console)?;
    let directory = &session.directory;
    let mut files = load_entries(&directory.root, directory.settings.paths.entries.as_ref())?;
    if let Some(reference) = &args.changed_since {
        let commit = git::fork_point(&directory.root, reference)?;
        let changes = ChangedFiles::since(&directory.root, &commit)?;
        files.retain(|file| changes.contains(&file.path));
    }
    // `check` reports files that are not entries.
    files.retain(|file| !matches!(file.problem, Some(FileProblem::OtherKind)));
    let mut links = Links::new();
    for file in &files {
        let path = file.path.to_string_lossy();
        let entry = match Entry::from_file(file) {
            Ok(entry) => entry,
            Err(problem) => {
                fail!("cannot read {}: {problem}", quote(&path); help: "run `tfadir check`")
            }
        };
        for (field, address) in entry.addresses() {
            links
                .entry(address.into_owned())
                .or_default()
                .push((path.to_string(), field));
        }
    }
    console.structured(&json!({ "links": records(&links) }));
    if console.format != Format::Json {
        console.result(&lines(&links));
    }
    let addresses = count(links.len(), "address", "addresses");
    console.status(
        "Listed",
        &format!("{addresses} of {}", count(files.len(), "entry", "entries")),
    );
    Ok(ExitCode::Success)
}

/// A JSON object for each address.
fn records(links: &Links) -> Vec<Value> {
    let mut records = Vec::new();
    for (address, places) in links {
        let mut occurrences = Vec::new();
        for (path, field) in places {
            occurrences.push(json!({ "path": path, "field": field }));
        }
        records.push(json!({ "address": address, "places": occurrences }));
    }
    records
}

/// A line for each address.
fn lines(links: &Links) -> String {
    let mut text = String::new();
    for (address, places) in links {
        text.push_str(&visible(address));
        for (path, field) in places {
            for column in [&visible(path), *field] {
                text.push('\t');
                text.push_str(column);
            }
        }
        text.push('\n');
    }
    text
}
