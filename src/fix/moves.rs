//! Which files can be moved where.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::finding::{Change, Fix};
use crate::source::Tree;
use crate::text::quote;

/// Why a change to the file at a path cannot be applied, as a clause.
pub(super) fn obstacle(tree: &Tree, path: &Path, change: &Change) -> Option<String> {
    if is_linked(tree, path) {
        return Some("the file is a symbolic link, or in a folder that is one".to_owned());
    }
    let Change::Move(target) = change else {
        return None;
    };
    if tree.file(target).is_some() {
        return Some(format!("{} already exists", shown(target)));
    }
    let folder = blocking_folder(tree, target)?;
    Some(format!("{} is not a folder, or a link", shown(folder)))
}

fn shown(path: &Path) -> String {
    quote(&path.to_string_lossy())
}

/// Whether a file is a symbolic link, or is reached through one. Through a link, a change could affect
/// files outside the root.
pub(super) fn is_linked(tree: &Tree, path: &Path) -> bool {
    let is_inside = |folder: &std::path::PathBuf| path.starts_with(folder);
    tree.linked_folders.iter().any(is_inside) || tree.file(path).is_some_and(|file| file.is_link)
}

/// The part of the way to a path that is not a folder, or a link.
fn blocking_folder<'p>(tree: &Tree, path: &'p Path) -> Option<&'p Path> {
    // A link to a folder is in the tree like a file.
    path.ancestors().skip(1).find(|folder| {
        let is_link = tree.linked_folders.iter().any(|linked| linked == folder);
        is_link || tree.file(folder).is_some()
    })
}

/// The moves that can be done together: to paths that are free, or that another of these moves
/// frees. Of several files that would go to one path, the first goes there.
pub(super) fn possible<'f>(
    tree: &Tree,
    by_file: &BTreeMap<&'f Path, Vec<&'f Fix>>,
) -> HashMap<&'f Path, &'f Path> {
    let mut targets: HashMap<&Path, &Path> = HashMap::new();
    let mut sources: HashMap<&Path, &Path> = HashMap::new();
    for (path, fixes) in by_file {
        if let Some(target) = fixes.iter().find_map(|fix| target_of(fix))
            && blocking_folder(tree, target).is_none()
            && !is_linked(tree, path)
            && !sources.contains_key(target)
        {
            sources.insert(target, path);
            targets.insert(path, target);
        }
    }
    let is_blocked = |target: &Path| tree.file(target).is_some() && !targets.contains_key(target);
    let mut blocked: Vec<&Path> = targets
        .iter()
        .filter(|(_, target)| is_blocked(target))
        .map(|(path, _)| *path)
        .collect();
    while let Some(path) = blocked.pop() {
        targets.remove(path);
        // This file stays, so no other file can take its path.
        blocked.extend(sources.get(path));
    }
    targets
}

fn target_of(fix: &Fix) -> Option<&Path> {
    match &fix.change {
        Change::Move(target) => Some(target),
        _ => None,
    }
}
