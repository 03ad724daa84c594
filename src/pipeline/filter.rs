//! Which findings a command reports or fixes.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use super::Failure;
use super::base::Base;
use crate::check::INTERNAL_ERROR;
use crate::directory::Directory;
use crate::finding::Finding;
use crate::fix::Fixed;

/// Selects the findings that meet all conditions.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Files and folders, relative to the root.
    paths: Option<HashSet<PathBuf>>,
    base: Option<Base>,
    rules: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum FilterError {
    #[error("cannot find `{path}`: {source}")]
    NoSuchPath { path: PathBuf, source: io::Error },
    #[error("`{path}` is not in the root `{root}`")]
    OutsideOfRoot { path: PathBuf, root: PathBuf },
}

impl Filter {
    /// Selects everything in these files and folders, which are relative to the current folder.
    /// Selects everything if there are none.
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

    /// Selects only what a branch is responsible for, compared with a commit; see [`Base::divide`].
    pub(crate) fn changed_since(
        mut self,
        directory: &Directory,
        reference: &str,
    ) -> Result<Self, Failure> {
        self.base = Some(Base::of(directory, reference)?);
        Ok(self)
    }

    /// Selects only the findings of these rules; all rules if there are none.
    pub(crate) fn of_rules(mut self, rules: &[String]) -> Self {
        self.rules = rules.to_vec();
        self
    }

    /// Separates the findings that pass from the others.
    pub(crate) fn divide(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
        let Some(base) = &self.base else {
            return findings.into_iter().partition(|finding| self.contains(finding));
        };
        let (own, mut others) = base.divide(findings);
        let named = |finding: &Finding| self.passes(finding, |file| self.is_named(file));
        let (shown, rest): (Vec<_>, Vec<_>) = own.into_iter().partition(named);
        others.extend(rest);
        (shown, others)
    }

    /// Whether a finding is in a file that passes.
    pub(crate) fn contains(&self, finding: &Finding) -> bool {
        self.passes(finding, |file| self.contains_file(file))
    }

    /// A finding about several files passes with any of them; a bug in tfadir always passes.
    fn passes(&self, finding: &Finding, file_passes: impl Fn(&Path) -> bool) -> bool {
        if finding.rule == INTERNAL_ERROR {
            return true;
        }
        let related = finding.related.iter().map(|related| related.path.as_path());
        let mut files = std::iter::once(finding.path.as_path()).chain(related);
        self.contains_rule(finding.rule) && files.any(file_passes)
    }

    pub(crate) fn contains_rule(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|it| it == rule)
    }

    /// Whether a file, given relative to the root, is in the given paths.
    fn is_named(&self, file: &Path) -> bool {
        let is_in = |paths: &HashSet<PathBuf>| file.ancestors().any(|it| paths.contains(it));
        self.paths.as_ref().is_none_or(is_in)
    }

    /// Whether a file, given relative to the root, is in the given paths, and has changed if only
    /// changes are selected.
    pub(crate) fn contains_file(&self, file: &Path) -> bool {
        self.is_named(file) && self.base.as_ref().is_none_or(|base| base.changes.contains(file))
    }

    /// Adds the new paths of files that were moved.
    pub(crate) fn follow(&mut self, fixed: &[Fixed]) {
        for (from, to) in fixed.iter().filter_map(|it| Some((&it.path, it.moved_to.as_ref()?))) {
            if self.contains_file(from) {
                self.paths.iter_mut().for_each(|paths| paths.extend([to.clone()]));
                self.base.iter_mut().for_each(|base| base.changes.insert(to.clone()));
            }
        }
    }
}
