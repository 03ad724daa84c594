//! What a build takes from git history, which is read while the entries are.

use std::path::Path;
use std::thread::JoinHandle;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::api::{Month, STATS_FILE, Stats};
use crate::artifact::{Artifact, MediaType};
use crate::directory::{Directory, Settings};
use crate::failure::{Failure, Result, fail, failure};
use crate::git::{self, ChangesError};
use crate::history::{self, Change, Changes, Months, Published};
use crate::json_text::{Style, write};
use crate::process;
use crate::publish::Previous;
use crate::session::Session;
use crate::source::Entry;

/// History that is being read on separate threads, as far as the settings ask for it.
pub(crate) struct Reading {
    changes: Option<Handle<Changes>>,
    months: Option<Handle<Months>>,
}

type Handle<T> = JoinHandle<Result<T, ChangesError>>;

/// What is published from history.
#[derive(Debug)]
pub(crate) struct History {
    changes: Option<Vec<Change>>,
    months: Option<Vec<Month>>,
}

/// What the clone knows.
#[derive(Default)]
struct Found {
    changes: Option<Changes>,
    months: Option<Months>,
    /// Why it is not everything.
    problem: Option<anyhow::Error>,
    /// Whether it would be everything if the system had more file handles, processes or memory.
    is_exhausted: bool,
}

/// The part of a published `stats.json` that comes from history.
#[derive(Deserialize)]
struct PublishedStats {
    #[serde(default)]
    history: Vec<Month>,
}

impl Reading {
    /// Starts to read the history of a directory up to a commit, from its folder in a repository.
    pub(crate) fn start(directory: &Directory, folder: &Path, commit: &str) -> Result<Self> {
        let Settings {
            feed, stats, paths, ..
        } = &directory.settings;
        let entries = &paths.entries;
        let changes = feed
            .enabled
            .then(|| read(folder, commit, entries, Changes::read));
        let months = stats
            .history
            .then(|| read(folder, commit, entries, Months::read));
        Ok(Self {
            changes: changes.transpose()?,
            months: months.transpose()?,
        })
    }

    /// Waits for what is published. Where a shallow clone ends, the previous build continues. Without
    /// one, what must be complete fails; other builds publish what is known.
    pub(crate) fn finish(
        self,
        session: &Session<'_>,
        is_complete: bool,
        previous: impl FnOnce() -> Result<Previous>,
    ) -> Result<History> {
        let mut found = self.wait();
        if found.problem.is_none() && found.is_cut() {
            found.problem = found.extend(&previous()?).err();
        }
        if let Some(problem) = found.problem.take() {
            if is_complete || found.is_exhausted {
                return Err(problem);
            }
            session.console.warn(&Failure::of(&problem));
        }
        Ok(found.history())
    }

    /// Waits for what the clone knows.
    pub(crate) fn known(self) -> History {
        self.wait().history()
    }

    fn wait(self) -> Found {
        let mut found = Found::default();
        found.changes = self.changes.map(|it| found.joined(it, history::FILE));
        found.months = self.months.map(|it| found.joined(it, STATS_FILE));
        found
    }
}

/// Starts to read something of the entries in a folder of a repository.
fn read<T: Send + 'static>(
    folder: &Path,
    commit: &str,
    entries: &str,
    read: fn(&Path, &str, &str) -> Result<T, ChangesError>,
) -> Result<Handle<T>> {
    let (folder, commit, entries) = (folder.to_owned(), commit.to_owned(), entries.to_owned());
    process::thread(move || read(&folder, &entries, &git::commit_id(&folder, &commit)?))
}

/// The error for a published file that needs more history.
fn missing(file: &str, reason: &str) -> Failure {
    failure!(
        "{file} needs more git history: {reason}";
        help: "fetch all commits: use `fetch-depth: 0` for actions/checkout, or run `git fetch \
               --unshallow`";
        help: "or name the previous build with --previous; its {file} must be next to its manifest"
    )
}

impl Found {
    fn joined<T: Default>(&mut self, reading: Handle<T>, file: &str) -> T {
        let read = reading
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.unwrap_or_else(|error| {
            self.is_exhausted |= error.is_exhaustion();
            self.problem.get_or_insert_with(|| {
                let failure = failure!(
                    "cannot read the git history for {file}: {error}";
                    help: "build in a clone of the directory's repository, with all commits"
                );
                failure.into()
            });
            T::default()
        })
    }

    fn is_cut(&self) -> bool {
        self.changes.as_ref().is_some_and(Changes::is_cut)
            || self.months.as_ref().is_some_and(Months::is_cut)
    }

    /// Adds what was published before the clone begins.
    fn extend(&mut self, previous: &Previous) -> Result<()> {
        if let Some(changes) = self.changes.as_mut().filter(|it| it.is_cut()) {
            let (commit, older) = published::<Published>(previous, history::FILE)?;
            if !changes.extend(&commit, older.changes) {
                return Err(apart(history::FILE, &commit).into());
            }
        }
        if let Some(months) = self.months.as_mut().filter(|it| it.is_cut()) {
            let (commit, older) = published::<PublishedStats>(previous, STATS_FILE)?;
            if !months.extend(&commit, older.history) {
                return Err(apart(STATS_FILE, &commit).into());
            }
        }
        Ok(())
    }

    fn history(self) -> History {
        let Self {
            changes, months, ..
        } = self;
        History {
            changes: changes.map(Changes::newest),
            months: months.map(Months::known),
        }
    }
}

/// A file of the previous build, and the commit that it was built from.
fn published<T: DeserializeOwned>(previous: &Previous, file: &str) -> Result<(String, T)> {
    let Some((manifest, _)) = &previous.manifest else {
        let reason =
            "this clone is shallow, and no previous build is signed by a key of this build";
        return Err(missing(file, reason).into());
    };
    let (Some(commit), Some(bytes)) = (&manifest.commit, previous.file(file)?) else {
        let reason =
            format!("this clone is shallow, and the previous build has no {file} of a commit");
        return Err(missing(file, &reason).into());
    };
    match serde_json::from_slice(&bytes) {
        Ok(published) => Ok((commit.clone(), published)),
        Err(error) => fail!(
            "cannot read {file} of the previous build: {error}";
            help: "fetch all commits instead"
        ),
    }
}

/// The error for a previous build that was made from a commit outside this clone.
fn apart(file: &str, commit: &str) -> Failure {
    let reason = "this clone is shallow and does not contain the commit of the previous build";
    missing(file, &format!("{reason}, {commit}"))
}

impl History {
    /// The changes and the statistics as files.
    pub(crate) fn artifacts(self, entries: &[Entry], style: Style) -> Result<Vec<Artifact>> {
        let mut artifacts = Vec::new();
        let mut add = |path: &str, about, bytes| {
            artifacts.push(Artifact::new(path, MediaType::Json, about, bytes));
        };
        if let Some(changes) = self.changes {
            let about = "The newest changes of sites.";
            add(history::FILE, about, write(&Published { changes }, style)?);
        }
        let stats = Stats {
            history: self.months,
            ..Stats::of(entries)
        };
        add(
            STATS_FILE,
            "How many sites have 2FA.",
            write(&stats, style)?,
        );
        Ok(artifacts)
    }
}
