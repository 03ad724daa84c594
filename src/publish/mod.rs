//! The only module that writes published files: staged next to `dist/`, then swapped with it.
//!
//! `dist/` is replaced as a whole or not at all. If the program is killed, the old or the new
//! folder is complete, and the next build removes anything left next to it.

mod found;
pub(crate) mod manifest;
pub(crate) mod marker;
mod previous;
mod swap;

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tempfile::TempDir;

pub(crate) use found::{FoundManifest, Verified};
pub(crate) use previous::Previous;

use crate::artifact::Artifact;
use crate::failure::{Result, fail};
use crate::limits::unwritable;
use crate::staging::unless_there;
use crate::text::{join, quote};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The operating system decides when to write to the disk.
    Relaxed,
    /// Every file is on the disk before `dist/` is swapped, so that a power cut does no harm.
    Flushed,
}

/// A folder that may be replaced. It is locked against other builds until this value is dropped.
#[derive(Debug)]
pub(crate) struct Target {
    folder: PathBuf,
    parent: PathBuf,
    name: String,
    _lock: Option<File>,
}

impl Target {
    /// Claims the folder to publish to, which need not exist. If another build holds the lock,
    /// this calls `waiting` and waits for it.
    pub(crate) fn claim(folder: &Path, waiting: impl FnOnce()) -> Result<Self> {
        let (Some(name), Some(parent)) = (folder.file_name(), folder.parent()) else {
            // Such as `/` or `..`.
            fail!(
                "`{}` cannot be replaced", folder.display();
                help: "choose a folder that tfadir can own with --out"
            );
        };
        let parent = match parent {
            parent if parent.as_os_str().is_empty() => Path::new("."),
            parent => parent,
        };
        if parent.is_file() {
            fail!(
                "cannot write `{}`: it is a file, not a folder",
                parent.display()
            );
        }
        fs::create_dir_all(parent).map_err(unwritable(parent))?;
        let target = Self {
            // Without a final `/`, which would follow a link.
            folder: folder.with_file_name(name),
            parent: parent.to_owned(),
            name: name.to_string_lossy().into_owned(),
            _lock: lock(parent, waiting)?,
        };
        swap::recover(&target)?;
        target.refuse_foreign()?;
        Ok(target)
    }

    /// Replaces the content of the folder with artifacts. An error before the swap leaves it unchanged.
    pub(crate) fn publish(&self, artifacts: &[Artifact], durability: Durability) -> Result<()> {
        self.stage(&[])?.publish(artifacts, durability)
    }

    /// Begins the next content of the folder in a staging folder, with links to the published files to keep.
    pub(crate) fn stage<'t>(&'t self, kept: &'t [&'t str]) -> Result<Staged<'t>> {
        let folder = swap::staging(self)?;
        create_folders(folder.path(), kept)?;
        kept.par_iter()
            .try_for_each(|path| self.keep(folder.path(), path))?;
        Ok(Staged {
            target: self,
            folder,
            kept,
        })
    }

    /// Writes one file to the staging folder. A file with the same bytes as the published one
    /// is linked to it, so it keeps its modification time, on which web servers base `ETag`.
    fn write(&self, staging: &Path, artifact: &Artifact) -> Result<()> {
        let path = staging.join(&artifact.path);
        let published = self.folder.join(&artifact.path);
        // Some file systems have no links; the file is written then.
        if has_bytes(&published, &artifact.bytes) && link(&published, &path).is_ok() {
            return Ok(());
        }
        create(&path, &artifact.bytes).map_err(unwritable(&path))
    }

    /// Links a published file into the staging folder, whatever is in it.
    fn keep(&self, staging: &Path, path: &str) -> Result<()> {
        let (published, path) = (self.folder.join(path), staging.join(path));
        let kept = link(&published, &path).or_else(|_| create(&path, &fs::read(&published)?));
        kept.map_err(unwritable(&path))
    }

    fn refuse_foreign(&self) -> Result<()> {
        let folder = &self.folder;
        let shown = folder.display();
        match folder.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(unwritable(folder)(error)),
            Ok(metadata) if metadata.is_symlink() => fail!(
                "`{shown}` is a link, and a build would replace it, not the folder that it leads to";
                help: "pass that folder with --out"
            ),
            Ok(metadata) if !metadata.is_dir() => fail!(
                "`{shown}` is not a folder";
                help: "remove it, or choose another folder with --out"
            ),
            Ok(_) => {}
        }
        match marker::foreign_files(folder)? {
            None => fail!(
                "`{shown}` is not empty and was not written by tfadir, so it is not replaced";
                help: "move it away, or choose another folder with --out"
            ),
            Some(files) if files.is_empty() => Ok(()),
            Some(files) => {
                let mut names: Vec<String> = files
                    .iter()
                    .take(MAX_NAMED)
                    .map(|file| quote(file))
                    .collect();
                if files.len() > MAX_NAMED {
                    names.push(format!("{} more", files.len() - MAX_NAMED));
                }
                let names = join(&names, "and");
                fail!(
                    "`{shown}` contains files that tfadir did not write: {names}";
                    help: "a build replaces the whole folder; move them away first"
                )
            }
        }
    }
}

/// A staging folder with the next content of a target. It is removed unless it is published.
#[derive(Debug)]
#[must_use]
pub(crate) struct Staged<'t> {
    target: &'t Target,
    folder: TempDir,
    kept: &'t [&'t str],
}

impl Staged<'_> {
    /// Adds artifacts, then replaces the content of the target. An error before the swap leaves the
    /// target unchanged.
    pub(crate) fn publish(self, artifacts: &[Artifact], durability: Durability) -> Result<()> {
        let Self {
            target,
            folder,
            kept,
        } = self;
        let root = folder.path();
        let written: Vec<&str> = artifacts
            .iter()
            .map(|artifact| artifact.path.as_str())
            .collect();
        create_folders(root, &written)?;
        set_mode(root, FOLDER_MODE).map_err(unwritable(root))?;
        let marker = marker::artifact(&[&written, kept].concat());
        artifacts
            .par_iter()
            .chain([&marker])
            .try_for_each(|artifact| target.write(root, artifact))?;
        if durability == Durability::Flushed {
            flush_all(root)?;
        }
        // The old folder is kept until the swap itself is on the disk.
        let _replaced = swap::swap(target, folder)?;
        if durability == Durability::Flushed {
            flush(&target.parent)?;
        }
        Ok(())
    }
}

/// How many files that tfadir did not write are named in an error.
const MAX_NAMED: usize = 5;

/// The modes of published files and folders, whatever the umask: a web server reads them as another
/// user.
const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

/// The folders of some paths with those that contain them, in an order in which they can be created.
fn folders<'p>(paths: &[&'p str]) -> BTreeSet<&'p Path> {
    let mut folders = BTreeSet::new();
    for &path in paths {
        let parents = Path::new(path).ancestors().skip(1);
        folders.extend(parents.filter(|folder| !folder.as_os_str().is_empty()));
    }
    folders
}

/// Creates the folders of these paths below `root`. Some may already exist.
fn create_folders(root: &Path, paths: &[&str]) -> Result<()> {
    for folder in folders(paths) {
        let folder = root.join(folder);
        unless_there(fs::create_dir(&folder))
            .and_then(|()| set_mode(&folder, FOLDER_MODE))
            .map_err(unwritable(&folder))?;
    }
    Ok(())
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    File::create_new(path)?.write_all(bytes)?;
    set_mode(path, FILE_MODE)
}

/// Whether a path is a regular file with these bytes, not through a link.
fn has_bytes(path: &Path, bytes: &[u8]) -> bool {
    let is_candidate = path
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == bytes.len() as u64);
    is_candidate && fs::read(path).is_ok_and(|published| published == bytes)
}

/// Gives a published file a second name. An earlier version may have written it with another mode.
fn link(published: &Path, path: &Path) -> io::Result<()> {
    fs::hard_link(published, path)?;
    set_mode(path, FILE_MODE)
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = path.symlink_metadata()?;
    if metadata.permissions().mode() & 0o7777 == mode {
        return Ok(());
    }
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Flushes everything in a folder to the disk. Files that are linked are flushed too: the build that
/// wrote them may not have done so. One call for the whole file system takes a fraction of the time
/// of one for each file.
#[cfg(target_os = "linux")]
fn flush_all(folder: &Path) -> Result<()> {
    let flushed = File::open(folder).and_then(|folder| Ok(rustix::fs::syncfs(folder)?));
    flushed.map_err(unwritable(folder))
}

/// Flushes everything in a folder to the disk.
#[cfg(not(target_os = "linux"))]
fn flush_all(folder: &Path) -> Result<()> {
    for item in walkdir::WalkDir::new(folder) {
        let path = item.map_err(|error| unwritable(folder)(error.into()))?;
        if path.file_type().is_dir() {
            flush(path.path())?;
        } else {
            let synced = File::open(path.path()).and_then(|file| file.sync_all());
            synced.map_err(unwritable(path.path()))?;
        }
    }
    Ok(())
}

/// Flushes the names in a folder to the disk, where the system can open folders.
fn flush(folder: &Path) -> Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(unwritable(folder))
}

/// Locks a folder against other builds, where the system can lock folders.
fn lock(folder: &Path, waiting: impl FnOnce()) -> Result<Option<File>> {
    if !cfg!(unix) {
        return Ok(None);
    }
    let file = File::open(folder).map_err(unwritable(folder))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => {
            waiting();
            file.lock().map_err(unwritable(folder))?;
            Ok(Some(file))
        }
        // Some network file systems have no locks; the swap itself is safe without one.
        Err(TryLockError::Error(_)) => Ok(None),
    }
}
