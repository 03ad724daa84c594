//! How many sites had each method at the end of each month.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::entries;
use crate::api::Month;
use crate::git::{self, Blob, ChangesError, Commit};
use crate::source::Entry;

/// Three years.
const MAX_MONTHS: usize = 36;

/// How many commits are listed first: more than most directories have in three years.
const FIRST_COMMITS: usize = 4096;

/// The months of a branch, up to that of its last commit.
#[derive(Debug, Default)]
pub(crate) struct Months {
    /// Oldest first.
    found: Vec<Month>,
    /// The first month that is wanted.
    first: String,
    commits: Vec<String>,
    /// Whether a shallow clone ends before the first month.
    is_cut: bool,
}

impl Months {
    /// Reads the entries in a folder of `root` as they were at the end of each month. A month without
    /// commits is like the one before it.
    pub(crate) fn read(root: &Path, folder: &str, head: &str) -> Result<Self, ChangesError> {
        let mut ends: Vec<(usize, String)> = Vec::new();
        let mut commits = Vec::new();
        let mut next = Some(head.to_owned());
        let mut max = FIRST_COMMITS;
        let (mut last, mut wanted) = (None, usize::MAX);
        let mut is_cut = false;
        while let Some(start) = next.take() {
            let steps = git::steps(root, &start, max)?;
            let months = plausible(steps.iter().map(|step| month(&step.commit)).collect());
            for (step, month) in steps.into_iter().zip(months) {
                let last = *last.get_or_insert(month);
                wanted = wanted.min(last);
                while wanted >= month && wanted + MAX_MONTHS > last {
                    ends.push((wanted, step.commit.id.clone()));
                    wanted = wanted.saturating_sub(1);
                }
                if wanted + MAX_MONTHS <= last {
                    next = None;
                    break;
                }
                if step.parent.is_none() {
                    is_cut = git::is_cut(root, &step.commit.id)?;
                }
                next = step.parent;
                commits.push(step.commit.id);
            }
            max *= 2;
        }
        ends.reverse();
        let first = name((last.unwrap_or_default() + 1).saturating_sub(MAX_MONTHS));
        Ok(Self {
            found: count(root, folder, &ends)?,
            first,
            commits,
            is_cut,
        })
    }

    /// Whether earlier months are missing.
    pub(crate) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// Adds the months that were published in a build of a commit. `false` if that commit is not among
    /// those that the clone knows.
    pub(crate) fn extend(&mut self, commit: &str, mut months: Vec<Month>) -> bool {
        if !self.commits.iter().any(|it| it == commit) {
            return false;
        }
        let known = self.found.first().map(|month| month.name.clone());
        months.retain(|it| it.name >= self.first && Some(&it.name) < known.as_ref());
        self.found.splice(..0, months);
        self.is_cut = false;
        true
    }

    /// The months that this clone knows.
    pub(crate) fn known(self) -> Vec<Month> {
        self.found
    }
}

/// Corrects the months of commits, newest first, some of which have a wrong time: as few as possible are
/// ignored so that the others never decrease from a commit to the next. A commit whose month is ignored
/// counts as of the month of the one before it.
fn plausible(mut months: Vec<usize>) -> Vec<usize> {
    // For each length, the end of the row of that many commits which ends with the lowest month.
    let mut ends: Vec<usize> = Vec::new();
    let mut before = vec![None; months.len()];
    for (index, month) in months.iter().enumerate().rev() {
        let length = ends.partition_point(|end| months[*end] <= *month);
        before[index] = length.checked_sub(1).map(|last| ends[last]);
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut next = ends.last().copied();
    let mut from = 0;
    while let Some(index) = next {
        let month = months[index];
        next = before[index];
        let to = if next.is_some() { index } else { months.len() };
        months[from..to].fill(month);
        from = index + 1;
    }
    months
}

/// Counts the methods at the ends of months, oldest first, each with its commit.
fn count(root: &Path, folder: &str, ends: &[(usize, String)]) -> Result<Vec<Month>, ChangesError> {
    let mut commits: Vec<&str> = ends.iter().map(|(_, commit)| commit.as_str()).collect();
    commits.dedup();
    let Some(first) = commits.first() else {
        return Ok(Vec::new());
    };
    let pairs: Vec<_> = commits
        .windows(2)
        .map(|pair| (pair[1], Some(pair[0])))
        .collect();
    let start = git::blobs(root, first, &[folder])?;
    let changes = git::file_changes(root, &pairs, folder)?;
    let later = changes
        .iter()
        .flatten()
        .filter_map(|change| change.is.as_ref());
    let entries = entries(root, start.iter().chain(later))?;

    let mut files: BTreeMap<&PathBuf, &Blob> = start.iter().map(|it| (&it.path, it)).collect();
    let mut at: HashMap<&str, Month> = HashMap::from([(*first, of(&files, &entries))]);
    for (commit, changes) in commits[1..].iter().zip(&changes) {
        for change in changes {
            match &change.is {
                Some(blob) => files.insert(&change.path, blob),
                None => files.remove(&change.path),
            };
        }
        at.insert(commit, of(&files, &entries));
    }
    let months = ends.iter().filter_map(|(month, commit)| {
        Some(Month {
            name: name(*month),
            ..at.get(commit.as_str())?.clone()
        })
    });
    Ok(months.collect())
}

fn of(files: &BTreeMap<&PathBuf, &Blob>, entries: &HashMap<&str, Entry>) -> Month {
    Month::of(
        &files
            .values()
            .filter_map(|blob| entries.get(blob.id.as_str())),
    )
}

/// The month of a commit, in UTC, counted from the year 0.
fn month(commit: &Commit) -> usize {
    let time = i64::try_from(commit.seconds)
        .ok()
        .and_then(|it| Timestamp::from_second(it).ok());
    let date = TimeZone::UTC.to_datetime(time.unwrap_or_default());
    let [year, month] =
        [date.year(), date.month().into()].map(|it| usize::try_from(it).unwrap_or(0));
    year * 12 + month - 1
}

/// A month as `2026-11`.
fn name(month: usize) -> String {
    format!("{:04}-{:02}", month / 12, month % 12 + 1)
}

#[cfg(test)]
mod tests {
    use super::plausible;

    #[test]
    fn wrong_times_count_as_the_time_of_the_commit_before() {
        for (newest_first, expected) in [
            (vec![], vec![]),
            (vec![9, 8, 8, 3], vec![9, 8, 8, 3]),
            // Two are too old: in between, at the end, and at the start.
            (vec![9, 0, 1, 8, 7], vec![9, 8, 8, 8, 7]),
            (vec![0, 0, 9, 8, 7], vec![9, 9, 9, 8, 7]),
            (vec![9, 8, 7, 0, 0], vec![9, 8, 7, 0, 0]),
            // One is in the future.
            (vec![9, 99, 8, 7], vec![9, 8, 8, 7]),
            (vec![9, 8, 7, 99], vec![9, 8, 7, 7]),
            (vec![99, 9, 8, 7], vec![99, 9, 8, 7]),
        ] {
            assert_eq!(
                plausible(newest_first.clone()),
                expected,
                "{newest_first:?}"
            );
        }
    }
}
