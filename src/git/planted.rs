//! Repositories that a commit can bring along. git obeys their settings, some of which run programs.
//!
//! git looks for a repository in a folder and in those above it. In each it looks for `.git`, which no
//! commit can contain, and then whether the folder itself is a bare repository, which a commit can
//! contain. Old versions of git do not know `safe.bareRepository`, and no setting of git is about
//! `.git` files and alternates, so all are looked for here.

use std::path::Path;

use super::error::ChangesError;
use crate::limits;

/// The largest file that names another folder, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Where the repository of a folder is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repository {
    /// At `.git` in the folder or in one above it, or nowhere.
    DotGit,
    /// The folder itself, or one above it, is a bare repository: its name says so, and it is in no
    /// working tree.
    Bare,
}

/// Refuses a folder if the files in a working tree would be its repository.
pub(super) fn refuse(folder: &Path) -> Result<Repository, ChangesError> {
    // git reports a folder that does not exist.
    let Ok(start) = folder.canonicalize() else {
        return Ok(Repository::DotGit);
    };
    let mut bare = None;
    for top in start.ancestors() {
        let dot_git = top.join(".git");
        if dot_git.is_file() || dot_git.join("HEAD").symlink_metadata().is_ok() {
            refuse_inside(top, &dot_git)?;
            return match bare {
                Some(bare) => Err(ChangesError::planted(bare)),
                None => Ok(Repository::DotGit),
            };
        }
        if bare.is_none() && is_bare(top) {
            bare = Some(top);
        }
    }
    match bare {
        None => Ok(Repository::DotGit),
        Some(bare) if bare.extension().is_some_and(|ending| ending == "git") => {
            Ok(Repository::Bare)
        }
        Some(bare) => Err(ChangesError::planted(bare)),
    }
}

/// Whether git could take a folder for a bare repository.
fn is_bare(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).symlink_metadata().is_ok();
    has("HEAD") && (has("commondir") || (has("objects") && has("refs")))
}

/// Refuses the repository at `.git` in a folder if it or its alternates are among the files there.
fn refuse_inside(top: &Path, dot_git: &Path) -> Result<(), ChangesError> {
    let mut own = dot_git.to_owned();
    if let Some(target) = line_of(dot_git)
        .as_deref()
        .and_then(|line| line.strip_prefix("gitdir: "))
    {
        own = top.join(target);
    }
    let common = match line_of(&own.join("commondir")) {
        Some(target) => own.join(target),
        None => own.clone(),
    };
    let objects = common.join("objects");
    let alternates = text_of(&objects.join("info/alternates")).unwrap_or_default();
    let others = alternates.lines().map(|line| objects.join(line));
    for part in [own, common, objects.clone()].into_iter().chain(others) {
        if is_planted(top, &part) {
            return Err(ChangesError::planted(&part));
        }
    }
    Ok(())
}

/// Whether a path leads to files of a working tree, rather than of its `.git` or of another place.
fn is_planted(top: &Path, path: &Path) -> bool {
    let Ok(target) = path.canonicalize() else {
        return false;
    };
    target
        .strip_prefix(top)
        .is_ok_and(|inside| !inside.starts_with(".git"))
}

fn line_of(path: &Path) -> Option<String> {
    text_of(path)?.lines().next().map(str::to_owned)
}

fn text_of(path: &Path) -> Option<String> {
    let bytes = limits::read_regular(path, MAX_BYTES).ok()?;
    String::from_utf8(bytes).ok()
}
