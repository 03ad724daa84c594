//! `.tfadir/`, the folder for local state, and the files that are staged there until they get
//! their final name. git ignores the folder.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// The folder for local state in a root.
pub(crate) const FOLDER: &str = ".tfadir";

/// How the names of staged files begin.
const PREFIX: &str = "staged-";

/// Part of the names of files that are staged next to their final path, between that path's name
/// and a random suffix.
const BESIDE: &str = ".tfadir-new-";

/// A folder for staged files. Its shared lock shows other runs that these files are in use.
#[derive(Debug)]
pub(crate) struct Staging<'f> {
    folder: &'f Path,
    _lock: Option<File>,
}

impl<'f> Staging<'f> {
    /// Opens a folder for local state, which is created if it does not exist, and removes what
    /// killed runs left in it. Links are refused: the folder comes with the directory, so an
    /// attacker could have created it.
    pub(crate) fn open(folder: &'f Path) -> io::Result<Self> {
        unless_there(fs::create_dir(folder))?;
        if !is_real(folder, fs::FileType::is_dir) {
            return Err(io::Error::new(
                io::ErrorKind::NotADirectory,
                "it is a link or not a folder",
            ));
        }
        clear(folder);
        ignore_all(folder)?;
        let lock = File::open(folder).and_then(|folder| folder.lock_shared().map(|()| folder));
        // If this cannot be locked, other runs cannot lock it either, and remove nothing.
        Ok(Self {
            folder,
            _lock: lock.ok(),
        })
    }

    /// A new file, which only its owner can read (mode 0600). It is removed when dropped.
    pub(crate) fn file(&self) -> io::Result<NamedTempFile> {
        staged(self.folder)
    }
}

/// Lets git ignore a folder. A run that was killed, or had no space left, may have written an empty
/// file, so the file is written as a whole and replaced unless it is complete.
fn ignore_all(folder: &Path) -> io::Result<()> {
    const TEXT: &[u8] = b"*\n";
    let path = folder.join(".gitignore");
    if is_real(&path, fs::FileType::is_file) && fs::read(&path)?.starts_with(TEXT) {
        return Ok(());
    }
    let mut file = staged(folder)?;
    file.as_file_mut().write_all(TEXT)?;
    file.persist(path)?;
    Ok(())
}

/// A new file in a folder for local state, which is removed when dropped.
fn staged(folder: &Path) -> io::Result<NamedTempFile> {
    create(folder, PREFIX, Access::Owner)
}

/// Who can read a new file.
#[derive(Clone, Copy)]
enum Access {
    /// Only its owner (mode 0600).
    Owner,
    /// Others too, as the umask says.
    Umask,
}

/// A new file, which is removed when dropped. `tempfile` adds the random path to its errors, which does not help users. So the
/// file is opened here, and callers write to it through `as_file_mut()`.
fn create(folder: &Path, prefix: &str, access: Access) -> io::Result<NamedTempFile> {
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(match access {
            Access::Owner => 0o600,
            Access::Umask => 0o666,
        });
    }
    #[cfg(not(unix))]
    let _ = access;
    tempfile::Builder::new()
        .prefix(prefix)
        .make_in(folder, |path| options.open(path))
}

/// Removes the staged files of killed runs from a folder for local state, if no other run has
/// files there.
pub(crate) fn clear(folder: &Path) {
    let is_unused = || File::open(folder).and_then(|lock| Ok(lock.try_lock().map(|()| lock)?));
    let (true, Ok(_lock)) = (is_real(folder, fs::FileType::is_dir), is_unused()) else {
        return;
    };
    remove_all(folder, PREFIX);
}

/// Removes the files in a folder that have names with this prefix.
fn remove_all(folder: &Path, prefix: &str) {
    for item in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = item.file_name();
        if name.as_encoded_bytes().starts_with(prefix.as_bytes()) {
            // The next run tries again.
            let _ = fs::remove_file(item.path());
        }
    }
}

/// The prefix of the name of a new file next to a path.
fn prefix_beside(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!(".{name}{BESIDE}")
}

/// A new file next to its final path, for folders on another file system. Only its owner can read
/// it (mode 0600), and it is removed when dropped.
pub(crate) fn beside(path: &Path) -> io::Result<NamedTempFile> {
    create(folder_of(path), &prefix_beside(path), Access::Owner)
}

/// The same for a file that others may read too, as the umask says.
pub(crate) fn public_beside(path: &Path) -> io::Result<NamedTempFile> {
    create(folder_of(path), &prefix_beside(path), Access::Umask)
}

/// Removes what a killed run left next to a path.
pub(crate) fn clear_beside(path: &Path) {
    remove_all(folder_of(path), &prefix_beside(path));
}

/// Exchanges two files or folders in one step, where the system and file system can do it.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(crate) fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(Into::into)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(crate) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

/// Whether a name is one that [`beside`] gives, or that earlier versions gave to staged files.
pub(crate) fn is_leftover(name: &str) -> bool {
    let is_random =
        |suffix: &str| suffix.len() == 6 && suffix.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let old = name.strip_prefix(".tmp").is_some_and(is_random);
    old || (name.starts_with('.') && name.contains(BESIDE))
}

/// Ignores the error for something that already exists.
pub(crate) fn unless_there(created: io::Result<()>) -> io::Result<()> {
    match created {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        created => created,
    }
}

/// Whether a path is of a kind itself, not through a link.
pub(crate) fn is_real(path: &Path, is_kind: impl FnOnce(&fs::FileType) -> bool) -> bool {
    path.symlink_metadata()
        .is_ok_and(|metadata| is_kind(&metadata.file_type()))
}
