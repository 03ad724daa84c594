//! Fixes findings in memory, and writes the result. Only [`write()`] and [`create`] touch the disk.

mod edit;
mod moves;
mod write;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::check::{Checker, Results};
use crate::directory::Directory;
use crate::finding::{Change, Finding, Fix, Related};
use crate::source::file::MAX_BYTES;
use crate::source::{FileProblem, FixTitle, SourceFile, Tree};

pub(crate) use write::create;
pub use write::write;

/// A fix can make another one possible, for example if an entry is valid only after it. A few rounds
/// are enough.
const MAX_ROUNDS: usize = 8;

/// A file that was fixed, before and after that.
#[derive(Debug, Clone)]
pub struct Fixed {
    pub(crate) before: Arc<SourceFile>,
    pub(crate) after: Arc<SourceFile>,
    /// The fixes that were applied, in order.
    pub(crate) fixes: Vec<Fix>,
}

impl Fixed {
    /// The file's path before the fixes, relative to the root.
    pub(crate) fn path(&self) -> &Path {
        &self.before.path
    }

    /// The file's new path, if it was moved.
    pub(crate) fn moved_to(&self) -> Option<&Path> {
        let path = self.after.path.as_path();
        (path != self.path()).then_some(path)
    }

    /// What the fixes do.
    pub(crate) fn titles(&self) -> Vec<&FixTitle> {
        let mut titles: Vec<&FixTitle> = self.fixes.iter().map(|fix| &fix.title).collect();
        titles.dedup();
        titles
    }

    /// What the fixes do, in the infinitive.
    pub(crate) fn infinitives(&self) -> Vec<&str> {
        let titles = self.titles().into_iter();
        titles.map(|title| title.infinitive.as_str()).collect()
    }
}

/// A tree after fixes.
#[derive(Debug)]
pub struct Outcome {
    /// The tree.
    pub tree: Tree,
    /// The files that were fixed.
    pub fixed: Vec<Fixed>,
    /// The findings in the tree. A fix that cannot be applied is not offered; the finding says why.
    pub findings: Vec<Finding>,
}

/// Applies the wanted fixes of findings in a tree until none is left that can be applied. Nothing is
/// written.
///
/// `findings` and `results` are what the checker said about the tree. `is_wanted` sees findings with
/// the paths that their files had in the beginning. Links are not changed, and no file is moved to a
/// path that is taken or reached through a link.
pub fn fix(
    checker: &Checker<'_>,
    results: &mut Results,
    mut tree: Tree,
    mut findings: Vec<Finding>,
    is_wanted: &dyn Fn(&Finding) -> bool,
) -> Outcome {
    let mut record = Record::default();
    for _ in 0..MAX_ROUNDS {
        let fixed = round(checker.directory(), &tree, &findings, &|finding| {
            is_wanted(&record.as_before(finding))
        });
        if fixed.is_empty() {
            break;
        }
        for file in &fixed {
            results.forget(&file.before.path);
            results.forget(&file.after.path);
        }
        let new_versions = fixed
            .iter()
            .map(|file| (file.before.path.clone(), Arc::clone(&file.after)));
        tree.replace(new_versions.collect());
        record.extend(fixed);
        findings = checker.update(&tree, results);
    }
    withdraw_impossible(&tree, &mut findings);
    Outcome {
        tree,
        fixed: record.fixed,
        findings,
    }
}

/// Removes the fixes that cannot be applied; their findings say why.
pub fn withdraw_impossible(tree: &Tree, findings: &mut [Finding]) {
    let is_move = |finding: &&Finding| {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| matches!(fix.change, Change::Move(_)))
    };
    let by_file = by_file(findings.iter().filter(is_move));
    let movable: HashSet<PathBuf> = moves::possible(tree, &by_file)
        .into_keys()
        .map(Path::to_owned)
        .collect();
    for finding in findings {
        if let Some(fix) = &finding.fix
            && !movable.contains(&finding.path)
            && let Some(obstacle) = moves::obstacle(tree, &finding.path, &fix.change)
        {
            let reason = format!("tfadir cannot fix this: {obstacle}.");
            finding.help = Some(match finding.help.take() {
                Some(help) => format!("{help} {reason}"),
                None => reason,
            });
            finding.fix = None;
        }
    }
}

/// Applies the wanted fixes once, file by file.
fn round(
    directory: &Directory,
    tree: &Tree,
    findings: &[Finding],
    is_wanted: &dyn Fn(&Finding) -> bool,
) -> Vec<Fixed> {
    let is_possible =
        |finding: &&Finding| !moves::is_linked(tree, &finding.path) && is_wanted(finding);
    let by_file = by_file(findings.iter().filter(is_possible));
    let targets = moves::possible(tree, &by_file);
    let mut fixed = Vec::new();
    for (path, fixes) in by_file {
        if let Some(file) = tree.file(path) {
            let target = targets.get(path).copied();
            fixed.extend(fixed_file(directory, file, &fixes, target));
        }
    }
    fixed
}

/// The fixes of findings by the paths of their files.
fn by_file<'f>(findings: impl Iterator<Item = &'f Finding>) -> BTreeMap<&'f Path, Vec<&'f Fix>> {
    let mut by_file: BTreeMap<&Path, Vec<&Fix>> = BTreeMap::new();
    for finding in findings {
        if let Some(fix) = &finding.fix {
            by_file.entry(&finding.path).or_default().push(fix);
        }
    }
    by_file
}

/// A file after fixes, moved to `target`; `None` if nothing changes.
fn fixed_file(
    directory: &Directory,
    before: &Arc<SourceFile>,
    fixes: &[&Fix],
    target: Option<&Path>,
) -> Option<Fixed> {
    let mut after = SourceFile::clone(before);
    let text = edit::edited(directory, before, fixes);
    let is_encoded = fixes.iter().any(|fix| fix.change == Change::Encode);
    let is_edited = (text != before.text || is_encoded) && text.len() as u64 <= MAX_BYTES;
    if is_edited {
        after.text = text;
        after.problem = None;
    }
    for fix in fixes {
        if let (Change::ClearMode(bits), Some(mode)) = (&fix.change, before.mode) {
            after.mode = Some(mode & !bits);
        }
    }
    if let Some(target) = target {
        target.clone_into(&mut after.path);
    }
    if let (Some(_), Some(FileProblem::OtherKind)) = (target, &before.problem) {
        after = SourceFile::from_bytes(after.path, before.kind, &before.bytes, after.mode);
    }
    let mut done = Vec::new();
    for fix in fixes.iter().copied() {
        let is_done = match &fix.change {
            Change::ClearMode(_) => after.mode != before.mode,
            Change::Move(to) => Some(to.as_path()) == target,
            _ => is_edited,
        };
        if is_done {
            done.push(fix.clone());
        }
    }
    // Edits come first.
    done.sort_by_key(|fix| matches!(fix.change, Change::ClearMode(_) | Change::Move(_)));
    if done.is_empty() {
        return None;
    }
    Some(Fixed {
        before: Arc::clone(before),
        after: Arc::new(after),
        fixes: done,
    })
}

/// The fixes of each file in all rounds.
#[derive(Default)]
struct Record {
    fixed: Vec<Fixed>,
    /// The index of each file, by its current path.
    by_path: HashMap<PathBuf, usize>,
}

impl Record {
    /// Adds the fixes of one round to those of earlier rounds.
    fn extend(&mut self, round: Vec<Fixed>) {
        let known: Vec<Option<usize>> = round
            .iter()
            .map(|file| self.by_path.remove(file.path()))
            .collect();
        for (file, known) in round.into_iter().zip(known) {
            let index = known.unwrap_or(self.fixed.len());
            self.by_path.insert(file.after.path.clone(), index);
            match self.fixed.get_mut(index) {
                Some(earlier) => {
                    earlier.after = file.after;
                    earlier.fixes.extend(file.fixes);
                }
                None => self.fixed.push(file),
            }
        }
    }

    /// A finding with the paths that its files had in the beginning.
    fn as_before<'f>(&self, finding: &'f Finding) -> Cow<'f, Finding> {
        let is_moved = |path: &Path| self.first_path(path) != path;
        let mut paths = finding.related.iter().map(|related| &related.path);
        if !is_moved(&finding.path) && !paths.any(|path| is_moved(path)) {
            return Cow::Borrowed(finding);
        }
        let related = finding.related.iter().map(|related| Related {
            path: self.first_path(&related.path).to_owned(),
            ..related.clone()
        });
        Cow::Owned(Finding {
            path: self.first_path(&finding.path).to_owned(),
            related: related.collect(),
            ..finding.clone()
        })
    }

    fn first_path<'p>(&'p self, path: &'p Path) -> &'p Path {
        match self.by_path.get(path) {
            Some(index) => self.fixed[*index].path(),
            None => path,
        }
    }
}

#[cfg(test)]
mod tests;
