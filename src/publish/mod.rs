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

use rayon::ThreadPoolBuilder;
use rayon::prelude::*;

pub(crate) use found::{FoundManifest, Verified};
pub(crate) use previous::Previous;

use crate::artifact::Artifact;
use crate::failure::{Result, fail};
use crate::limits::unwritable;
use crate::text::enumerate;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The operating system decides when to write to the disk.
    Relaxed,
    /// Every file is on the disk before `dist/` is swapped, so that a power cut does no harm.
    Flushed,
}

/// Waiting for a disk takes no CPU time, and a disk writes the files of many threads together.
const FLUSHING_THREADS: usize = 32;

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

    /// Replaces the content of the folder with artifacts, or leaves it unchanged.
    pub(crate) fn publish(&self, artifacts: &[Artifact], durability: Durability) -> Result<()> {
        let marker = marker::artifact(artifacts);
        let staging = swap::staging(self)?;
        let folders: BTreeSet<&Path> = artifacts
            .iter()
            .filter_map(|it| Path::new(&it.path).parent())
            .collect();
        let folders: Vec<PathBuf> = folders
            .into_iter()
            .map(|folder| staging.path().join(folder))
            .collect();
        for folder in &folders {
            fs::create_dir_all(folder).map_err(unwritable(folder))?;
        }
        let write = || {
            let files = artifacts.par_iter().chain([&marker]);
            files.try_for_each(|artifact| self.write(staging.path(), artifact, durability))
        };
        if durability == Durability::Relaxed {
            write()?;
            return swap::swap(self, staging);
        }
        match ThreadPoolBuilder::new()
            .num_threads(FLUSHING_THREADS)
            .build()
        {
            Ok(threads) => threads.install(write)?,
            // The system has no threads left. One thread is slower.
            Err(_) => write()?,
        }
        for folder in folders.iter().map(PathBuf::as_path).chain([staging.path()]) {
            flush(folder)?;
        }
        swap::swap(self, staging)?;
        flush(&self.parent)
    }

    /// Writes one file to the staging folder. A file with the same bytes as the published one
    /// is linked to it, so it keeps its modification time, on which web servers base `ETag`.
    fn write(&self, staging: &Path, artifact: &Artifact, durability: Durability) -> Result<()> {
        let path = staging.join(&artifact.path);
        let written = match self.link_unchanged(artifact, &path) {
            Some(()) if durability == Durability::Relaxed => return Ok(()),
            Some(()) => File::open(&path),
            None => create(&path, &artifact.bytes),
        };
        let flushed = written.and_then(|file| match durability {
            Durability::Relaxed => Ok(()),
            Durability::Flushed => file.sync_all(),
        });
        flushed.map_err(unwritable(&path))
    }

    /// Links the published file to `path`, if there is one with the same bytes.
    fn link_unchanged(&self, artifact: &Artifact, path: &Path) -> Option<()> {
        let published = self.folder.join(&artifact.path);
        let metadata = published.symlink_metadata().ok()?;
        if !metadata.is_file() || metadata.len() != artifact.bytes.len() as u64 {
            return None;
        }
        let is_same = fs::read(&published).ok()? == artifact.bytes;
        // Some file systems have no links; the file is written then.
        is_same.then(|| fs::hard_link(&published, path).ok())?
    }

    fn refuse_foreign(&self) -> Result<()> {
        let folder = &self.folder;
        let shown = folder.display();
        match folder.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(unwritable(folder)(error)),
            Ok(metadata) if metadata.is_symlink() => fail!(
                "`{shown}` is a link, and a build would replace it, not the folder that it leads to";
                help: "name that folder with --out"
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
                let files = enumerate(files.iter().take(5).map(String::as_str), "and");
                fail!(
                    "`{shown}` contains files that tfadir did not write: {files}";
                    help: "a build replaces the whole folder; move them away first"
                )
            }
        }
    }
}

fn create(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    Ok(file)
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
