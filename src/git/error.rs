//! Why git cannot answer.

use std::io;
use std::path::Path;

use crate::failure::{Failure, failure};

/// git cannot tell what it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{failure}")]
pub(crate) struct ChangesError {
    cause: Cause,
    #[source]
    failure: Failure,
}

/// What callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The repository or the commit does not exist, or the system has no git.
    Absence,
    /// The system could not start git: too few file handles or processes, or too little memory.
    Exhaustion,
    Other,
}

impl ChangesError {
    fn new(cause: Cause, failure: Failure) -> Self {
        Self { cause, failure }
    }

    pub(super) fn no_git(error: &io::Error) -> Self {
        let failure = failure!("cannot run git: {error}");
        match error.kind() {
            io::ErrorKind::NotFound => {
                Self::new(Cause::Absence, failure!("{failure}"; help: "install git"))
            }
            io::ErrorKind::PermissionDenied => Self::new(Cause::Other, failure),
            _ => Self::new(Cause::Exhaustion, failure),
        }
    }

    /// The folder is not in a repository, or git refuses to read it.
    pub(super) fn no_repository(folder: &Path, message: &str) -> Self {
        let cause = if message.contains("not a git repository (or any") {
            Cause::Absence
        } else {
            Cause::Other
        };
        let failure = failure!(
            "`{}` is not in a usable git repository: {message}",
            folder.display()
        );
        Self::new(cause, failure)
    }

    /// Files that a commit may have brought along would be the repository, with settings that run
    /// programs.
    pub(super) fn planted(path: &Path) -> Self {
        let failure = failure!(
            "`{}` would be used as a git repository, but its files may be part of a commit",
            path.display();
            help: "remove it; a repository is a folder named `.git`, or a bare one named `….git` \
                   that is in no working tree"
        );
        Self::new(Cause::Other, failure)
    }

    pub(super) fn no_such_ref(reference: &str) -> Self {
        let failure = failure!(
            "unknown branch or commit `{reference}`";
            help: "use one that `git branch --all` lists, such as `origin/main`; in a shallow \
                   clone, fetch it first (`HEAD^1` with `fetch-depth: 2` for actions/checkout)"
        );
        Self::new(Cause::Absence, failure)
    }

    /// An object of the commit is missing or damaged.
    pub(super) fn unreadable(id: &str) -> Self {
        let failure = failure!(
            "git cannot read the object {id}";
            help: "this clone is incomplete or damaged; clone the repository again, with its \
                   history"
        );
        Self::new(Cause::Other, failure)
    }

    /// An object does not match its id.
    pub(super) fn altered(id: &str) -> Self {
        let failure = failure!(
            "the git object {id} was altered: its content does not match its id";
            help: "do not use this repository; clone it again, because git checks every object when it \
                   clones"
        );
        Self::new(Cause::Other, failure)
    }

    /// An object of the commit was not fetched, and tfadir does not use the network.
    pub(super) fn partial(message: &str) -> Self {
        let failure = failure!(
            "this partial clone lacks objects that tfadir needs: {message}";
            help: "run `git fetch --refetch --no-filter`, or clone the repository without `--filter`"
        );
        Self::new(Cause::Other, failure)
    }

    pub(super) fn bad_time(commit: &str) -> Self {
        let failure = failure!(
            "the time of the commit {commit} is not between 1970 and the year 9999";
            help: "correct it: `git commit --amend --no-edit` commits with the current time"
        );
        Self::new(Cause::Other, failure)
    }

    pub(super) fn git(message: &str) -> Self {
        Self::new(Cause::Other, failure!("git failed: {message}"))
    }

    /// Whether git says that what it was asked for does not exist: the repository or the commit. So
    /// does a system without git.
    pub(crate) fn is_absence(&self) -> bool {
        self.cause == Cause::Absence
    }

    /// Whether the system could not start git, because it has too few file handles, processes or too
    /// little memory left.
    pub(crate) fn is_exhaustion(&self) -> bool {
        self.cause == Cause::Exhaustion
    }
}
