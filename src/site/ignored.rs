//! Files in a root's `templates/` that replace no template.

use std::path::Path;

use walkdir::WalkDir;

use super::environment::{BUILT_IN, FOLDER, RULE};
use super::samples::SAMPLES;
use crate::directory::Directory;
use crate::failure::{Failure, failure};
use crate::text::{nearest, quote};

/// The folders of the built-in `templates/` that a root cannot replace: the samples, which are
/// tested unchanged, and the pages of `tfadir serve`.
const FIXED: [&str; 2] = ["samples", "serve"];

/// The files for `tfadir serve`.
const SERVE: [&str; 3] = [
    include_str!("../../templates/serve/findings.css"),
    include_str!("../../templates/serve/findings.html"),
    include_str!("../../templates/serve/reload.js"),
];

/// A warning for each file in `templates/` of a root that replaces nothing, by file name.
///
/// Hidden files and copies of built-in files are skipped. A folder that is a link out of the root
/// is not read.
pub(crate) fn ignored(directory: &Directory) -> Vec<Failure> {
    let folder = directory.root.join(FOLDER);
    if !folder
        .canonicalize()
        .is_ok_and(|canonical| canonical.starts_with(&directory.root))
    {
        return Vec::new();
    }
    let items = WalkDir::new(&folder)
        .min_depth(1)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|item| !item.file_name().as_encoded_bytes().starts_with(b"."));
    let mut warnings = Vec::new();
    for item in items.filter_map(Result::ok) {
        if !item.file_type().is_dir()
            && let Ok(name) = item.path().strip_prefix(&folder)
        {
            warnings.extend(warning(directory, name));
        }
    }
    warnings
}

/// The warning for one file, given its path in `templates/`.
fn warning(directory: &Directory, name: &Path) -> Option<Failure> {
    let replaceable = || BUILT_IN.iter().map(|(name, _)| *name);
    if replaceable().any(|template| Path::new(template) == name) {
        return None;
    }
    let path = Path::new(FOLDER).join(name);
    let help = if FIXED.iter().any(|folder| name.starts_with(folder)) {
        let text = directory.read(&path, RULE).ok().flatten();
        let mut built_in = SAMPLES.iter().map(|sample| sample.source).chain(SERVE);
        if text.is_some_and(|text| built_in.any(|sample| sample == text)) {
            return None;
        }
        "samples and the pages of `tfadir serve` cannot be replaced; remove the file".to_owned()
    } else {
        match nearest(&name.file_name()?.to_string_lossy(), replaceable()) {
            Some(name) => format!("did you mean `{FOLDER}/{name}`?"),
            None => "no built-in template has this name; remove or move the file".to_owned(),
        }
    };
    let shown = quote(&path.to_string_lossy().replace('\\', "/"));
    Some(failure!("{shown} is not used: it replaces no template"; help: "{help}"))
}
