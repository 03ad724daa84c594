//! Repositories that a commit can bring along. git obeys their settings, some of which run programs.
//!
//! git looks for a repository in a folder and in those above it. In each it looks for `.git`, which no
//! commit can contain, and then whether the folder itself is a bare repository, which a commit can
//! contain. Old versions of git do not know `safe.bareRepository`, and no setting of git is about
//! `.git` files and alternates, so all are looked for here.

use std::path::{Path, PathBuf};

use super::error::ChangesError;
use super::paths::path;
use crate::limits;

/// The largest file that names another folder, in bytes.
const MAX_BYTES: usize = 64 * 1024;

/// Where the repository of a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Repository {
    /// At `.git` in this folder, which is the top of the working tree.
    DotGit(PathBuf),
    Nowhere,
    /// The folder itself, or one above it, is a bare repository: its name says so, and it is in no
    /// working tree.
    Bare,
}

/// Refuses a folder if the files in a working tree would be its repository.
pub(super) fn refuse(folder: &Path) -> Result<Repository, ChangesError> {
    // git reports a folder that does not exist.
    let Ok(start) = folder.canonicalize() else {
        return Ok(Repository::Nowhere);
    };
    let mut bare = None;
    for top in start.ancestors() {
        let dot_git = top.join(".git");
        if dot_git.is_file() || dot_git.join("HEAD").symlink_metadata().is_ok() {
            refuse_inside(top, &dot_git)?;
            return match bare {
                Some(bare) => Err(ChangesError::planted(bare)),
                None => Ok(Repository::DotGit(top.to_owned())),
            };
        }
        if bare.is_none() && is_bare(top) {
            bare = Some(top);
        }
    }
    match bare {
        None => Ok(Repository::Nowhere),
        Some(bare) if bare.extension().is_some_and(|extension| extension == "git") => {
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
    if let Some(target) = content_of(dot_git).strip_prefix(b"gitdir: ") {
        own = top.join(path(target));
    }
    let common = own.join(path(&content_of(&own.join("commondir"))));
    let objects = common.join("objects");
    let mut parts = vec![own, common, objects.clone()];
    let alternates = content_of(&objects.join("info/alternates"));
    for line in alternates.split(|byte| *byte == b'\n') {
        let alternate = objects.join(path(line));
        // git unquotes a line that starts with a quote, but never writes such a line.
        if line.starts_with(b"\"") {
            return Err(ChangesError::planted(&alternate));
        }
        parts.push(alternate);
    }
    match parts.iter().find(|part| is_planted(top, part)) {
        Some(part) => Err(ChangesError::planted(part)),
        None => Ok(()),
    }
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

/// The bytes of a small file without line ends at its end, as git reads them; nothing if it cannot be
/// read.
fn content_of(file: &Path) -> Vec<u8> {
    let mut bytes = limits::read_regular(file, MAX_BYTES).unwrap_or_default();
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    bytes
}
