//! All entry files of a root, read and parsed in parallel.

use std::cmp::Ordering;
use std::fs::FileType;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

use super::file::{self, Problem, SourceFile};

/// All entry files, ordered by path.
#[derive(Debug)]
pub struct Tree {
    /// The files, by path in ascending byte order.
    pub files: Vec<SourceFile>,
}

/// Why there is no tree at all. A single file that cannot be read is no such error.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The folder of entries is missing.
    #[error(
        "there is no folder `{0}`\n\
         help: run tfadir in the directory's folder, or name it with --root"
    )]
    NoEntriesFolder(PathBuf),
    /// The folder of entries is a link to a place outside of the root.
    #[error(
        "`{0}` is a link to a place outside of the root\n\
         help: put the entries into the root itself"
    )]
    LeavesRoot(PathBuf),
    /// There is a folder, but nothing in it.
    #[error(
        "there is no entry in `{0}`\n\
         help: an entry is a file `<first character of the domain>/<domain>.json` in that folder"
    )]
    NoEntries(PathBuf),
}

impl Tree {
    /// Reads every `*.json` file below `folder`, a path relative to `root`, the canonical path of
    /// the root.
    ///
    /// A file that cannot be read or parsed is part of the tree, with its [`Problem`]; so all
    /// files are always read. The same goes for a folder that cannot be listed, and for a symbolic
    /// link to a folder, which is never followed.
    ///
    /// # Errors
    ///
    /// [`LoadError`] where the folder is missing, empty, or outside of the root.
    pub fn load(root: &Path, folder: &Path) -> Result<Self, LoadError> {
        let top = root.join(folder);
        let Ok(canonical) = top.canonicalize() else {
            return Err(LoadError::NoEntriesFolder(top));
        };
        if !canonical.starts_with(root) {
            return Err(LoadError::LeavesRoot(top));
        }
        if !canonical.is_dir() {
            return Err(LoadError::NoEntriesFolder(top));
        }
        let found = list(&top);
        if found.is_empty() {
            return Err(LoadError::NoEntries(top));
        }
        let files = found
            .into_par_iter()
            .with_min_len(16)
            .map_init(Vec::new, |buffer, found| load_file(root, found, buffer))
            .collect();
        Ok(Self { files })
    }

    /// The file at a path relative to the root.
    pub fn file(&self, path: &Path) -> Option<&SourceFile> {
        let by = |file: &SourceFile| byte_order(&file.path, path);
        let index = self.files.binary_search_by(by).ok()?;
        self.files.get(index)
    }
}

/// A path to load, and the type of what stands there, or why the path cannot be walked.
type Found = (PathBuf, Result<FileType, Problem>);

/// The entry files below a folder, by path in ascending byte order.
fn list(top: &Path) -> Vec<Found> {
    let mut found: Vec<Found> = WalkDir::new(top)
        .min_depth(1)
        .into_iter()
        .filter_map(|item| match item {
            Ok(item) => {
                let is_json = item.path().extension().is_some_and(|it| it == "json");
                let is_linked_folder = || item.path_is_symlink() && item.path().is_dir();
                let file_type = item.file_type();
                (is_json || is_linked_folder()).then(|| (item.into_path(), Ok(file_type)))
            }
            Err(error) => {
                let path = error.path().unwrap_or(top).to_owned();
                Some((path, Err(Problem::Unreadable(error.into()))))
            }
        })
        .collect();
    found.par_sort_unstable_by(|(a, _), (b, _)| byte_order(a, b));
    found
}

fn byte_order(a: &Path, b: &Path) -> Ordering {
    a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes())
}

fn load_file(root: &Path, (path, file_type): Found, buffer: &mut Vec<u8>) -> SourceFile {
    let read = match file_type {
        Ok(it) if it.is_file() => file::read_into(&path, buffer),
        Ok(it) if it.is_symlink() => {
            file::follow_link(root, &path).and_then(|target| file::read_into(&target, buffer))
        }
        Ok(_) => Err(Problem::NotAFile),
        Err(problem) => Err(problem),
    };
    let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
    match read {
        Ok(()) => SourceFile::from_bytes(relative, buffer),
        Err(problem) => SourceFile::unread(relative, problem),
    }
}
