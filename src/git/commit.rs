//! Commits, and the names that refer to them.

use std::path::Path;
use std::process::Output;

use super::error::ChangesError;
use super::planted;
use super::run::{Git, line, message};
use crate::limits::MAX_SECONDS;

/// The commit that is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    /// In lower-case hexadecimal digits.
    pub(crate) id: String,
    /// The committer's time, in seconds since 1970.
    pub(crate) seconds: u64,
}

impl Commit {
    /// The commit of the repository that contains a folder. `None` if there is no repository or no
    /// commit yet.
    pub(crate) fn of(folder: &Path) -> Result<Option<Self>, ChangesError> {
        planted::refuse(folder)?;
        let git = Git::at(folder);
        // A plumbing command: settings do not change its output, not even for signed commits.
        let answer = match git.ask_with(["cat-file", "--batch"], b"HEAD^{commit}\n") {
            // A folder outside a repository does not need git.
            Err(_) if !is_in_repository(folder) => return Ok(None),
            answer => answer?,
        };
        let text = String::from_utf8_lossy(&answer.stdout);
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let Some((id, _)) = first.split_once(" commit ") else {
            return match commit_id(folder, "HEAD") {
                Err(error) if error.is_absence() => Ok(None),
                Err(error) => Err(error),
                Ok(_) => Err(git.failure(&message(&answer))),
            };
        };
        let committer = lines
            .take_while(|line| !line.is_empty())
            .find_map(|line| line.strip_prefix("committer "))
            .unwrap_or_default();
        match committer.rsplit(' ').nth(1).map(str::parse) {
            Some(Ok(seconds)) if seconds <= MAX_SECONDS => Ok(Some(Self {
                id: id.to_owned(),
                seconds,
            })),
            _ => Err(ChangesError::bad_time(id)),
        }
    }
}

fn is_in_repository(folder: &Path) -> bool {
    folder
        .ancestors()
        .any(|folder| folder.join(".git").exists())
}

/// The id of the commit that a branch, a tag or another name refers to.
pub(crate) fn commit_id(folder: &Path, reference: &str) -> Result<String, ChangesError> {
    let git = Git::at(folder);
    let repository = git.ask(["rev-parse", "--git-dir"])?;
    if !repository.status.success() {
        return Err(ChangesError::no_repository(folder, &message(&repository)));
    }
    let commit = resolve(&git, &format!("{reference}^{{commit}}"))?;
    if let Some(id) = line(&commit) {
        return Ok(id);
    }
    if commit.status.code() != Some(1) {
        return Err(git.failure(&message(&commit)));
    }
    match line(&resolve(&git, reference)?) {
        // The object of the name is missing. An id names itself.
        Some(id) if id != reference && !git.has(&id)? => Err(git.unreadable(&id)),
        _ => Err(ChangesError::no_such_ref(reference)),
    }
}

/// Asks for the id of what a name refers to.
fn resolve(git: &Git<'_>, name: &str) -> Result<Output, ChangesError> {
    git.ask(["rev-parse", "--verify", "--quiet", "--end-of-options", name])
}

/// The branch that is checked out, even if it has no commit yet; `None` if git names none.
pub(crate) fn branch(folder: &Path) -> Option<String> {
    let head = Git::at(folder).ask(["symbolic-ref", "--quiet", "--short", "HEAD"]);
    line(&head.ok()?)
}

/// The last commit that `HEAD` has in common with `reference`, or `reference` itself if git does not
/// know such a commit, as in a shallow clone.
pub(crate) fn fork_point(folder: &Path, reference: &str) -> Result<String, ChangesError> {
    let commit = commit_id(folder, reference)?;
    let base = Git::at(folder).ask(["merge-base", &commit, "HEAD"])?;
    Ok(line(&base).unwrap_or(commit))
}
