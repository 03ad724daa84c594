//! Which findings a command reports or fixes.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use crate::check::INTERNAL_ERROR;
use crate::directory::{Directory, SETTINGS_FILE};
use crate::finding::Finding;
use crate::fix::Fixed;
use crate::git::{Changes, ChangesError};

/// Selects the findings that meet all conditions.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Files and folders, relative to the root.
    paths: Option<HashSet<PathBuf>>,
    changes: Option<Changes>,
    rules: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum FilterError {
    #[error("cannot find `{path}`: {source}")]
    NoSuchPath { path: PathBuf, source: io::Error },
    #[error("`{path}` is not in the root `{root}`")]
    OutsideOfRoot { path: PathBuf, root: PathBuf },
    #[error(transparent)]
    Changes(#[from] ChangesError),
}

impl Filter {
    /// Everything in these files and folders, which are relative to the current folder; everything
    /// if there are none.
    pub(crate) fn of_paths(directory: &Directory, paths: &[PathBuf]) -> Result<Self, FilterError> {
        let inside = |path: &PathBuf| {
            // Links are followed to the folder, but the file itself may be a link.
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

    /// Only what changes since a commit affected. A change to the settings or to the lists in
    /// `schemas/` affects everything.
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

    /// Only the findings of these rules; all rules if there are none.
    pub(crate) fn of_rules(mut self, rules: &[String]) -> Self {
        self.rules = rules.to_vec();
        self
    }

    /// Whether a finding passes. A finding about several files passes with any of them; a bug in
    /// tfadir always passes.
    pub(crate) fn contains(&self, finding: &Finding) -> bool {
        if finding.rule == INTERNAL_ERROR {
            return true;
        }
        let related = finding.related.iter().map(|related| related.path.as_path());
        let mut files = std::iter::once(finding.path.as_path()).chain(related);
        self.contains_rule(finding.rule) && files.any(|file| self.contains_file(file))
    }

    pub(crate) fn contains_rule(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|it| it == rule)
    }

    /// `file` is relative to the root.
    pub(crate) fn contains_file(&self, file: &Path) -> bool {
        let is_in = |paths: &HashSet<PathBuf>| file.ancestors().any(|it| paths.contains(it));
        self.paths.as_ref().is_none_or(is_in)
            && self.changes.as_ref().is_none_or(|changes| changes.contains(file))
    }

    /// Adds the new paths of files that were moved.
    pub(crate) fn follow(&mut self, fixed: &[Fixed]) {
        for (from, to) in fixed.iter().filter_map(|it| Some((&it.path, it.moved_to.as_ref()?))) {
            if self.contains_file(from) {
                self.paths.iter_mut().for_each(|paths| paths.extend([to.clone()]));
                self.changes.iter_mut().for_each(|changes| changes.insert(to.clone()));
            }
        }
    }
}
