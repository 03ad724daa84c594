//! The mark of a folder that tfadir made: a list of what it put there.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use crate::artifact::{Artifact, MediaType};
use crate::limits;

/// The name of the list in the folder.
pub(crate) const FILE: &str = ".tfadir-dist";

/// The largest list that is read, in bytes.
const MAX_SIZE: usize = 16 * 1024 * 1024;

const FIRST_LINE: &str = "tfadir wrote these files; a build replaces them all.";

/// The list of some artifacts, one path to a line.
pub(crate) fn artifact(artifacts: &[Artifact]) -> Artifact {
    let text = text(artifacts.iter().map(|artifact| artifact.path.as_str()));
    Artifact::new(FILE, MediaType::Text, "What tfadir wrote.", text.into_bytes())
}

/// The text of the list of some paths, in whatever order they come.
pub(crate) fn text<'p>(paths: impl IntoIterator<Item = &'p str>) -> String {
    let paths: BTreeSet<&str> = paths.into_iter().collect();
    let mut text = format!("{FIRST_LINE}\n");
    for path in paths {
        text.push_str(path);
        text.push('\n');
    }
    text
}

/// The files in a folder that its list does not name, as paths relative to the folder, sorted.
///
/// `None` where the folder has no list although it is not empty: tfadir did not make it.
///
/// # Errors
///
/// Where the folder cannot be read.
pub(crate) fn foreign_files(folder: &Path) -> io::Result<Option<Vec<String>>> {
    let list = match limits::read_regular(&folder.join(FILE), MAX_SIZE) {
        Ok(list) => String::from_utf8_lossy(&list).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let is_empty = fs::read_dir(folder)?.next().is_none();
            return Ok(is_empty.then(Vec::new));
        }
        Err(error) => return Err(error),
    };
    let mut lines = list.lines();
    if lines.next() != Some(FIRST_LINE) {
        return Ok(None);
    }
    let known: HashSet<&str> = lines.chain([FILE]).collect();
    let mut foreign = Vec::new();
    for item in WalkDir::new(folder).min_depth(1).sort_by_file_name() {
        let item = item?;
        if item.file_type().is_dir() {
            continue;
        }
        let path = item.path().strip_prefix(folder).unwrap_or(item.path());
        let path = path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
        if !known.contains(path.as_str()) {
            foreign.push(path);
        }
    }
    Ok(Some(foreign))
}
