use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::check::context::{CheckedSite, TreeContext, is_host_name};
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::directory::Directory;
use crate::finding::Change;
use crate::source::{Entry, Location, Verb};
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
    ///
    /// ## Fix
    ///
    /// Sets `img` if the icon exists with the other extension, such as `.png` instead of `.svg`.
    /// If it is there under the name that it has without `img`, removes `img`.
    ICON_MISSING = "icon-missing", Error, Review, fix: Safe, Tree(check)
}

fn check(tree: &TreeContext<'_>) -> Vec<TreeProblem> {
    let Some(icons) = tree.icons else {
        return Vec::new();
    };
    let existing: HashSet<&Path> = icons.iter().map(|icon| icon.path.as_path()).collect();
    let mut problems = Vec::new();
    for (site, home) in without_icon(tree) {
        let mut problem = missing(site.entry, &home);
        let other = home.with_extension(if is_png(&home) { "svg" } else { "png" });
        if existing.contains(other.as_path())
            && let Some(name) = other.file_name().and_then(OsStr::to_str)
        {
            problem = name_in_img(site.entry, name, problem);
        }
        problems.push((site.path().to_owned(), problem));
    }
    problems
}

/// The problem of an entry without its icon, which belongs at `home`.
fn missing(entry: &Entry, home: &Path) -> Problem {
    let field = match entry.fields.contains_key("img") {
        true => "img",
        false => "domain",
    };
    let form = if is_png(home) {
        "a square PNG of 16, 32, 64 or 128 pixels."
    } else {
        "an SVG on one line, without `<?xml …?>`, of at most 5 KiB.\n\
         If you only have a bitmap, add a square PNG of 16, 32, 64 or 128 pixels\n\
         instead, and name it in `img`."
    };
    let location = Location::Value(entry.pointer_to(field));
    let message = format!("the icon of {} is missing", quote(&entry.name));
    let help = format!("Add {}: {form}", quote(&home.to_string_lossy()));
    Problem::new(location, message, help).related(home, Location::File, "expected here")
}

fn is_png(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "png")
}

/// Adds the fix that names an icon in `img`.
fn name_in_img(entry: &Entry, icon: &str, problem: Problem) -> Problem {
    if icon == format!("{}.svg", entry.domain()) {
        return problem.fix(
            Verb::Remove.title("`img`"),
            Change::Remove(entry.pointer_to("img")),
        );
    }
    let title = Verb::Set.title(format!("`img` to {}", quote(icon)));
    let value = |field: &str| Location::Value(entry.pointer_to(field));
    if entry.fields.contains_key("img") {
        return problem.fix(
            title,
            Change::Write(value("img"), Value::from(icon).to_string()),
        );
    }
    let mut before = ["url", "additional-domains", "domain"].into_iter();
    let Some(before) = before.find(|field| entry.fields.contains_key(*field)) else {
        return problem;
    };
    let text = format!(
        "{},\n    \"img\": {}",
        entry.fields[before],
        Value::from(icon)
    );
    problem.fix(title, Change::Write(value(before), text))
}

/// A site without an icon, and the path where it is expected.
pub(super) type MissingIcon<'t> = (&'t CheckedSite<'t>, PathBuf);

/// The sites whose icons are missing.
pub(super) fn without_icon<'t>(tree: &'t TreeContext<'t>) -> Vec<MissingIcon<'t>> {
    let icons: HashSet<&Path> = tree
        .icons
        .unwrap_or_default()
        .iter()
        .map(|icon| icon.path.as_path())
        .collect();
    let mut missing = Vec::new();
    for site in tree.sites {
        if let Some(home) = icon_path(tree.directory, site.entry)
            && !icons.contains(home.as_path())
        {
            missing.push((site, home));
        }
    }
    missing
}

/// The path of an entry's icon, relative to the root; `None` if the schema does not allow its name.
pub(crate) fn icon_path(directory: &Directory, entry: &Entry) -> Option<PathBuf> {
    let icon = entry.icon();
    let is_allowed = |byte: u8| {
        byte.is_ascii_lowercase()
            || byte.is_ascii_digit()
            || matches!(byte, b'_' | b'+' | b'.' | b'-')
    };
    let is_name = icon.bytes().all(is_allowed) && icon.rsplit_once('.').is_some();
    if !is_name
        || (!entry.fields.contains_key("img") && !is_host_name(entry.domain(), directory.hosts()))
    {
        return None;
    }
    let folder = icon.chars().next()?.to_string();
    Some(
        PathBuf::from(&directory.settings.paths.icons)
            .join(folder)
            .join(icon.as_ref()),
    )
}
