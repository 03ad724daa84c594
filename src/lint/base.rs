//! The commit that a branch is compared with: what changed since then, and its findings.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::{self, Selection};
use crate::directory::{Directory, Refuse, SETTINGS_FILE};
use crate::failure::Result;
use crate::finding::{Finding, Severity};
use crate::git::{self, Blob, ChangedFiles};
use crate::lint::commit::CommitFiles;
use crate::schema;
use crate::session;
use crate::source::file::MAX_BYTES;
use crate::source::tree::{byte_order, load_outside};
use crate::source::{Entry, Kind, Location, SourceFile, Tree};

/// The paths of settings and lists, relative to the root.
const SETTINGS: [&str; 3] = [SETTINGS_FILE, "schemas", "tests/categories.json"];

/// The state of a directory at a commit.
#[derive(Debug)]
pub(crate) struct Base {
    /// The files that differ from it.
    pub(crate) changes: ChangedFiles,
    /// The paths of its entries.
    entries: HashSet<PathBuf>,
    /// How often each finding occurs in it.
    known: HashMap<FindingKey, usize>,
    /// Which errors the build of the working tree refuses.
    refuse: Refuse,
}

/// The properties that identify a finding in both states.
type FindingKey = (Severity, &'static str, PathBuf, String);

fn key(finding: &Finding) -> FindingKey {
    (
        finding.severity,
        finding.rule,
        finding.path.clone(),
        finding.message.clone(),
    )
}

impl Base {
    /// Checks the commit at which the branch forked from `reference`; see [`git::fork_point`].
    pub(crate) fn of(directory: &Directory, reference: &str) -> Result<Self> {
        let root = &directory.root;
        let commit = git::fork_point(root, reference)?;
        let changes = ChangedFiles::since(root, &commit)?;
        let (mut known, mut entries) = (HashMap::new(), HashSet::new());
        if let Some((tree, findings)) = checked(root, &commit)? {
            for finding in findings {
                *known.entry(key(&finding)).or_default() += 1;
            }
            entries.extend(tree.files.iter().map(|file| file.path.clone()));
        }
        let refuse = directory.settings.build.refuse;
        Ok(Self {
            changes,
            entries,
            known,
            refuse,
        })
    }

    /// Whether a file is not an entry in it.
    pub(crate) fn lacks(&self, path: &Path) -> bool {
        !self.entries.contains(path)
    }

    /// The files with errors that it lacks.
    pub(crate) fn newly_broken<'f>(&self, findings: &'f [Finding]) -> HashSet<&'f Path> {
        let mut known = self.known.clone();
        let mut broken = HashSet::new();
        for finding in findings {
            if finding.severity == Severity::Error && !is_known(&mut known, finding) {
                broken.insert(finding.path.as_path());
            }
        }
        broken
    }

    /// The changed JSON files that may be entries in a wrong folder. Files of a build do not count. A
    /// folder that is named like the folder of entries, such as one of test data, belongs to
    /// another directory.
    pub(crate) fn outside(&self, directory: &Directory) -> Vec<Arc<SourceFile>> {
        let paths = &directory.settings.paths;
        let entries = Path::new(&paths.entries).file_name();
        let mut files = Vec::new();
        for path in self.changes.paths() {
            let is_json = path.extension() == Some("json".as_ref());
            let is_elsewhere = !path.starts_with(&paths.icons)
                && !path.starts_with(&paths.dist)
                && !path.iter().any(|part| Some(part) == entries);
            if is_json && is_elsewhere {
                files.extend(load_outside(&directory.root, path).map(Arc::new));
            }
        }
        files.sort_by(|a, b| byte_order(&a.path, &b.path));
        files
    }

    /// The findings that a branch is responsible for, and the others.
    ///
    /// The branch is responsible for all errors that stop a build, in any file, and for all other
    /// errors that the base does not have. So a branch that passes can be published if its base
    /// could. It is also responsible for warnings and notes that are new or in changed files.
    pub(crate) fn divide(&self, findings: Vec<Finding>) -> (Vec<Finding>, Vec<Finding>) {
        let mut known = self.known.clone();
        let (mut own, mut others) = (Vec::new(), Vec::new());
        for mut finding in findings {
            let is_own = !is_known(&mut known, &finding)
                || match finding.severity {
                    Severity::Error => self.refuse.includes(&finding),
                    Severity::Warning | Severity::Note => self.changes.contains(&finding.path),
                };
            if is_own {
                anchor(&mut finding, |path| self.changes.contains(path));
                own.push(finding);
            } else {
                others.push(finding);
            }
        }
        (own, others)
    }
}

/// Whether a finding is known already. Each known finding counts once.
fn is_known(known: &mut HashMap<FindingKey, usize>, finding: &Finding) -> bool {
    match known.get_mut(&key(finding)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            true
        }
        _ => false,
    }
}

/// Moves a finding about several files to a file that is relevant.
pub(crate) fn anchor(finding: &mut Finding, is_relevant: impl Fn(&Path) -> bool) {
    // A fix changes the file of its finding.
    if is_relevant(&finding.path) || finding.fix.is_some() {
        return;
    }
    let relevant = finding
        .related
        .iter_mut()
        .find(|related| is_relevant(&related.path));
    if let Some(related) = relevant.filter(|related| related.location != Location::File) {
        std::mem::swap(&mut finding.path, &mut related.path);
        std::mem::swap(&mut finding.location, &mut related.location);
    }
}

/// The icon that an entry names, relative to the root.
pub(crate) fn icon(directory: &Directory, file: &SourceFile) -> Option<PathBuf> {
    check::icon_path(directory, &Entry::from_json(file.parse().ok()?.value)?)
}

/// The icons that these entries name in the commit that is checked out; none if git cannot tell.
pub(crate) fn committed_icons(directory: &Directory, entries: &HashSet<PathBuf>) -> Vec<PathBuf> {
    let paths: Vec<&str> = entries.iter().filter_map(|path| path.to_str()).collect();
    let Ok(mut blobs) = git::blobs(&directory.root, "HEAD", &paths) else {
        return Vec::new();
    };
    // In a folder, icons of removed names are found anyway.
    blobs.retain(|blob| entries.contains(&blob.path));
    let wanted: Vec<&Blob> = blobs.iter().collect();
    let Ok(contents) = git::contents(&directory.root, &wanted, MAX_BYTES) else {
        return Vec::new();
    };
    let files = blobs.into_iter().zip(contents);
    let mut icons = Vec::new();
    for (blob, bytes) in files {
        if let Some(bytes) = bytes {
            let file = SourceFile::from_bytes(blob.path, Kind::Entry, &bytes, None);
            icons.extend(icon(directory, &file));
        }
    }
    icons
}

/// The tree at a commit with all its findings; `None` if the directory cannot be read there, so that
/// everything counts as new.
fn checked(root: &Path, commit: &str) -> Result<Option<(Tree, Vec<Finding>)>> {
    let lists = CommitFiles::read(root, commit, &SETTINGS)?;
    let Ok(directory) = session::open_files(&lists) else {
        return Ok(None);
    };
    let paths = &directory.settings.paths;
    let files = CommitFiles::read(root, commit, &[&paths.entries, &paths.icons])?;
    let tree = files.tree(&directory);
    if tree.files.is_empty() {
        return Ok(None);
    }
    let validator = directory.schemas.validator(schema::ENTRY)?;
    let findings = check::check(&directory, &tree, &validator, Selection::Enabled).findings;
    Ok(Some((tree, findings)))
}
