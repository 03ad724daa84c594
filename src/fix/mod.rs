//! Applies fixes: the only code that writes to entries and icons.

pub(crate) mod edit;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::directory::Directory;
use crate::failure::{Failure, Result, fail, failure};
use crate::finding::{Change, Finding, Fix};
use crate::source::{Document, SourceFile, Tree, file};
use crate::staging::{self, Staging};
use crate::text::quote;

/// A file that was fixed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The file, relative to the root.
    pub(crate) path: PathBuf,
    /// Its new path, if it was moved.
    pub(crate) moved_to: Option<PathBuf>,
    /// What was done, in the infinitive, in the order of the findings.
    pub(crate) titles: Vec<String>,
}

impl Fixed {
    /// The same file after more fixes.
    pub(crate) fn then(&mut self, next: Self) {
        self.moved_to = next.moved_to.or(self.moved_to.take());
        self.titles.extend(next.titles);
        self.titles.dedup();
    }
}

/// Applies the fixes of findings, which are about this tree, file by file. Each file is replaced as
/// a whole or not at all.
///
/// Files that are symbolic links or behind one are not changed. Files are not moved to a path that
/// is taken or behind a link.
///
/// # Errors
///
/// At the first file that cannot be fixed.
pub fn apply<'f>(
    directory: &Directory,
    tree: &Tree,
    findings: impl IntoIterator<Item = &'f Finding>,
) -> Result<Vec<Fixed>> {
    let mut by_file: BTreeMap<&Path, Vec<&Fix>> = BTreeMap::new();
    for finding in findings {
        if let Some(fix) = &finding.fix {
            by_file.entry(&finding.path).or_default().push(fix);
        }
    }
    let folder = directory.root.join(staging::FOLDER);
    // Without the folder, files are staged next to their final path.
    let staging = (!by_file.is_empty())
        .then(|| Staging::open(&folder).ok())
        .flatten();
    let mut fixed = Vec::new();
    for (path, fixes) in by_file {
        if let Some(file) = tree.file(path) {
            let write = |error| failure!("cannot fix `{}`: {error}", path.display());
            fixed.extend(apply_to(directory, file, &fixes, staging.as_ref(), write)?);
        }
    }
    Ok(fixed)
}

fn apply_to(
    directory: &Directory,
    file: &SourceFile,
    fixes: &[&Fix],
    staging: Option<&Staging<'_>>,
    cannot: impl Fn(io::Error) -> Failure,
) -> Result<Option<Fixed>> {
    let path = directory.root.join(&file.path);
    if is_linked(&directory.root, &file.path) {
        return Ok(None);
    }
    let mut titles = Vec::new();
    let text = edited(directory, file, fixes);
    let is_encoded = fixes.iter().any(|fix| fix.change == Change::Encode);
    if text != file.text || is_encoded {
        if file::decode(&fs::read(&path).map_err(&cannot)?).0 != file.text {
            fail!(
                "`{}` changed while tfadir was running", file.path.display();
                help: "run the command again"
            );
        }
        overwrite(&path, &text, staging).map_err(&cannot)?;
        let is_edit = |fix: &&&Fix| !matches!(fix.change, Change::Move(_) | Change::ClearMode(_));
        titles.extend(fixes.iter().filter(is_edit).map(|fix| fix.title.clone()));
    }
    let mut moved_to = None;
    for fix in fixes {
        let is_done = match &fix.change {
            Change::ClearMode(bits) => clear_mode(&path, *bits).map_err(&cannot)?,
            Change::Move(to) if moved_to.is_none() => {
                let is_moved = is_reached_without_links(&directory.root, to)
                    && relocate(&path, &directory.root.join(to)).map_err(&cannot)?;
                moved_to = is_moved.then(|| to.clone());
                is_moved
            }
            _ => false,
        };
        if is_done {
            titles.push(fix.title.clone());
        }
    }
    titles.dedup();
    let done = Fixed {
        path: file.path.clone(),
        moved_to,
        titles,
    };
    Ok(Some(done).filter(|it| !it.titles.is_empty()))
}

/// Whether a file, given relative to the root, is a symbolic link or behind one.
fn is_linked(root: &Path, file: &Path) -> bool {
    root.join(file).is_symlink() || !is_reached_without_links(root, file)
}

/// Why the fix of a finding cannot be applied, as a clause.
pub(crate) fn obstacle(root: &Path, finding: &Finding) -> Option<String> {
    let shown = |path: &Path| quote(&path.to_string_lossy());
    let change = finding.fix.as_ref().map(|fix| &fix.change)?;
    match change {
        _ if is_linked(root, &finding.path) => {
            Some("the file is a symbolic link, or in a folder that is one".to_owned())
        }
        Change::Move(to) if is_taken(&root.join(&finding.path), &root.join(to)) => {
            Some(format!("{} already exists", shown(to)))
        }
        Change::Move(to) if !is_reached_without_links(root, to) => {
            Some(format!("the folder of {} is a symbolic link", shown(to)))
        }
        _ => None,
    }
}

/// Whether no folder between the root and a file, given relative to it, is a symbolic link. Through
/// a link, a change could affect files outside the root.
fn is_reached_without_links(root: &Path, file: &Path) -> bool {
    file.ancestors()
        .skip(1)
        .all(|folder| !root.join(folder).is_symlink())
}

/// The text after all fixes that change it.
fn edited(directory: &Directory, file: &SourceFile, fixes: &[&Fix]) -> String {
    let mut pointers = Vec::new();
    let mut replacements = Vec::new();
    let mut writes = Vec::new();
    let (mut is_formatted, mut is_reordered) = (false, false);
    for fix in fixes {
        match &fix.change {
            Change::Remove(pointer) => pointers.push(pointer.as_str()),
            Change::Replace(ranges) => replacements.extend(ranges.iter().cloned()),
            Change::Write(location, by) => writes.push((location, by)),
            Change::Format => is_formatted = true,
            Change::Reorder => is_reordered = true,
            Change::Move(_) | Change::ClearMode(_) | Change::Encode => {}
        }
    }
    if let (Some(_), Ok(Some(document))) = (writes.first(), Document::json(&file.text)) {
        let located = writes
            .into_iter()
            .filter_map(|(at, by)| Some((document.locate(at)?, by)));
        replacements.extend(located.map(|(range, by)| (range, by.clone())));
    }
    let mut text = crate::text::replace(&file.text, replacements);
    if !pointers.is_empty() {
        text = edit::remove(&text, &pointers);
    }
    if is_formatted || is_reordered {
        text = edit::format(text, is_reordered.then_some(&directory.field_order));
    }
    text
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

/// Replaces a file atomically; its permissions stay.
fn overwrite(path: &Path, text: &str, staging: Option<&Staging<'_>>) -> io::Result<()> {
    let permissions = fs::metadata(path)?.permissions();
    let replace = |mut file: NamedTempFile| {
        file.write_all(text.as_bytes())?;
        file.as_file().set_permissions(permissions.clone())?;
        file.persist(path).map(drop).map_err(io::Error::from)
    };
    match staging.map(|staging| staging.file().and_then(replace)) {
        Some(Err(error)) if error.kind() != io::ErrorKind::CrossesDevices => Err(error),
        Some(Ok(())) => Ok(()),
        _ => replace(staging::beside(path)?),
    }
}

/// Whether another file is at a path. Where case does not matter, the file itself may be.
fn is_taken(from: &Path, to: &Path) -> bool {
    let is_same = || to.canonicalize().ok() == from.canonicalize().ok() && !to.is_symlink();
    to.symlink_metadata().is_ok() && !is_same()
}

/// Moves a file to a path that does not exist; returns `false` if it exists.
fn relocate(from: &Path, to: &Path) -> io::Result<bool> {
    if is_taken(from, to) {
        return Ok(false);
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::rename(from, to)?;
    // The old folder is removed too if it is empty.
    if let Some(folder) = from.parent() {
        let _ = fs::remove_dir(folder);
    }
    Ok(true)
}

#[cfg(unix)]
fn clear_mode(path: &Path, bits: u32) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    let mode = fs::metadata(path)?.permissions().mode();
    fs::set_permissions(path, fs::Permissions::from_mode(mode & !bits))?;
    Ok(mode & bits != 0)
}

#[cfg(not(unix))]
fn clear_mode(_path: &Path, _bits: u32) -> io::Result<bool> {
    Ok(false)
}
