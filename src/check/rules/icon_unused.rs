use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::entry_path::doubted;
use super::icon_missing::{MissingIcon, icon_path, without_icon};
use crate::check::context::TreeContext;
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::finding::Change;
use crate::source::{self, Location, SourceFile, Verb};
use crate::text::quote;

rule! {
    /// Finds icons that no entry uses.
    ///
    /// ## Why
    ///
    /// An unused icon is left over from an entry that was renamed or removed, or its name is
    /// misspelled.
    ///
    /// ## Bad
    ///
    /// `img/e/exmaple.com.svg` and `entries/e/example.com.json`
    ///
    /// ## Good
    ///
    /// `img/e/example.com.svg` and `entries/e/example.com.json`
    ///
    /// ## Fix
    ///
    /// Moves the icon of an entry that has none to where it is expected: from another folder, from a
    /// name in capitals, or from the name of the entry's file.
    ICON_UNUSED = "icon-unused", Error, Review, fix: Safe, Tree(check)
}

fn check(tree: &TreeContext<'_>) -> Vec<TreeProblem> {
    let icons = tree.icons.unwrap_or_default();
    if icons.is_empty() {
        return Vec::new();
    }
    let mut used: HashSet<PathBuf> = HashSet::new();
    // The icon of an entry that cannot be read is unknown: assume that it has the entry's name.
    let broken = tree.broken.iter().filter_map(|file| file.path.file_stem());
    let mut unclear: HashSet<&OsStr> = broken.collect();
    for site in tree.sites {
        match icon_path(tree.directory, site.entry) {
            Some(path) => {
                used.insert(path);
            }
            None => unclear.extend(site.file.path.file_stem()),
        }
    }
    let is_unused = |icon: &&SourceFile| {
        let is_icon = !matches!(
            icon.problem,
            Some(source::FileProblem::OtherKind | source::FileProblem::NotAFile)
        );
        let stem = icon.path.file_stem().unwrap_or_default();
        is_icon && !used.contains(&icon.path) && !unclear.contains(stem)
    };
    let unused: Vec<&SourceFile> = icons.iter().map(|icon| &**icon).filter(is_unused).collect();
    if unused.is_empty() {
        return Vec::new();
    }
    // Where the domain may be wrong, the name of the icon may be right.
    let mut missing = without_icon(tree);
    missing.retain(|(site, _)| doubted(&site.context(tree.directory)).is_none());
    let meant: Vec<Option<&MissingIcon<'_>>> =
        unused.iter().map(|icon| entry_of(icon, &missing)).collect();
    let mut wanted: HashMap<&Path, usize> = HashMap::new();
    for (_, home) in meant.iter().flatten() {
        *wanted.entry(home).or_default() += 1;
    }
    let mut problems = Vec::with_capacity(unused.len());
    for (icon, meant) in unused.into_iter().zip(meant) {
        let message = "no entry uses this icon";
        let help = "Name it after the domain of its entry, in the folder of its first character; \
                    or name it in the entry's `img`; or delete it.";
        let mut problem = Problem::new(Location::File, message, help);
        // Of several icons for one entry, tfadir does not choose.
        if let Some((site, home)) = meant
            && wanted.get(home.as_path()) == Some(&1)
        {
            let title = Verb::Move.title(format!("it to {}", quote(&home.to_string_lossy())));
            problem = problem
                .related(site.path(), Location::File, "the entry that needs it")
                .fix(title, Change::Move(home.clone()));
        }
        problems.push((icon.path.clone(), problem));
    }
    problems
}

/// The only entry without an icon to which an icon seems to belong: it is in another folder, in
/// capitals, or named like the entry's file.
fn entry_of<'m, 't>(
    icon: &SourceFile,
    missing: &'m [MissingIcon<'t>],
) -> Option<&'m MissingIcon<'t>> {
    let mut meant = missing.iter().filter(|(site, home)| {
        let is_named_like_entry = icon.path.file_stem() == site.path().file_stem()
            && icon.path.extension() == home.extension();
        is_named_like_entry || lower_case_name(&icon.path) == lower_case_name(home)
    });
    let first = meant.next()?;
    meant.next().is_none().then_some(first)
}

fn lower_case_name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_string_lossy().to_lowercase())
}
