//! Writes fixed files: the only code that changes entries and icons.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::Fixed;
use crate::failure::{Failure, Result, failure};
use crate::source::{FileProblem, SourceFile, file};
use crate::staging::{self, Staging};

/// Writes files after their fixes, each as a whole or not at all.
///
/// # Errors
///
/// At the first file that cannot be written; those before it stay. If a file has changed since it was
/// checked, nothing is written.
pub fn write(root: &Path, fixed: &[Fixed]) -> Result<()> {
    let moves: HashMap<&Path, &Path> = fixed
        .iter()
        .filter_map(|file| Some((file.path(), file.moved_to()?)))
        .collect();
    for file in fixed {
        refuse_changed(root, file, &moves)?;
    }
    let folder = root.join(staging::FOLDER);
    // Without the folder, files are staged next to their final path.
    let staging = if fixed.is_empty() {
        None
    } else {
        Staging::open(&folder).ok()
    };
    for file in fixed {
        let path = root.join(file.path());
        overwrite(&path, file, staging.as_ref()).map_err(cannot(file.path()))?;
    }
    relocate_all(root, fixed, moves)
}

fn cannot(path: &Path) -> impl FnOnce(io::Error) -> Failure {
    move |error| failure!("cannot fix `{}`: {error}", path.display())
}

/// The error for a file that has changed since it was checked, or whose new path is taken since.
fn changed(path: &Path) -> Failure {
    failure!(
        "`{}` changed while tfadir was running", path.display();
        help: "run the command again"
    )
}

/// Fails if a file is no longer as it was checked, or cannot go where it should.
fn refuse_changed(root: &Path, fixed: &Fixed, moves: &HashMap<&Path, &Path>) -> Result<()> {
    let path = root.join(fixed.path());
    if path.is_symlink() || !is_reached_without_links(root, fixed.path()) {
        return Err(changed(fixed.path()).into());
    }
    let mut bytes = Vec::new();
    match file::read_into(&path, &mut bytes) {
        Ok(_) if fixed.before.has_content(&bytes) => {}
        Err(FileProblem::Unreadable(error)) => {
            let source = io::Error::new(error.kind(), error.to_string());
            return Err(cannot(fixed.path())(source).into());
        }
        _ => return Err(changed(fixed.path()).into()),
    }
    if let Some(target) = fixed.moved_to() {
        let is_free = moves.contains_key(target) || !is_taken(&path, &root.join(target));
        if !is_free || !is_reached_without_links(root, target) {
            return Err(changed(target).into());
        }
    }
    Ok(())
}

/// Whether no folder between the root and a file, given relative to it, is a symbolic link.
fn is_reached_without_links(root: &Path, file: &Path) -> bool {
    let mut folders = file.ancestors().skip(1);
    !folders.any(|folder| root.join(folder).is_symlink())
}

/// Whether another file is at a path. Where case does not matter, the file itself may be.
fn is_taken(from: &Path, to: &Path) -> bool {
    if to.symlink_metadata().is_err() {
        return false;
    }
    to.is_symlink() || to.canonicalize().ok() != from.canonicalize().ok()
}

/// Gives a file its new content and permissions, at its old path.
fn overwrite(path: &Path, file: &Fixed, staging: Option<&Staging<'_>>) -> io::Result<()> {
    let Fixed { before, after, .. } = file;
    let is_text = after.problem.is_none() && after.bytes.is_empty();
    let has_changed = !before.has_content(after.text.as_bytes())
        || matches!(before.problem, Some(FileProblem::ByteOrderMark));
    if is_text && has_changed {
        replace(path, &after.text, staging)?;
    }
    if after.mode != before.mode {
        clear_mode(path, before, after)?;
    }
    Ok(())
}

/// Replaces a file atomically; its permissions stay.
fn replace(path: &Path, text: &str, staging: Option<&Staging<'_>>) -> io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    let persist = |mut file: NamedTempFile| {
        file.as_file_mut().write_all(text.as_bytes())?;
        file.as_file().set_permissions(permissions.clone())?;
        file.persist(path).map(drop).map_err(io::Error::from)
    };
    match staging.map(|staging| staging.file().and_then(persist)) {
        Some(Err(error)) if error.kind() != io::ErrorKind::CrossesDevices => Err(error),
        Some(Ok(())) => Ok(()),
        _ => persist(staging::beside(path)?),
    }
}

#[cfg(unix)]
fn clear_mode(path: &Path, before: &SourceFile, after: &SourceFile) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let cleared = before.mode.unwrap_or_default() & !after.mode.unwrap_or_default();
    let mode = fs::metadata(path)?.permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode & !cleared))
}

#[cfg(not(unix))]
fn clear_mode(_: &Path, _: &SourceFile, _: &SourceFile) -> io::Result<()> {
    Ok(())
}

/// Moves files. One that takes the path of another is moved after it; files that take each other's
/// paths are exchanged.
fn relocate_all(root: &Path, fixed: &[Fixed], mut moves: HashMap<&Path, &Path>) -> Result<()> {
    for file in fixed {
        let mut chain = Vec::new();
        let mut at = file.path();
        while let Some(target) = moves.remove(at) {
            chain.push((at, target));
            at = target;
        }
        let is_cycle = chain.len() > 1 && at == file.path();
        for (from, to) in chain.iter().rev() {
            if is_cycle && *to == at {
                // The exchanges of the other files leave this one where it belongs.
                continue;
            }
            let (from_path, to_path) = (root.join(from), root.join(to));
            let result = if is_cycle {
                staging::exchange(&from_path, &to_path)
            } else {
                relocate(&from_path, &to_path)
            };
            result.map_err(cannot(from))?;
        }
    }
    Ok(())
}

/// Moves a file, and removes its old folder if that is empty.
fn relocate(from: &Path, to: &Path) -> io::Result<()> {
    if is_taken(from, to) {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::rename(from, to)?;
    if let Some(folder) = from.parent() {
        let _ = fs::remove_dir(folder);
    }
    Ok(())
}

/// Creates a file, given relative to the root, where there is none.
///
/// # Errors
///
/// Also if the path is taken, or a folder of it is a symbolic link.
pub(crate) fn create(root: &Path, file: &Path, text: &str) -> io::Result<()> {
    if !is_reached_without_links(root, file) {
        return Err(io::Error::other("its folder is a symbolic link"));
    }
    let path = root.join(file);
    fs::create_dir_all(path.parent().unwrap_or(root))?;
    let mut created = fs::File::create_new(&path)?;
    created.write_all(text.as_bytes()).inspect_err(|_| {
        // Half an entry is worse than none.
        let _ = fs::remove_file(&path);
    })
}
