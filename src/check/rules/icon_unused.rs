use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::icon_missing::{icon_path, without_icon};
use crate::check::context::TreeContext;
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::finding::Change;
use crate::source::{self, Location, SourceFile};
use crate::text::quote;

rule! {
    /// Finds icons that belong to no entry.
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
    ICON_UNUSED = "icon-unused", Error, Review, fixable: true, Tree(check)
}

fn check(tree: &TreeContext<'_>) -> Vec<TreeProblem> {
    let icons = tree.icons.unwrap_or_default();
    if icons.is_empty() {
        return Vec::new();
    }
    let used: HashSet<PathBuf> =
        tree.sites.iter().filter_map(|site| icon_path(tree.directory, &site.entry)).collect();
    // The icon of an entry that cannot be read is unknown: assume that it has the entry's name.
    let broken: HashSet<&std::ffi::OsStr> =
        tree.broken.iter().filter_map(|file| file.path.file_stem()).collect();
    let is_unused = |icon: &&SourceFile| {
        let is_icon =
            !matches!(icon.problem, Some(source::Problem::OtherKind | source::Problem::NotAFile));
        let stem = icon.path.file_stem().unwrap_or_default();
        is_icon && !used.contains(&icon.path) && !broken.contains(stem)
    };
    let missing = without_icon(tree);
    let problem = |icon: &SourceFile| {
        let message = "this icon belongs to no entry";
        let help = "Name it after the domain of its entry, in the folder of its first character; \
                    or name it in the entry's `img`; or delete it.";
        let problem = Problem::new(Location::File, message, help);
        // An icon whose entry has none: in another folder, in capitals, or named like its file.
        let mut meant = missing.iter().filter(|(site, home)| {
            let name = |path: &Path| path.file_name().map(|it| it.to_string_lossy().to_lowercase());
            let is_named_like_entry = icon.path.file_stem() == site.path().file_stem()
                && icon.path.extension() == home.extension();
            name(&icon.path) == name(home) || is_named_like_entry
        });
        let problem = match (meant.next(), meant.next()) {
            (Some((site, home)), None) => {
                problem.related(site.path(), Location::File, "the entry that needs it").fix(
                    format!("move it to {}", quote(&home.to_string_lossy())),
                    Change::Move(home.clone()),
                )
            }
            _ => problem,
        };
        (icon.path.clone(), problem)
    };
    icons.iter().filter(is_unused).map(problem).collect()
}
