//! Staging folders, and the swap of one with the target.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Target;
use crate::failure::{Result, failure};
use crate::limits::unwritable;
use crate::staging::exchange;

/// Part of the names of staging folders, after the target's name.
const STAGING: &str = ".tfadir-new-";
/// Part of the names of replaced targets, on systems that cannot exchange folders.
const REPLACED: &str = ".tfadir-old-";

/// A new empty folder next to the target, which is removed when it goes out of scope.
pub(crate) fn staging(target: &Target) -> Result<TempDir> {
    let prefix = format!(".{}{STAGING}", target.name);
    tempfile::Builder::new()
        .prefix(&prefix)
        .tempdir_in(&target.parent)
        .map_err(unwritable(&target.parent))
}

/// The previous content of a target, under another name. Dropping this value removes the content; if that
/// fails, the next build removes or reports what is left.
#[derive(Debug)]
#[must_use]
pub(crate) struct Replaced(Option<PathBuf>);

impl Drop for Replaced {
    fn drop(&mut self) {
        if let Self(Some(folder)) = self {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Replaces the target with a staging folder.
pub(crate) fn swap(target: &Target, staging: TempDir) -> Result<Replaced> {
    let folder = &target.folder;
    if !folder.exists() {
        fs::rename(staging.path(), folder).map_err(unwritable(folder))?;
        // It has a new name and must stay.
        let _ = staging.keep();
        return Ok(Replaced(None));
    }
    match exchange(staging.path(), folder) {
        // The staging folder now contains the old content.
        Ok(()) => Ok(Replaced(Some(staging.keep()))),
        Err(_) => replace(target, staging),
    }
}

/// Replaces the target in two steps. Between them it has another name, from which [`recover`]
/// restores it.
fn replace(target: &Target, staging: TempDir) -> Result<Replaced> {
    let folder = &target.folder;
    let old = target
        .parent
        .join(format!(".{}{REPLACED}{}", target.name, std::process::id()));
    fs::rename(folder, &old).map_err(|error| irreplaceable(folder, error))?;
    if let Err(error) = fs::rename(staging.path(), folder) {
        fs::rename(&old, folder).map_err(unwritable(&old))?;
        return Err(unwritable(folder)(error));
    }
    let _ = staging.keep();
    Ok(Replaced(Some(old)))
}

/// The error for a target that cannot be moved away.
fn irreplaceable(folder: &Path, error: io::Error) -> anyhow::Error {
    if !matches!(
        error.kind(),
        io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices
    ) {
        return unwritable(folder)(error);
    }
    let shown = folder.display();
    let failure = failure!(
        "`{shown}` cannot be replaced: it is a mount point, or in use";
        help: "build to a folder inside it, such as `{shown}/api`, or mount the folder above it"
    );
    failure.into()
}

/// Removes what a killed build left next to the target, and restores a target that it moved
/// away. The target is locked, so none of this belongs to a running build.
pub(crate) fn recover(target: &Target) -> Result<()> {
    let parent = &target.parent;
    let [old, new] = [REPLACED, STAGING].map(|kind| format!(".{}{kind}", target.name));
    for item in fs::read_dir(parent).map_err(unwritable(parent))? {
        let item = item.map_err(unwritable(parent))?;
        let (path, name) = (item.path(), item.file_name());
        let has_prefix = |prefix: &str| name.as_encoded_bytes().starts_with(prefix.as_bytes());
        if has_prefix(&new) || (has_prefix(&old) && target.folder.exists()) {
            fs::remove_dir_all(&path).map_err(unwritable(&path))?;
        } else if has_prefix(&old) {
            fs::rename(&path, &target.folder).map_err(unwritable(&path))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{Artifact, MediaType};
    use crate::publish::Durability;

    fn target(folder: &Path) -> Target {
        Target::claim(folder, || panic!("no other build runs")).unwrap()
    }

    fn publish(folder: &Path, text: &str) {
        let artifact = Artifact::new("a/b.txt", MediaType::Text, "", text.into());
        target(folder)
            .publish(&[artifact], Durability::Flushed)
            .unwrap();
    }

    fn published(folder: &Path) -> String {
        fs::read_to_string(folder.join("a/b.txt")).unwrap()
    }

    #[test]
    fn a_target_is_replaced_and_nothing_is_left_next_to_it() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("dist");
        publish(&folder, "old");
        publish(&folder, "new");
        assert_eq!(published(&folder), "new");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn without_an_exchange_the_target_is_replaced_in_two_steps() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("dist");
        publish(&folder, "old");
        let target = target(&folder);
        let staging = staging(&target).unwrap();
        fs::create_dir(staging.path().join("a")).unwrap();
        fs::write(staging.path().join("a/b.txt"), "new").unwrap();
        drop(replace(&target, staging).unwrap());
        assert_eq!(published(&folder), "new");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_target_moved_away_before_a_kill_is_restored() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("dist");
        publish(&folder, "old");
        fs::rename(&folder, parent.path().join(".dist.tfadir-old-1")).unwrap();
        fs::create_dir(parent.path().join(".dist.tfadir-new-x")).unwrap();
        drop(target(&folder));
        assert_eq!(published(&folder), "old");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
