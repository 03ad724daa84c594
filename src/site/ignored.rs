//! Files in a root's `templates/` that replace nothing, so that nobody waits for them to work.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::environment::{BUILT_IN, FOLDER, RULE};
use super::samples::SAMPLES;
use crate::directory::Directory;
use crate::text::{nearest, quote};

/// The folders of this program's own `templates/` whose files no root replaces: the samples, which are
/// tested as they are, and the page of `tfadir serve`.
const FIXED: [&str; 2] = ["samples", "serve"];

/// The texts of the second one.
const SERVE: [&str; 3] = [
    include_str!("../../templates/serve/findings.css"),
    include_str!("../../templates/serve/findings.html"),
    include_str!("../../templates/serve/reload.js"),
];

/// A file in `templates/` of a root that replaces nothing. Shown, it is a sentence with its help.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Ignored {
    /// Its name is none of those that can be replaced.
    #[error(
        "{} replaces nothing, so it is not used\nhelp: {}",
        shown(.path),
        help(*.nearest)
    )]
    Unknown {
        /// The file, relative to the root.
        path: PathBuf,
        /// The name that was probably meant.
        nearest: Option<&'static str>,
    },
    /// Its folder is one whose files cannot be replaced.
    #[error(
        "{} replaces nothing: what comes with tfadir in `{FOLDER}/samples/` and `{FOLDER}/serve/` \
         cannot be replaced\nhelp: remove it; to change a page, replace the page's own template",
        shown(.0)
    )]
    Fixed(PathBuf),
}

fn shown(path: &Path) -> String {
    quote(&path.to_string_lossy().replace('\\', "/"))
}

fn help(nearest: Option<&str>) -> String {
    match nearest {
        Some(name) => format!("did you mean `{FOLDER}/{name}`?"),
        None => format!(
            "`{FOLDER}/` is for files with the names of those that come with tfadir; remove it, or \
             put it elsewhere"
        ),
    }
}

/// The files in `templates/` of a root that replace nothing, in the order of their names.
///
/// Hidden files are passed over, and copies of what comes with this program, which change nothing.
/// Like every file of a root, they are looked at inside of it only.
pub(crate) fn ignored(directory: &Directory) -> Vec<Ignored> {
    let folder = directory.root.join(FOLDER);
    if !folder.canonicalize().is_ok_and(|it| it.starts_with(&directory.root)) {
        return Vec::new();
    }
    let is_shown = |name: &std::ffi::OsStr| !name.as_encoded_bytes().starts_with(b".");
    let items = WalkDir::new(&folder).min_depth(1).sort_by_file_name().into_iter();
    let items = items.filter_entry(|item| is_shown(item.file_name())).filter_map(Result::ok);
    let files = items.filter(|item| !item.file_type().is_dir());
    files
        .filter_map(|item| ignored_file(directory, item.path().strip_prefix(&folder).ok()?))
        .collect()
}

/// The same for one file, by its path in `templates/`.
fn ignored_file(directory: &Directory, name: &Path) -> Option<Ignored> {
    let replaceable = || BUILT_IN.iter().map(|(name, _)| *name);
    if replaceable().any(|it| Path::new(it) == name) {
        return None;
    }
    let path = Path::new(FOLDER).join(name);
    if FIXED.iter().any(|folder| name.starts_with(folder)) {
        let text = directory.read(&path, RULE).ok().flatten();
        return (!text.is_some_and(|text| is_brought(&text))).then_some(Ignored::Fixed(path));
    }
    let nearest = nearest(&name.file_name()?.to_string_lossy(), replaceable());
    Some(Ignored::Unknown { path, nearest })
}

/// Whether a file says what one of the fixed ones says.
fn is_brought(text: &str) -> bool {
    SAMPLES.iter().map(|sample| sample.source).chain(SERVE).any(|it| it == text)
}
