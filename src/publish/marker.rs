//! The list of files that marks a folder as written by tfadir.

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::Path;

use walkdir::WalkDir;

use crate::artifact::{Artifact, MediaType};
use crate::limits::{self, ReadError};

pub(crate) const FILE: &str = ".tfadir-dist";

const MAX_BYTES: usize = 16 * 1024 * 1024;

const FIRST_LINE: &str = "tfadir wrote these files; a build replaces them all.";

pub(crate) fn artifact(paths: &[&str]) -> Artifact {
    let text = text(paths.iter().copied());
    Artifact::new(
        FILE,
        MediaType::Text,
        "What tfadir wrote.",
        text.into_bytes(),
    )
}

/// A sorted list of paths, one per line.
pub(crate) fn text<'p>(paths: impl IntoIterator<Item = &'p str>) -> String {
    let sorted: BTreeSet<&str> = paths.into_iter().collect();
    let mut text = format!("{FIRST_LINE}\n");
    for path in sorted {
        text.push_str(path);
        text.push('\n');
    }
    text
}

/// The paths in a list, if the bytes are exactly a list.
pub(crate) fn paths(bytes: &[u8]) -> Option<Vec<&str>> {
    let text = str::from_utf8(bytes).ok()?;
    let paths: Vec<&str> = text.lines().skip(1).collect();
    (self::text(paths.iter().copied()) == text).then_some(paths)
}

/// The files in a folder that its list does not name, as paths relative to the folder, sorted.
/// `None` if the folder is neither empty nor written by tfadir.
pub(crate) fn foreign_files(folder: &Path) -> Result<Option<Vec<String>>, ReadError> {
    let failed = |error| ReadError::new(folder, error);
    let list = match limits::read_regular(&folder.join(FILE), MAX_BYTES) {
        Ok(list) => String::from_utf8_lossy(&list).into_owned(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let is_empty = fs::read_dir(folder).map_err(failed)?.next().is_none();
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
        let item = item.map_err(|error| failed(error.into()))?;
        if item.file_type().is_dir() {
            continue;
        }
        let path = item.path().strip_prefix(folder).unwrap_or(item.path());
        let path = path
            .to_string_lossy()
            .replace(std::path::MAIN_SEPARATOR, "/");
        if !known.contains(path.as_str()) {
            foreign.push(path);
        }
    }
    Ok(Some(foreign))
}
