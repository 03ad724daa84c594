//! Which of all findings a command reports or mends.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::check::INTERNAL_ERROR;
use crate::directory::{Directory, SETTINGS_FILE};
use crate::finding::Finding;
use crate::fix::Fixed;
use crate::git::{Changes, ChangesError};

/// Which findings are asked for: those that meet all conditions.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Files and folders, relative to the root.
    paths: Option<HashSet<PathBuf>>,
    changes: Option<Changes>,
    rules: Vec<String>,
}

/// Why a filter makes no sense.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilterError {
    /// A path leads nowhere.
    #[error("cannot find `{path}`: {source}")]
    NoSuchPath {
        /// The path as it was given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A path leads elsewhere.
    #[error("`{path}` is not in the root `{root}`")]
    OutsideOfRoot {
        /// The path as it was given.
        path: PathBuf,
        /// The root.
        root: PathBuf,
    },
    /// git cannot tell what was changed.
    #[error(transparent)]
    Changes(#[from] ChangesError),
}

impl Filter {
    /// Everything in these files and folders, which are relative to the current folder; everything
    /// at all where there are none.
    pub(crate) fn of_paths(directory: &Directory, paths: &[PathBuf]) -> Result<Self, FilterError> {
        let inside = |path: &PathBuf| {
            // The folder is followed where it leads, a file that is a link is what it is.
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            let canonical = match path.file_name() {
                Some(name) => {
                    folder.unwrap_or(Path::new(".")).canonicalize().map(|it| it.join(name))
                }
                None => path.canonicalize(),
            };
            let found = canonical.and_then(|it| it.symlink_metadata().map(|_| it));
            let found =
                found.map_err(|source| FilterError::NoSuchPath { path: path.clone(), source })?;
            let relative = found.strip_prefix(&directory.root).map(Path::to_owned);
            relative.map_err(|_| {
                let (path, root) = (path.clone(), directory.root.clone());
                FilterError::OutsideOfRoot { path, root }
            })
        };
        let inside = paths.iter().map(inside).collect::<Result<HashSet<_>, _>>()?;
        Ok(Self { paths: Some(inside).filter(|it| !it.is_empty()), ..Self::default() })
    }

    /// Of these only what has to do with changes since a commit. A change of the settings or of the
    /// lists in `schemas/` has to do with everything.
    pub(crate) fn changed_since(
        mut self,
        directory: &Directory,
        reference: &str,
    ) -> Result<Self, FilterError> {
        let changes = Changes::since(&directory.root, reference)?;
        let touches_all = |path: &Path| {
            path == Path::new(SETTINGS_FILE)
                || path.starts_with("schemas")
                || path == Path::new("tests/categories.json")
        };
        if !changes.iter().any(touches_all) {
            self.changes = Some(changes);
        }
        Ok(self)
    }

    /// Of these only what these rules found; all rules where there are none.
    pub(crate) fn of_rules(mut self, rules: &[String]) -> Self {
        self.rules = rules.to_vec();
        self
    }

    /// Whether a finding is asked for. One that has to do with several files is asked for with any
    /// of them; a failure of the program always is.
    pub(crate) fn contains(&self, finding: &Finding) -> bool {
        if finding.rule == INTERNAL_ERROR {
            return true;
        }
        let related = finding.related.iter().map(|related| related.path.as_path());
        let mut files = std::iter::once(finding.path.as_path()).chain(related);
        self.contains_rule(finding.rule) && files.any(|file| self.contains_file(file))
    }

    /// Whether what a rule finds is asked for.
    pub(crate) fn contains_rule(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|it| it == rule)
    }

    /// Whether a file, given relative to the root, is asked for.
    pub(crate) fn contains_file(&self, file: &Path) -> bool {
        let is_in = |paths: &HashSet<PathBuf>| file.ancestors().any(|it| paths.contains(it));
        self.paths.as_ref().is_none_or(is_in)
            && self.changes.as_ref().is_none_or(|changes| changes.contains(file))
    }

    /// Goes along with files that were moved.
    pub(crate) fn follow(&mut self, fixed: &[Fixed]) {
        for (from, to) in fixed.iter().filter_map(|it| Some((&it.path, it.moved_to.as_ref()?))) {
            if self.contains_file(from) {
                self.paths.iter_mut().for_each(|paths| paths.extend([to.clone()]));
                self.changes.iter_mut().for_each(|changes| changes.insert(to.clone()));
            }
        }
    }
}
