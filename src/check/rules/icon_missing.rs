use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::check::context::{TreeContext, is_host_name};
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::directory::Directory;
use crate::source::{Entry, Location};
use crate::text::quote;

rule! {
    /// Finds entries without an icon, if the root has a folder of icons.
    ///
    /// ## Why
    ///
    /// Apps show the icon next to the name of the site; without one there is a gap.
    ///
    /// ## Bad
    ///
    /// `entries/e/example.com.json` without `img/e/example.com.svg`
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json` and `img/e/example.com.svg`
    ICON_MISSING = "icon-missing", Error, Review, fixable: false, Tree(check)
}

fn check(tree: &TreeContext<'_>) -> Vec<TreeProblem> {
    let Some(icons) = tree.icons else {
        return Vec::new();
    };
    let icons: HashSet<&Path> = icons.iter().map(|icon| icon.path.as_path()).collect();
    let mut problems = Vec::new();
    for site in tree.sites {
        let Some(home) =
            home(tree.directory, &site.entry).filter(|it| !icons.contains(it.as_path()))
        else {
            continue;
        };
        let field = if site.entry.fields.contains_key("img") { "img" } else { "domain" };
        let message = format!("the icon of {} is missing", quote(&site.entry.name));
        let help = "Add the icon there as an SVG file, or name a PNG file in `img`.";
        let problem = Problem::new(Location::Value(site.entry.pointer_to(field)), message, help)
            .related(&home, Location::File, "expected here");
        problems.push((site.path().to_owned(), problem));
    }
    problems
}

/// The path of an entry's icon, relative to the root; `None` if the schema does not allow its name.
pub(super) fn home(directory: &Directory, entry: &Entry) -> Option<PathBuf> {
    let icon = entry.icon();
    let is_allowed = |it: u8| {
        it.is_ascii_lowercase() || it.is_ascii_digit() || matches!(it, b'_' | b'+' | b'.' | b'-')
    };
    let is_name = icon.bytes().all(is_allowed) && icon.rsplit_once('.').is_some();
    if !is_name || (!entry.fields.contains_key("img") && !is_host_name(entry.domain())) {
        return None;
    }
    let folder = icon.chars().next()?.to_string();
    Some(PathBuf::from(&directory.settings.paths.icons).join(folder).join(icon.as_ref()))
}
