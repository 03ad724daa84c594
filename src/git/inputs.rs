//! Whether the files that a build reads are those of a commit, byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::blobs::{Blob, blobs, contents};
use super::error::ChangesError;
use super::run::Git;

/// The longest target of a link, in bytes.
const MAX_LINK_BYTES: u64 = 4096;

/// The files at these paths that differ from a commit, in byte order: those with other bytes, and those
/// that only one of the two has. The paths are relative to a folder, which is a canonical path.
///
/// The bytes on the disk count, as a build reads them, and those that are stored in the commit, as
/// [`blobs`] and [`contents`] read them. git's own comparison does not show every difference: it
/// converts line ends, ignores expanded keywords, and skips files that a flag in the index or a sparse
/// checkout hides.
pub(crate) fn differing(
    folder: &Path,
    commit: &str,
    paths: &[&str],
) -> Result<BTreeSet<PathBuf>, ChangesError> {
    let mut inputs = Inputs::default();
    for path in paths {
        inputs.visit(folder, Path::new(path));
    }
    let mut committed = BTreeMap::new();
    for blob in blobs(folder, commit, &[])? {
        if inputs
            .places
            .iter()
            .any(|place| blob.path.starts_with(place))
        {
            committed.insert(blob.path.clone(), blob);
        }
    }
    let mut differing = inputs.others;
    let ids = ids(folder, &inputs.files)?;
    for (path, id) in inputs.files.into_iter().zip(ids) {
        let blob = committed.remove(&path);
        if !blob.is_some_and(|blob| !blob.is_link() && blob.id == id) {
            differing.insert(path);
        }
    }
    for (path, target) in inputs.links {
        let blob = committed.remove(&path);
        let is_same = match blob.filter(Blob::is_link) {
            Some(blob) => contents(folder, &[&blob], MAX_LINK_BYTES)? == [Some(target)],
            None => false,
        };
        if !is_same {
            differing.insert(path);
        }
    }
    differing.extend(committed.into_keys());
    Ok(differing)
}

/// What is on the disk.
#[derive(Debug, Default)]
struct Inputs {
    /// The folders and files that were visited.
    places: Vec<PathBuf>,
    files: BTreeSet<PathBuf>,
    /// Each link with its target.
    links: BTreeMap<PathBuf, Vec<u8>>,
    /// What no commit contains: special files, what cannot be read, and links that lead out of the
    /// folder.
    others: BTreeSet<PathBuf>,
}

impl Inputs {
    /// Adds the files at a path, and those to which links among them lead.
    fn visit(&mut self, folder: &Path, path: &Path) {
        if self.places.iter().any(|place| path.starts_with(place)) {
            return;
        }
        self.places.push(path.to_owned());
        let top = folder.join(path);
        if top.symlink_metadata().is_err() {
            return;
        }
        for item in WalkDir::new(&top).follow_root_links(false) {
            let (found, kind) = match &item {
                Ok(item) => (item.path(), Some(item.file_type())),
                Err(error) => (error.path().unwrap_or(&top), None),
            };
            let relative = found.strip_prefix(folder).unwrap_or(found).to_owned();
            match kind {
                Some(kind) if kind.is_dir() => {}
                Some(kind) if kind.is_symlink() => self.add_link(folder, found, relative),
                Some(kind) if kind.is_file() && has_plain_name(&relative) => {
                    self.files.insert(relative);
                }
                _ => {
                    self.others.insert(relative);
                }
            }
        }
    }

    fn add_link(&mut self, folder: &Path, link: &Path, relative: PathBuf) {
        if let Ok(target) = fs::read_link(link) {
            let bytes = target.into_os_string().into_encoded_bytes();
            self.links.insert(relative.clone(), bytes);
        }
        // A link that leads nowhere is just a link.
        let Ok(target) = link.canonicalize() else {
            return;
        };
        match target.strip_prefix(folder) {
            Ok(inside) => self.visit(folder, inside),
            Err(_) => {
                self.others.insert(relative);
            }
        }
    }
}

/// Whether git can read the path from a line.
fn has_plain_name(path: &Path) -> bool {
    let bytes = path.as_os_str().as_encoded_bytes();
    !bytes.iter().any(u8::is_ascii_control)
}

/// The ids that git would give to files if it stored them as they are.
fn ids(folder: &Path, files: &BTreeSet<PathBuf>) -> Result<Vec<String>, ChangesError> {
    let mut input = Vec::new();
    for file in files {
        let path = folder.join(file);
        input.extend_from_slice(path.as_os_str().as_encoded_bytes());
        input.push(b'\n');
    }
    let hash = ["hash-object", "--no-filters", "--stdin-paths"];
    let output = Git::at(folder).answer_to(hash, &input)?;
    let text = String::from_utf8_lossy(&output);
    let ids: Vec<String> = text.lines().map(str::to_owned).collect();
    if ids.len() != files.len() {
        return Err(ChangesError::git("unexpected output of hash-object"));
    }
    Ok(ids)
}
