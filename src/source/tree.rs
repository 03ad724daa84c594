//! All entries and icons of a root, read in parallel.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::file::{self, FileProblem, Kind, SourceFile};
use crate::failure::{Failure, Result, fail, failure};
use crate::staging::is_leftover;

/// More than most entries have, in bytes, so that one read is enough.
const USUAL_BYTES: usize = 16 * 1024;

/// How many bytes a folder of the root may contain.
const MAX_TOTAL_BYTES: usize = 1 << 30;

/// All source files of a root. Copies share the files.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// The entries, by path in ascending byte order.
    pub(crate) files: Vec<Arc<SourceFile>>,
    /// The icons, by path in ascending byte order; `None` where the root has none.
    pub(crate) icons: Option<Vec<Arc<SourceFile>>>,
    /// Changed files in other folders that may be entries, by path in ascending byte order.
    pub(crate) outside: Vec<Arc<SourceFile>>,
    /// The folders of entries and icons that are symbolic links, or are reached through one.
    pub(crate) linked_folders: Vec<PathBuf>,
}

/// The entries are those of another kind of directory, which fixes would rewrite.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct OtherKindOfDirectory(#[source] Failure);

impl Tree {
    /// Reads every entry below `entries` and every icon below `icons`, paths relative to `root`,
    /// the canonical path of the root.
    ///
    /// A file that cannot be read is in the tree with its [`FileProblem`], as are folders that cannot
    /// be listed, symbolic links to folders, which are never followed, and files with another
    /// extension. Files whose names begin with a dot are skipped, except those that killed runs left.
    ///
    /// # Errors
    ///
    /// If the folder of entries is missing or empty, or one of the two is outside the
    /// root.
    pub(crate) fn load(root: &Path, entries: &Path, icons: &Path) -> Result<Self> {
        let files = load_entries(root, entries)?;
        // An empty folder is as good as none.
        let icon_files = load_folder(root, icons, Kind::Icon)?.filter(|files| !files.is_empty());
        let mut linked_folders = Vec::new();
        for folder in [entries, icons] {
            let mut ancestors = folder.ancestors();
            if ancestors.any(|ancestor| root.join(ancestor).is_symlink()) {
                linked_folders.push(folder.to_owned());
            }
        }
        Ok(Self {
            files: shared(files),
            icons: icon_files.map(shared),
            outside: Vec::new(),
            linked_folders,
        })
    }

    /// All icons; none if the root has no icon folder.
    pub(crate) fn icons(&self) -> &[Arc<SourceFile>] {
        self.icons.as_deref().unwrap_or_default()
    }

    /// All files, entries first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.iter().chain(self.icons()).chain(&self.outside)
    }

    /// The file at a path relative to the root.
    pub(crate) fn file(&self, path: &Path) -> Option<&Arc<SourceFile>> {
        for files in [&self.files, self.icons(), &self.outside] {
            if let Ok(index) = files.binary_search_by(|file| byte_order(&file.path, path)) {
                return files.get(index);
            }
        }
        None
    }

    /// Puts new versions of some files in the place of the files at these paths. A file from another
    /// folder becomes an entry.
    pub(crate) fn replace(&mut self, new_versions: Vec<(PathBuf, Arc<SourceFile>)>) {
        let replaced: HashSet<&Path> = new_versions.iter().map(|(path, _)| &**path).collect();
        for files in [&mut self.files, &mut self.outside]
            .into_iter()
            .chain(&mut self.icons)
        {
            files.retain(|file| !replaced.contains(&*file.path));
        }
        for (_, file) in new_versions {
            match file.kind {
                Kind::Entry => self.files.push(file),
                Kind::Icon => self.icons.get_or_insert_default().push(file),
            }
        }
        self.files.sort_by(|a, b| byte_order(&a.path, &b.path));
        if let Some(icons) = &mut self.icons {
            icons.sort_by(|a, b| byte_order(&a.path, &b.path));
        }
    }
}

fn shared(files: Vec<SourceFile>) -> Vec<Arc<SourceFile>> {
    files.into_iter().map(Arc::new).collect()
}

/// Reads a regular file that is in neither folder as if it were an entry; `None` if it cannot be
/// read.
pub(crate) fn load_outside(root: &Path, path: &Path) -> Option<SourceFile> {
    let full = root.join(path);
    full.symlink_metadata()
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    let mut bytes = Vec::new();
    file::read_into(&full, &mut bytes).ok()?;
    Some(SourceFile::from_bytes(
        path.to_owned(),
        Kind::Entry,
        &bytes,
        None,
    ))
}

/// Every entry below `entries`; see [`Tree::load`].
pub(crate) fn load_entries(root: &Path, entries: &Path) -> Result<Vec<SourceFile>> {
    match load_folder(root, entries, Kind::Entry)? {
        None => fail!(
            "the folder `{}` does not exist", root.join(entries).display();
            help: "add the first site with `tfadir new`, or pass another directory with --root"
        ),
        Some(files) if files.is_empty() => fail!(
            "the folder `{}` has no entries", root.join(entries).display();
            help: "add an entry as `<first character of the domain>/<domain>.json` in this folder"
        ),
        Some(files) if are_of_passkeys(&files) => Err(OtherKindOfDirectory(failure!(
            "this is a passkeys directory; tfadir builds two-factor-authentication directories";
            help: "run tfadir in the folder of a directory with `tfa` fields, or pass it with --root"
        ))
        .into()),
        Some(files) => Ok(files),
    }
}

/// Whether most entries have the fields of a passkeys directory.
fn are_of_passkeys(files: &[SourceFile]) -> bool {
    let of_passkeys = files.iter().filter(|file| is_of_passkeys(&file.text));
    of_passkeys.count() * 2 > files.len()
}

fn is_of_passkeys(text: &str) -> bool {
    !text.contains("\"domain\"") && (text.contains("\"mfa\"") || text.contains("\"passwordless\""))
}

/// All files of one folder, by path; `None` if the folder does not exist.
fn load_folder(root: &Path, folder: &Path, kind: Kind) -> Result<Option<Vec<SourceFile>>> {
    let top = root.join(folder);
    let Some(canonical) = top.canonicalize().ok().filter(|path| path.is_dir()) else {
        return Ok(None);
    };
    if !canonical.starts_with(root) {
        fail!(
            "the folder `{}` is a link that leads out of the root", top.display();
            help: "move the folder into the root"
        );
    }
    // No more files are read once there are too many, which bounds the memory that they take.
    let total = &AtomicUsize::new(0);
    let is_within = |_: &_| total.load(Relaxed) <= MAX_TOTAL_BYTES;
    let mut files: Vec<SourceFile> = folders(&canonical)
        .into_par_iter()
        .with_max_len(1)
        .flat_map_iter(|walk| {
            let mut buffer = Vec::with_capacity(USUAL_BYTES);
            walk.take_while(is_within).filter_map(move |item| {
                let file = load_item(root, kind, item, &mut buffer)?;
                total.fetch_add(file.text.len() + file.bytes.len(), Relaxed);
                Some(file)
            })
        })
        .collect();
    let failed = files.iter_mut().find_map(|file| match &mut file.problem {
        Some(FileProblem::Unreadable(error)) if is_out_of_files(error) => file.problem.take(),
        _ => None,
    });
    if let Some(FileProblem::Unreadable(error)) = failed {
        fail!(
            "cannot read the entries: {error}";
            help: "raise the limit, for example with `ulimit -n 1024`"
        );
    }
    if total.load(Relaxed) > MAX_TOTAL_BYTES {
        fail!(
            "the folder `{}` has more than 1 GiB of files", top.display();
            help: "remove files that do not belong there; an entry needs a few hundred bytes"
        );
    }
    files.sort_by(|a, b| byte_order(&a.path, &b.path));
    Ok(Some(files))
}

/// The system's codes for running out of file handles, in the process or in the system.
#[cfg(unix)]
const OUT_OF_FILES: [i32; 2] = {
    use rustix::io::Errno;
    [Errno::MFILE.raw_os_error(), Errno::NFILE.raw_os_error()]
};
/// `ERROR_TOO_MANY_OPEN_FILES`.
#[cfg(windows)]
const OUT_OF_FILES: [i32; 1] = [4];

/// Whether the process or the system has run out of file handles, so the file itself is not the problem.
fn is_out_of_files(error: &io::Error) -> bool {
    let walk = error
        .get_ref()
        .and_then(|error| error.downcast_ref::<walkdir::Error>());
    let error = walk.and_then(walkdir::Error::io_error).unwrap_or(error);
    error
        .raw_os_error()
        .is_some_and(|code| OUT_OF_FILES.contains(&code))
}

/// A walk for each item of a folder, so that they can run in parallel.
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

/// Reads an item of a walk; `None` for folders and for hidden files that tfadir did not leave.
fn load_item(
    root: &Path,
    kind: Kind,
    item: walkdir::Result<DirEntry>,
    buffer: &mut Vec<u8>,
) -> Option<SourceFile> {
    let (mut is_misnamed, mut is_link) = (false, false);
    let (path, read) = match item {
        Ok(item) => {
            let is_ours = kind.has_extension(item.path());
            let is_meant = is_ours || kind.intended(item.path()).is_some();
            let is_hidden = item.file_name().as_encoded_bytes().starts_with(b".");
            let is_leftover = is_hidden && is_leftover(&item.file_name().to_string_lossy());
            if !is_ours && !is_leftover && (is_hidden || item.file_type().is_dir()) {
                return None;
            }
            is_misnamed = !is_ours;
            is_link = item.path_is_symlink();
            let is_entry = kind == Kind::Entry && item.file_type().is_file();
            let read = if !is_meant && is_entry {
                // Its content shows whether it is one.
                file::read_into(item.path(), buffer).map_err(|_| FileProblem::OtherKind)
            } else if !is_meant && !item.path().is_dir() {
                Err(FileProblem::OtherKind)
            } else if item.file_type().is_file() {
                file::read_into(item.path(), buffer)
            } else if is_link && kind == Kind::Entry {
                Err(FileProblem::Link)
            } else if is_link {
                file::follow_link(root, item.path())
                    .and_then(|target| file::read_into(&target, buffer))
                    .map(|_| None)
            } else {
                Err(FileProblem::NotAFile)
            };
            (item.into_path(), read)
        }
        Err(error) => {
            let path = error.path().unwrap_or(root).to_owned();
            (path, Err(FileProblem::Unreadable(Arc::new(error.into()))))
        }
    };
    let relative = path.strip_prefix(root).unwrap_or(&path).to_owned();
    let file = match read {
        Ok(mode) if is_misnamed => SourceFile::misnamed(relative, kind, buffer, mode),
        Ok(mode) => SourceFile::from_bytes(relative, kind, buffer, mode),
        Err(problem) => SourceFile::unread(relative, kind, problem),
    };
    Some(SourceFile { is_link, ..file })
}

/// A file of a commit, as [`load_item`] reads it from a folder; `None` if it is hidden.
pub(crate) fn committed(
    path: PathBuf,
    kind: Kind,
    mode: Option<u32>,
    content: Result<&[u8], FileProblem>,
) -> Option<SourceFile> {
    let name = path.file_name()?.to_string_lossy();
    let is_ours = kind.has_extension(&path);
    if name.starts_with('.') && !is_ours && !is_leftover(&name) {
        return None;
    }
    let is_meant = is_ours || kind.intended(&path).is_some();
    Some(match content {
        Ok(bytes) if is_ours => SourceFile::from_bytes(path, kind, bytes, mode),
        Ok(bytes) if is_meant || kind == Kind::Entry => {
            SourceFile::misnamed(path, kind, bytes, mode)
        }
        Err(problem) if is_meant => SourceFile::unread(path, kind, problem),
        _ => SourceFile::unread(path, kind, FileProblem::OtherKind),
    })
}

/// The order of the files of a tree: by the bytes of their paths.
pub(crate) fn byte_order(a: &Path, b: &Path) -> Ordering {
    a.as_os_str()
        .as_encoded_bytes()
        .cmp(b.as_os_str().as_encoded_bytes())
}
