//! What differs between a commit and the working tree.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::error::ChangesError;
use super::paths::path;
use super::run::{Git, records};

/// The files below a folder that differ from a commit: changed, added, renamed (under both names),
/// deleted, and those that git does not track yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct ChangedFiles(HashSet<PathBuf>);

impl ChangedFiles {
    /// The differences below `folder` between the working tree and a commit. As in `git status`, line
    /// ends that git converted do not count, and neither do ignored files.
    ///
    /// # Errors
    ///
    /// [`ChangesError`] if git cannot tell.
    pub(crate) fn since(folder: &Path, commit: &str) -> Result<Self, ChangesError> {
        let git = Git::without_filters(folder)?;
        // Without rename detection, a rename is a deletion and an addition: both paths count.
        let diff = ["diff", "--name-only", "--no-renames", "--no-ext-diff"];
        let options = ["--no-textconv", "--ignore-submodules", "--relative", "-z"];
        let args = diff.into_iter().chain(options).chain([commit, "--", "."]);
        let mut changes = Self::default();
        changes.extend(&git.answer(args)?);
        let untracked = [
            "ls-files",
            "--others",
            "--exclude-standard",
            "-z",
            "--",
            ".",
        ];
        changes.extend(&git.answer(untracked)?);
        Ok(changes)
    }

    /// Whether a file, given relative to the folder, has changed.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.0.contains(path)
    }

    /// The files, relative to the folder, in no particular order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(PathBuf::as_path)
    }

    /// Adds a file, given relative to the folder.
    pub(crate) fn insert(&mut self, path: PathBuf) {
        self.0.insert(path);
    }

    fn extend(&mut self, output: &[u8]) {
        self.0.extend(records(output).map(path));
    }
}
