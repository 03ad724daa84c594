//! The changes of sites, which are read from git history while the entries are read and checked.

use std::path::Path;
use std::thread::JoinHandle;

use crate::api::{CHANGES_FILE, SiteChange};
use crate::check::OutputRules;
use crate::directory::Directory;
use crate::failure::{Failure, Result, failure};
use crate::git::{self, ChangesError};
use crate::history::Changes;
use crate::process;
use crate::session::Session;

/// The changes that are being read on a separate thread, if the settings ask for them.
pub(crate) struct HistoryJob(Option<JoinHandle<Result<Changes, ChangesError>>>);

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
        if !directory.settings.feed.enabled {
            return Ok(Self(None));
        }
        let (folder, commit) = (folder.to_owned(), commit.to_owned());
        let entries = directory.settings.paths.entries.clone();
        let rules = OutputRules::of(directory)?;
        let job = process::thread(move || read(&folder, &entries, &commit, &rules))?;
        Ok(Self(Some(job)))
    }

    /// Waits for the changes to publish; `None` if the settings do not ask for them. If some cannot
    /// be read, a build that needs all of them fails, and a preview warns.
    pub(crate) fn wait(
        self,
        session: &Session<'_>,
        needs: Needs,
    ) -> Result<Option<Vec<SiteChange>>> {
        let Some(job) = self.0 else {
            return Ok(None);
        };
        let read = job
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
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
        Ok(Some(changes.newest()))
    }
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
