use std::collections::HashSet;
use std::path::PathBuf;

use super::icon_missing::home;
use crate::check::context::TreeContext;
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::source::{self, Location, SourceFile};

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
    ICON_UNUSED = "icon-unused", Error, Review, fixable: false, Tree(check)
}

fn check(tree: &TreeContext<'_>) -> Vec<TreeProblem> {
    let icons = tree.icons.unwrap_or_default();
    if icons.is_empty() {
        return Vec::new();
    }
    let used: HashSet<PathBuf> =
        tree.sites.iter().filter_map(|site| home(tree.directory, &site.entry)).collect();
    // The icon of an entry that cannot be read is unknown: assume that it has the entry's name.
    let broken: HashSet<&std::ffi::OsStr> =
        tree.broken.iter().filter_map(|file| file.path.file_stem()).collect();
    let is_unused = |icon: &&SourceFile| {
        let is_icon =
            !matches!(icon.problem, Some(source::Problem::OtherKind | source::Problem::NotAFile));
        let stem = icon.path.file_stem().unwrap_or_default();
        is_icon && !used.contains(&icon.path) && !broken.contains(stem)
    };
    let problem = |icon: &SourceFile| {
        let message = "this icon belongs to no entry";
        let help = "Name it after the domain of its entry, in the folder of its first character; \
                    or name it in the entry's `img`; or delete it.";
        (icon.path.clone(), Problem::new(Location::File, message, help))
    };
    icons.iter().filter(is_unused).map(problem).collect()
}
