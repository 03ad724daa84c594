//! The files of a commit in a temporary folder, where they can be built again.

use std::env;
use std::fs;
use std::io;
use std::path::{Component, Path};

use tempfile::TempDir;

use crate::failure::{Result, fail, failure};
use crate::git::{self, Blob};
use crate::limits::unwritable;

/// A folder that is removed when dropped.
pub(super) fn temporary() -> Result<TempDir> {
    tempfile::tempdir().map_err(|error| {
        let failure = failure!(
            "cannot create a temporary folder in `{}`: {error}", env::temp_dir().display();
            help: "set TMPDIR to a writable folder"
        );
        failure.into()
    })
}

/// How many files are read at a time.
const MAX_FILES: usize = 1024;

/// Writes the files of a commit at these paths, or all below `root` without any, to a folder without
/// links. Neither git's settings nor attributes change their bytes, and nothing in the commit leads
/// out of the folder.
pub(super) fn extract(root: &Path, commit: &str, paths: &[&str], folder: &Path) -> Result<()> {
    let blobs = git::blobs(root, commit, paths)?;
    for blob in &blobs {
        let is_inside = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !blob.path.components().all(is_inside) {
            fail!(
                "the commit {commit} has a file outside its folder: `{}`",
                blob.path.display()
            );
        }
        let parent = folder
            .join(&blob.path)
            .parent()
            .unwrap_or(folder)
            .to_owned();
        fs::create_dir_all(&parent).map_err(unwritable(&parent))?;
    }
    // No file is written through a link.
    let (links, files): (Vec<_>, Vec<_>) = blobs.iter().partition(|blob| blob.is_link());
    for blobs in files.chunks(MAX_FILES).chain(links.chunks(MAX_FILES)) {
        for (blob, content) in blobs.iter().zip(git::contents(root, blobs, u64::MAX)?) {
            let path = folder.join(&blob.path);
            write(blob, &content.unwrap_or_default(), &path).map_err(unwritable(&path))?;
        }
    }
    Ok(())
}

fn write(blob: &Blob, content: &[u8], path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::{PermissionsExt, symlink};
        if blob.is_link() {
            return symlink(OsStr::from_bytes(content), path);
        }
        fs::write(path, content)?;
        if blob.is_executable() {
            fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    }
    #[cfg(not(unix))]
    {
        // Files have no modes, and git writes links as files too.
        let _ = blob;
        fs::write(path, content)
    }
}
