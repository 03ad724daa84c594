//! The newest changes of sites, from the commits of a branch.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::entries;
use crate::api::{ChangeKind, MAX_CHANGES, SiteChange, Was};
use crate::diff::{Diff, Pair, is_web_address};
use crate::git::{self, ChangesError, Commit, FileChange};
use crate::source::Entry;
use crate::state::State;

/// How many commits are listed first. Most directories change a site in most commits.
const FIRST_COMMITS: usize = 256;

/// Of how many changed files at least the contents are read together.
const MIN_FILES: usize = 256;

/// What the commits of a branch say, newest first.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    found: Vec<SiteChange>,
    /// Where a shallow clone ends, unless enough changes are newer.
    end: Option<String>,
}

impl Changes {
    /// Reads the history of the entries in a folder of `root` until there are enough changes.
    ///
    /// A commit is compared with its first parent. So a merge is one change, at the time at which it
    /// reached the branch, as readers of the published files see it. The commits that it merged
    /// were never published themselves.
    pub(crate) fn read(root: &Path, folder: &str, head: &str) -> Result<Self, ChangesError> {
        let mut read = Self::default();
        let mut next = Some(head.to_owned());
        let mut max = FIRST_COMMITS;
        while let Some(start) = next.take_if(|_| read.found.len() < MAX_CHANGES) {
            let mut steps = git::steps(root, &start, max)?;
            if let Some(last) = steps.pop_if(|last| last.parent.is_none()) {
                match git::is_cut(root, &last.commit.id)? {
                    true => read.end = Some(last.commit.id),
                    false => steps.push(last),
                }
            }
            next = steps.last().and_then(|last| last.parent.clone());
            if read.end.is_some() {
                next = None;
            }
            let pairs: Vec<_> = steps
                .iter()
                .map(|it| (it.commit.id.as_str(), it.parent.as_deref()))
                .collect();
            let files = git::file_changes(root, &pairs, folder)?;
            let commits: Vec<_> = steps.into_iter().map(|it| it.commit).zip(files).collect();
            read.add_all(root, &commits)?;
            max *= 2;
        }
        if read.found.len() >= MAX_CHANGES {
            read.end = None;
        }
        Ok(read)
    }

    fn add_all(
        &mut self,
        root: &Path,
        mut commits: &[(Commit, Vec<FileChange>)],
    ) -> Result<(), ChangesError> {
        while !commits.is_empty() && self.found.len() < MAX_CHANGES {
            let mut files = 0;
            let enough = commits.iter().position(|(_, changed)| {
                files += changed.len();
                files >= MIN_FILES
            });
            let (these, rest) = commits.split_at(enough.map_or(commits.len(), |last| last + 1));
            let blobs = these.iter().flat_map(|(_, files)| files);
            let entries = entries(root, blobs.flat_map(|it| it.was.iter().chain(&it.is)))?;
            for (commit, files) in these {
                self.add(commit, files, &entries);
            }
            commits = rest;
        }
        Ok(())
    }

    fn add(&mut self, commit: &Commit, files: &[FileChange], entries: &HashMap<&str, Entry>) {
        let state = |side: fn(&FileChange) -> &Option<git::Blob>| {
            let blobs = files.iter().filter_map(|file| side(file).as_ref());
            let entries = blobs.filter_map(|blob| entries.get(blob.id.as_str()).cloned());
            State::of_commit_part(entries.collect())
        };
        let (was, is) = (state(|it| &it.was), state(|it| &it.is));
        self.found.extend(changes(commit, &Diff::of(&was, &is)));
    }

    /// Whether older changes are missing.
    pub(crate) fn is_cut(&self) -> bool {
        self.end.is_some()
    }

    /// The newest changes as far as they are known.
    pub(crate) fn newest(mut self) -> Vec<SiteChange> {
        self.found.truncate(MAX_CHANGES);
        self.found
    }
}

/// The changes of a commit by domain.
fn changes(commit: &Commit, diff: &Diff<'_>) -> Vec<SiteChange> {
    let change = |kind, entry: &Entry, was: Option<&Entry>, fields: Vec<String>| {
        let (methods, old) = match kind {
            ChangeKind::Removed => (Vec::new(), methods(entry)),
            _ => (methods(entry), was.map(methods).unwrap_or_default()),
        };
        let except = |some: &[String], others: &[String]| {
            let others: HashSet<&String> = others.iter().collect();
            some.iter()
                .filter(|it| !others.contains(it))
                .cloned()
                .collect()
        };
        let linked = |url: String| Some(url).filter(|url| is_web_address(url));
        let address = |field| linked(entry.text(field)?.to_owned());
        SiteChange {
            commit: commit.id.clone(),
            time: time(commit),
            kind,
            domain: entry.domain().to_owned(),
            name: entry.name.clone(),
            was: was.filter(|_| kind == ChangeKind::Renamed).map(|was| Was {
                domain: was.domain().to_owned(),
                name: was.name.clone(),
            }),
            gained: except(&methods, &old),
            lost: except(&old, &methods),
            fields,
            url: address("url").or_else(|| linked(format!("https://{}", entry.domain()))),
            documentation: address("documentation"),
        }
    };
    let fields = |pair: &Pair<'_>| pair.fields().iter().map(|it| it.0.to_owned()).collect();
    let pair = |kind, pair: &Pair<'_>| change(kind, pair.is, Some(pair.was), fields(pair));
    let added = diff
        .added
        .iter()
        .map(|it| change(ChangeKind::Added, it, None, Vec::new()));
    let removed = diff
        .removed
        .iter()
        .map(|it| change(ChangeKind::Removed, it, None, Vec::new()));
    let renamed = diff.renamed.iter().map(|it| pair(ChangeKind::Renamed, it));
    let others = diff.changed.iter().filter(|pair| !pair.is_renamed());
    let others = others.map(|it| pair(ChangeKind::Changed, it));
    let mut all: Vec<SiteChange> = added.chain(removed).chain(renamed).chain(others).collect();
    all.sort_by(|a, b| a.domain.cmp(&b.domain));
    all
}

fn methods(entry: &Entry) -> Vec<String> {
    entry
        .array("tfa")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// A commit's time. Beyond the year 9999, which git allows, it is unknown: 1970.
pub(super) fn time(commit: &Commit) -> String {
    let time = i64::try_from(commit.seconds)
        .ok()
        .and_then(|it| Timestamp::from_second(it).ok());
    time.unwrap_or_default().to_string()
}
