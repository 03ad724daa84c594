//! What pages and the feed say about changes, read from git history while the entries are read and checked.

use std::path::Path;
use std::thread::JoinHandle;

use crate::api::{CHANGES_FILE, SiteChange};
use crate::check::OutputRules;
use crate::directory::Directory;
use crate::failure::{Failure, Result, failure};
use crate::git::{self, ChangesError};
use crate::history::{self, Changes};
use crate::process;
use crate::session::Session;

/// The history that is being read on a separate thread.
pub(crate) struct HistoryJob {
    job: JoinHandle<Read>,
    is_undated: bool,
}

/// What was read from git.
struct Read {
    /// `None` if the settings do not ask for them.
    changes: Option<Result<Changes, ChangesError>>,
    newest_change: Result<Option<String>, ChangesError>,
}

/// The part of the history that a build publishes.
#[derive(Debug, Default)]
pub(crate) struct History {
    /// The newest changes of sites; `None` if the settings do not ask for them.
    pub(crate) changes: Option<Vec<SiteChange>>,
    /// When an entry last changed (RFC 3339, in UTC); `None` if the clone lacks that commit.
    pub(crate) newest_change: Option<String>,
}

/// How much of the history a build needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Everything that is published: this build is for clients.
    AllChanges,
    /// What the clone has: this build is a preview.
    KnownChanges,
}

impl HistoryJob {
    /// Starts to read the history of a directory up to a commit, from its folder in a repository.
    pub(crate) fn start(directory: &Directory, folder: &Path, commit: &str) -> Result<Self> {
        let (folder, commit) = (folder.to_owned(), commit.to_owned());
        let entries = directory.settings.paths.entries.clone();
        let rules = match directory.settings.feed.enabled {
            true => Some(OutputRules::of(directory)?),
            false => None,
        };
        let job = process::thread(move || Read {
            changes: rules.map(|rules| read(&folder, &entries, &commit, &rules)),
            newest_change: history::newest_change(&folder, &entries, &commit),
        })?;
        Ok(Self {
            job,
            is_undated: false,
        })
    }

    /// Without the time of the newest change, as in a build from a shallow clone.
    pub(crate) fn undated(self) -> Self {
        Self {
            is_undated: true,
            ..self
        }
    }

    /// Waits for the history to publish. If some changes cannot be read, a build that needs all of them
    /// fails, and a preview warns.
    pub(crate) fn wait(self, session: &Session<'_>, needs: Needs) -> Result<History> {
        let read = self
            .job
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let newest_change = match read.newest_change {
            Err(error) if error.is_exhaustion() => return Err(error.into()),
            // There may be no repository.
            _ if self.is_undated => None,
            newest_change => newest_change.unwrap_or_default(),
        };
        let changes = match read.changes {
            Some(changes) => Some(publishable(changes, session, needs)?),
            None => None,
        };
        Ok(History {
            changes,
            newest_change,
        })
    }
}

/// The changes to publish.
fn publishable(
    read: Result<Changes, ChangesError>,
    session: &Session<'_>,
    needs: Needs,
) -> Result<Vec<SiteChange>> {
    let is_exhausted = read.as_ref().is_err_and(ChangesError::is_exhaustion);
    let (changes, problem) = match read {
        Ok(changes) if changes.is_cut() => (changes, Some(shallow())),
        Ok(changes) => (changes, None),
        Err(error) => (Changes::default(), Some(unreadable(&error))),
    };
    match problem {
        Some(problem) if needs == Needs::AllChanges || is_exhausted => {
            return Err(problem.into());
        }
        Some(problem) => session.console.warn(&problem),
        None => {}
    }
    Ok(changes.newest())
}

fn shallow() -> Failure {
    failure!(
        "{CHANGES_FILE} needs more git history, but this clone is shallow";
        help: "fetch all commits first: use `fetch-depth: 0` for actions/checkout, or run `git fetch \
               --unshallow`"
    )
}

fn read(
    folder: &Path,
    entries: &str,
    commit: &str,
    rules: &OutputRules,
) -> Result<Changes, ChangesError> {
    Changes::read(folder, entries, &git::commit_id(folder, commit)?, rules)
}

fn unreadable(error: &ChangesError) -> Failure {
    failure!(
        "cannot read the git history for {CHANGES_FILE}: {error}";
        help: "build in a clone of the directory's repository, with all commits"
    )
}
