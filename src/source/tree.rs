//! All entry files of a root, read in parallel.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::file::{self, Problem, SourceFile};

/// More than an entry usually takes, in bytes, so that one read gets all of it.
const USUAL_BYTES: usize = 16 * 1024;

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
    /// A file that cannot be read is part of the tree as well, with its [`Problem`]; so all
    /// files are always read. The same goes for a folder that cannot be listed, for a symbolic link
    /// to a folder, which is never followed, and for a file with another ending. Files whose names
    /// begin with a dot are left alone.
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
        let mut files: Vec<SourceFile> = folders(&canonical)
            .into_par_iter()
            .with_max_len(1)
            .flat_map_iter(|walk| {
                let mut buffer = Vec::with_capacity(USUAL_BYTES);
                walk.filter_map(move |item| load_item(root, item, &mut buffer))
            })
            .collect();
        if files.is_empty() {
            return Err(LoadError::NoEntries(top));
        }
        files.sort_by(|a, b| byte_order(&a.path, &b.path));
        Ok(Self { files })
    }

    /// The file at a path relative to the root.
    pub fn file(&self, path: &Path) -> Option<&SourceFile> {
        let by = |file: &SourceFile| byte_order(&file.path, path);
        let index = self.files.binary_search_by(by).ok()?;
        self.files.get(index)
    }
}

/// A walk for each thing in the folder of entries, so that they can be walked in parallel.
fn folders(top: &Path) -> Vec<walkdir::IntoIter> {
    WalkDir::new(top)
        .max_depth(1)
        .into_iter()
        .map(|item| match item {
            Ok(item) if item.depth() == 0 => WalkDir::new(item.into_path()).max_depth(0),
            Ok(item) => WalkDir::new(item.into_path()).follow_root_links(false),
            Err(error) => WalkDir::new(error.path().unwrap_or(top)),
        })
        .map(WalkDir::into_iter)
        .collect()
}

/// Reads what a walk came upon; `None` for folders on the way and for hidden files.
fn load_item(
    root: &Path,
    item: walkdir::Result<DirEntry>,
    buffer: &mut Vec<u8>,
) -> Option<SourceFile> {
    let (path, read) = match item {
        Ok(item) => {
            let is_json = item.path().extension().is_some_and(|it| it == "json");
            let is_hidden = item.file_name().as_encoded_bytes().starts_with(b".");
            if !is_json && (is_hidden || item.file_type().is_dir()) {
                return None;
            }
            let read = if !is_json && !item.path().is_dir() {
                Err(Problem::OtherKind)
            } else if item.file_type().is_file() {
                file::read_into(item.path(), buffer)
            } else if item.path_is_symlink() {
                file::follow_link(root, item.path())
                    .and_then(|target| file::read_into(&target, buffer))
            } else {
                Err(Problem::NotAFile)
            };
            (item.into_path(), read)
        }
        Err(error) => {
            let path = error.path().unwrap_or(root).to_owned();
            (path, Err(Problem::Unreadable(error.into())))
        }
    };
    let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
    Some(match read {
        Ok(()) => SourceFile::from_bytes(relative, buffer),
        Err(problem) => SourceFile::unread(relative, problem),
    })
}

fn byte_order(a: &Path, b: &Path) -> Ordering {
    a.as_os_str().as_encoded_bytes().cmp(b.as_os_str().as_encoded_bytes())
}
