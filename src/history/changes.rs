//! The newest changes of sites, from the commits of a branch.

use std::collections::HashMap;
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::entries;
use crate::api::{ChangeKind, MAX_CHANGES, SiteChange, Was};
use crate::check::OutputRules;
use crate::diff::{Diff, Pair, is_web_address};
use crate::git::{self, Blob, ChangesError, Commit, FileChange};
use crate::source::Entry;
use crate::state::State;

/// How many commits are listed first. Most directories change a site in most commits.
const FIRST_COMMITS: usize = 256;

/// Of how many changed files at least the contents are read together.
const MIN_FILES: usize = 256;

/// The size of the published file, in bytes.
const MAX_BYTES: usize = 1 << 20;

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
    ///
    /// A state of an entry that breaks the rules of today counts as absent.
    pub(crate) fn read(
        root: &Path,
        folder: &str,
        head: &str,
        rules: &OutputRules,
    ) -> Result<Self, ChangesError> {
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
                .map(|step| (step.commit.id.as_str(), step.parent.as_deref()))
                .collect();
            let files = git::file_changes(root, &pairs, folder)?;
            let commits = steps.into_iter().map(|step| step.commit);
            let changed: Vec<_> = commits.zip(files).collect();
            read.add_all(root, &changed, rules)?;
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
        rules: &OutputRules,
    ) -> Result<(), ChangesError> {
        while !commits.is_empty() && self.found.len() < MAX_CHANGES {
            let mut end = 0;
            let mut blobs = Vec::new();
            let mut files_together = 0;
            for (_, files) in commits {
                if files_together >= MIN_FILES {
                    break;
                }
                end += 1;
                files_together += files.len();
                for file in files {
                    blobs.extend(file.was.iter().chain(&file.is));
                }
            }
            let (these, rest) = commits.split_at(end);
            let entries = entries(root, &blobs, rules)?;
            for (commit, files) in these {
                self.add(commit, files, &entries);
            }
            commits = rest;
        }
        Ok(())
    }

    fn add(&mut self, commit: &Commit, files: &[FileChange], entries: &HashMap<&str, Entry>) {
        let was = state(files.iter().filter_map(|file| file.was.as_ref()), entries);
        let is = state(files.iter().filter_map(|file| file.is.as_ref()), entries);
        self.found.extend(changes(commit, &Diff::of(&was, &is)));
    }

    /// Whether older changes are missing.
    pub(crate) fn is_cut(&self) -> bool {
        self.end.is_some()
    }

    /// The newest changes as far as they are known.
    pub(crate) fn newest(mut self) -> Vec<SiteChange> {
        self.found.truncate(MAX_CHANGES);
        self.found.truncate(fitting(&self.found));
        self.found
    }
}

/// The entries in these files.
fn state<'b>(blobs: impl Iterator<Item = &'b Blob>, entries: &HashMap<&str, Entry>) -> State {
    let found = blobs.filter_map(|blob| entries.get(blob.id.as_str()).cloned());
    State::of_commit_part(found.collect())
}

/// How many of the newest changes the published file can hold. The changes of a commit stay together,
/// unless they are the only ones.
fn fitting(changes: &[SiteChange]) -> usize {
    let mut bytes = 0;
    let mut end = 0;
    for change in changes {
        let text = serde_json::to_string_pretty(change).unwrap_or_default();
        // In the file, each line is indented further.
        bytes += text.len() + text.lines().count() * 8;
        if bytes > MAX_BYTES {
            break;
        }
        end += 1;
    }
    let mut whole = end;
    if let Some(next) = changes.get(end) {
        while whole > 0 && changes[whole - 1].commit == next.commit {
            whole -= 1;
        }
    }
    if whole > 0 { whole } else { end }
}

/// The changes of a commit by domain.
fn changes(commit: &Commit, diff: &Diff<'_>) -> Vec<SiteChange> {
    let mut all = Vec::new();
    for entry in &diff.added {
        let mut change = of_site(commit, ChangeKind::Added, entry);
        change.gained = methods(entry);
        all.push(change);
    }
    for entry in &diff.removed {
        let mut change = of_site(commit, ChangeKind::Removed, entry);
        change.lost = methods(entry);
        all.push(change);
    }
    for pair in &diff.renamed {
        all.push(of_pair(commit, ChangeKind::Renamed, *pair));
    }
    for pair in diff.changed.iter().filter(|pair| !pair.is_renamed()) {
        all.push(of_pair(commit, ChangeKind::Changed, *pair));
    }
    all.sort_by(|a, b| a.domain.cmp(&b.domain));
    all
}

/// A change with what is known of every kind of change.
fn of_site(commit: &Commit, kind: ChangeKind, entry: &Entry) -> SiteChange {
    let own = format!("https://{}", entry.domain());
    SiteChange {
        commit: commit.id.clone(),
        time: time(commit.seconds),
        kind,
        domain: entry.domain().to_owned(),
        name: entry.name.clone(),
        was: None,
        gained: Vec::new(),
        lost: Vec::new(),
        fields: Vec::new(),
        url: entry.text("url").and_then(linked).or_else(|| linked(&own)),
        documentation: entry.text("documentation").and_then(linked),
    }
}

fn linked(url: &str) -> Option<String> {
    is_web_address(url).then(|| url.to_owned())
}

fn of_pair(commit: &Commit, kind: ChangeKind, pair: Pair<'_>) -> SiteChange {
    let (old, new) = (methods(pair.was), methods(pair.is));
    let mut change = of_site(commit, kind, pair.is);
    if kind == ChangeKind::Renamed {
        change.was = Some(Was {
            domain: pair.was.domain().to_owned(),
            name: pair.was.name.clone(),
        });
    }
    change.gained = without(&new, &old);
    change.lost = without(&old, &new);
    for (field, ..) in pair.fields() {
        change.fields.push(field.to_owned());
    }
    change
}

/// The elements that are not among the others.
fn without(elements: &[String], others: &[String]) -> Vec<String> {
    let mut left = elements.to_vec();
    left.retain(|element| !others.contains(element));
    left
}

fn methods(entry: &Entry) -> Vec<String> {
    entry
        .array("tfa")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// When an entry last changed on a branch (RFC 3339, in UTC); `None` if the clone lacks that commit.
pub(crate) fn newest_change(
    root: &Path,
    folder: &str,
    head: &str,
) -> Result<Option<String>, ChangesError> {
    let seconds = git::newest_change(root, head, folder)?;
    Ok(seconds.map(time))
}

/// A commit's time. Beyond the year 9999, which git allows, it is unknown: 1970.
fn time(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or_default();
    let time = Timestamp::from_second(seconds).unwrap_or_default();
    time.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of a commit, with a name of this many bytes.
    fn change(commit: usize, bytes: usize) -> SiteChange {
        SiteChange {
            commit: commit.to_string(),
            time: String::new(),
            kind: ChangeKind::Added,
            domain: String::new(),
            name: "x".repeat(bytes),
            was: None,
            gained: Vec::new(),
            lost: Vec::new(),
            fields: Vec::new(),
            url: None,
            documentation: None,
        }
    }

    #[test]
    fn the_oldest_commits_that_do_not_fit_fall_off() {
        let small: Vec<_> = (0..200).map(|number| change(number, 100)).collect();
        assert_eq!(fitting(&small), 200);
        // Of the third commit, only one change would fit.
        let large: Vec<_> = (0..8).map(|number| change(number / 2, 200_000)).collect();
        assert_eq!(fitting(&large), 4);
        let of_one_commit = vec![change(0, 400_000); 8];
        assert_eq!(fitting(&of_one_commit), 2);
        assert_eq!(fitting(&[]), 0);
    }
}
