//! Which findings a command reports or fixes.

use std::collections::HashSet;
use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::{INTERNAL_ERROR, is_host_name};
use crate::directory::{Directory, SETTINGS_FILE};
use crate::failure::{Failure, Result, fail};
use crate::finding::{Finding, Guard, Severity};
use crate::fix::Fixed;
use crate::git;
use crate::lint::base::{Base, anchor, committed_icons, icon};
use crate::source::tree::{byte_order, load_outside};
use crate::source::{Entry, Kind, SourceFile, Tree};
use crate::text::{nearest, quote};

/// Selects the findings that meet all conditions.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    /// Files and folders, relative to the root.
    paths: Option<HashSet<PathBuf>>,
    base: Option<Base>,
    rules: Vec<String>,
    /// The least severity.
    severity: Option<Severity>,
}

impl Filter {
    /// Selects everything in these files and folders, which are relative to the current folder.
    /// Selects everything if there are none.
    pub(crate) fn of_paths(directory: &Directory, paths: &[PathBuf]) -> Result<Self> {
        let mut selected = HashSet::new();
        for path in paths {
            selected.insert(relative_path(directory, path)?);
        }
        Ok(Self {
            paths: (!selected.is_empty()).then_some(selected),
            ..Self::default()
        })
    }

    /// Selects only what a branch is responsible for, compared with a commit; see [`Base::divide`].
    pub(crate) fn changed_since(mut self, directory: &Directory, reference: &str) -> Result<Self> {
        self.base = Some(Base::of(directory, reference)?);
        Ok(self)
    }

    /// Whether it compares with a commit.
    pub(crate) fn has_base(&self) -> bool {
        self.base.is_some()
    }

    /// The changed files that may be entries in a wrong folder.
    pub(crate) fn outside(&self, directory: &Directory) -> Vec<Arc<SourceFile>> {
        let base = self.base.iter();
        base.flat_map(|base| base.outside(directory)).collect()
    }

    /// Adds the icons of the selected entries in a tree: those that they name or named in the commit
    /// that is checked out, and those with their names.
    pub(crate) fn select_icons(&mut self, directory: &Directory, tree: &Tree) {
        let Some(paths) = &self.paths else {
            return;
        };
        let mut icons: HashSet<PathBuf> = committed_icons(directory, paths).into_iter().collect();
        let mut stems = HashSet::new();
        for file in &tree.files {
            if self.is_named(&file.path) {
                icons.extend(icon(directory, file));
                stems.extend(lower_case_stem(&file.path));
            }
        }
        for file in tree.icons() {
            if lower_case_stem(&file.path).is_some_and(|stem| stems.contains(&stem)) {
                icons.insert(file.path.clone());
            }
        }
        self.paths.get_or_insert_default().extend(icons);
    }

    /// The entries with fixes that change published data, but that are not published yet: those that
    /// the base lacks, or that have an error that it lacks. Without a base, those that are not in the
    /// commit that is checked out; none if git cannot tell.
    pub(crate) fn unpublished(
        &self,
        directory: &Directory,
        tree: &Tree,
        findings: &[Finding],
    ) -> HashSet<PathBuf> {
        let mut paths = HashSet::new();
        for finding in findings {
            if finding.guards == Guard::Review
                && finding.fix.as_ref().is_some_and(|fix| fix.alters_output)
                && let Some(file) = tree.file(&finding.path)
                && file.kind == Kind::Entry
            {
                paths.insert(finding.path.clone());
            }
        }
        if let Some(base) = &self.base {
            let broken = base.newly_broken(findings);
            paths.retain(|path| base.lacks(path) || broken.contains(path.as_path()));
        } else if !paths.is_empty() {
            let entries = &*directory.settings.paths.entries;
            match git::blobs(&directory.root, "HEAD", &[entries]) {
                Ok(blobs) => {
                    for blob in &blobs {
                        paths.remove(&blob.path);
                    }
                }
                Err(_) => paths.clear(),
            }
        }
        paths
    }

    /// Selects only the findings of these rules; all rules if there are none.
    pub(crate) fn of_rules(mut self, rules: &[String]) -> Self {
        self.rules = rules.to_vec();
        self
    }

    /// Selects only the findings that are at least this severe.
    pub(crate) fn of_severity(mut self, least: Severity) -> Self {
        self.severity = Some(least);
        self
    }

    /// Separates the findings that pass from the others, of any severity.
    pub(crate) fn divide(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
        let (own, mut others) = match &self.base {
            Some(base) => base.divide(findings),
            None => (findings, Vec::new()),
        };
        let named = |finding: &Finding| self.passes(finding, |file| self.is_named(file));
        let (mut shown, rest): (Vec<_>, Vec<_>) = own.into_iter().partition(named);
        others.extend(rest);
        for finding in &mut shown {
            anchor(finding, |path| self.is_named(path));
        }
        shown.sort_by(|a, b| byte_order(&a.path, &b.path));
        (shown, others)
    }

    /// Whether a finding is severe enough, and in a file that passes.
    pub(crate) fn contains(&self, finding: &Finding) -> bool {
        self.is_severe(finding) && self.passes(finding, |file| self.contains_file(file))
    }

    pub(crate) fn is_severe(&self, finding: &Finding) -> bool {
        self.severity.is_none_or(|least| finding.severity <= least)
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
        self.rules.is_empty() || self.rules.iter().any(|selected| selected == rule)
    }

    /// Whether a file, given relative to the root, is in the given paths.
    fn is_named(&self, file: &Path) -> bool {
        let is_in =
            |paths: &HashSet<PathBuf>| file.ancestors().any(|ancestor| paths.contains(ancestor));
        self.paths.as_ref().is_none_or(is_in)
    }

    /// Whether a file, given relative to the root, is in the given paths, and has changed if only
    /// changes are selected.
    pub(crate) fn contains_file(&self, file: &Path) -> bool {
        self.is_named(file)
            && self
                .base
                .as_ref()
                .is_none_or(|base| base.changes.contains(file))
    }

    /// Adds the new paths of files that were moved.
    pub(crate) fn follow(&mut self, fixed: &[Fixed]) {
        for file in fixed {
            if let Some(target) = file.moved_to()
                && self.contains_file(file.path())
            {
                if let Some(paths) = &mut self.paths {
                    paths.insert(target.to_owned());
                }
                if let Some(base) = &mut self.base {
                    base.changes.insert(target.to_owned());
                }
            }
        }
    }
}

/// Makes a command-line path relative to the root instead of the current folder.
fn relative_path(directory: &Directory, path: &Path) -> Result<PathBuf> {
    // Links are followed to the folder, but the file itself may be a link.
    let folder = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let canonical = match path.file_name() {
        Some(name) => folder
            .unwrap_or(Path::new("."))
            .canonicalize()
            .map(|folder| folder.join(name)),
        None => path.canonicalize(),
    };
    let existing = canonical
        .and_then(|found| found.symlink_metadata().map(|_| found))
        .map_err(|error| Failure {
            message: format!("cannot find `{}`: {error}", path.display()),
            help: similar(directory, path).into_iter().collect(),
        })?;
    let Ok(relative) = existing.strip_prefix(&directory.root) else {
        let root = directory.root.display();
        fail!("`{}` is not in the root `{root}`", path.display());
    };
    let settings = &directory.settings.paths;
    let is_checked = [&settings.entries, &settings.icons]
        .into_iter()
        .any(|folder| relative.starts_with(folder) || Path::new(folder).starts_with(relative));
    if is_checked || relative == Path::new(SETTINGS_FILE) {
        return Ok(relative.to_owned());
    }
    fail!(
        "`{}` is neither an entry nor an icon", path.display();
        help: "{}", right_path(directory, relative)
    )
}

/// The help for a missing path, if a file has a similar one.
fn similar(directory: &Directory, path: &Path) -> Option<String> {
    let tree = directory.load().ok()?;
    let files = || tree.all().map(|file| file.path.as_path());
    let elsewhere = files().find(|file| file.file_name() == path.file_name());
    let similar = || nearest(path.to_str()?, files().filter_map(Path::to_str)).map(Path::new);
    let mut meant = elsewhere.or_else(similar)?.to_owned();
    // Suggestions are relative to the root, which may not be the current folder.
    if env::current_dir().ok().as_deref() != Some(&*directory.root) {
        meant = directory.root.join(meant);
    }
    Some(format!("did you mean {}?", quote(&meant.to_string_lossy())))
}

/// Where a file belongs that is in no folder of entries or icons.
fn right_path(directory: &Directory, path: &Path) -> String {
    let paths = &directory.settings.paths;
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    let stem = path
        .file_stem()
        .and_then(OsStr::to_str)
        .unwrap_or_default()
        .to_lowercase();
    let hosts = directory.hosts();
    let target = match extension {
        "json" => match domain_in(directory, path) {
            Some(domain) => Some(directory.home(&domain)),
            None if is_host_name(&stem, hosts) => Some(directory.home(&stem)),
            None => None,
        },
        "svg" | "png" => stem.chars().next().map(|first| {
            let icons = Path::new(&paths.icons).join(first.to_string());
            icons.join(format!("{stem}.{extension}"))
        }),
        _ => None,
    };
    if let Some(target) = target {
        return format!("move it to {}", quote(&target.to_string_lossy()));
    }
    let (entries, icons) = (&paths.entries, &paths.icons);
    format!("entries are in `{entries}/`, icons in `{icons}/`")
}

/// The domain of the entry that a file outside the folder of entries contains.
fn domain_in(directory: &Directory, path: &Path) -> Option<String> {
    let file = load_outside(&directory.root, path)?;
    let entry = Entry::from_json(file.parse().ok()?.value)?;
    let domain = entry.domain();
    is_host_name(domain, directory.hosts()).then(|| domain.to_owned())
}

fn lower_case_stem(path: &Path) -> Option<String> {
    Some(path.file_stem()?.to_string_lossy().to_lowercase())
}
