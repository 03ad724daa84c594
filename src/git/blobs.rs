//! The files of commits.

use std::path::{Path, PathBuf};

use super::error::ChangesError;
use super::integrity::take_object;
use super::paths::path;
use super::run::{Git, lines, records};

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blob {
    /// The path, relative to the queried folder.
    pub(crate) path: PathBuf,
    /// As git writes it: `100644`, `100755`, or `120000` for a symbolic link.
    pub(crate) mode: String,
    /// The id of the content, in hexadecimal digits.
    pub(crate) id: String,
}

impl Blob {
    pub(crate) fn is_link(&self) -> bool {
        self.mode == "120000"
    }

    pub(crate) fn is_executable(&self) -> bool {
        self.mode == "100755"
    }

    /// Reads `<mode> blob <id>`, a tab and the path; `None` for a submodule.
    fn of_tree(record: &[u8]) -> Option<Self> {
        let tab = record.iter().position(|byte| *byte == b'\t')?;
        let mut facts = std::str::from_utf8(&record[..tab]).ok()?.split(' ');
        let (mode, kind, id) = (facts.next()?, facts.next()?, facts.next()?);
        (kind == "blob").then(|| Self {
            path: path(&record[tab + 1..]),
            mode: mode.to_owned(),
            id: id.to_owned(),
        })
    }
}

/// The files of a commit at these paths, both relative to a folder, in git's order.
pub(crate) fn blobs(
    folder: &Path,
    commit: &str,
    paths: &[&str],
) -> Result<Vec<Blob>, ChangesError> {
    let list = ["ls-tree", "-r", "-z", commit, "--"];
    let output = Git::at(folder).answer(list.iter().chain(paths))?;
    Ok(records(&output).filter_map(Blob::of_tree).collect())
}

/// The contents of blobs, in their order. Those with more than `max` bytes are not read: `None`.
pub(crate) fn contents(
    folder: &Path,
    blobs: &[&Blob],
    max: u64,
) -> Result<Vec<Option<Vec<u8>>>, ChangesError> {
    let git = Git::at(folder);
    let ids: Vec<&str> = blobs.iter().map(|blob| blob.id.as_str()).collect();
    let check = ["cat-file", "--batch-check=%(objectsize)"];
    let output = git.ask_with(check, &lines(&ids))?.stdout;
    let text = String::from_utf8_lossy(&output);
    let mut sizes = text.lines();
    let mut is_small = Vec::with_capacity(ids.len());
    for id in &ids {
        match sizes.next().map(str::parse::<u64>) {
            Some(Ok(size)) => is_small.push(size <= max),
            _ => return Err(git.unreadable(id)),
        }
    }
    let pairs = ids.iter().zip(&is_small);
    let small: Vec<&str> = pairs
        .filter(|(_, is_small)| **is_small)
        .map(|(id, _)| *id)
        .collect();
    let output = git
        .ask_with(["cat-file", "--batch"], &lines(&small))?
        .stdout;
    let mut rest = output.as_slice();
    let mut contents = Vec::with_capacity(ids.len());
    for (id, is_small) in ids.iter().zip(is_small) {
        contents.push(match is_small {
            true => {
                let object = take_object(&mut rest).ok_or_else(|| git.unreadable(id))?;
                Some(object.content.to_vec())
            }
            false => None,
        });
    }
    Ok(contents)
}
