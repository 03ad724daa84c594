//! A development key, created if no other key is configured.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sequoia_openpgp::anyhow;
use sequoia_openpgp::serialize::SerializeInto;

use super::generate::{Cipher, builder};
use super::key::{LockedKey, USER_ID};
use super::key_error::{KeyError, KeySource, LibraryError};

/// The creation time in development keys, in seconds since 1970: the first day of 1980, so that
/// they can sign at any realistic `SOURCE_DATE_EPOCH`.
const CREATED: u64 = 315_532_800;

/// The file of the key, in the folder for local state.
pub(crate) const FILE: &str = "development-key.asc";

#[derive(Debug, thiserror::Error)]
pub(crate) enum DevelopmentKeyError {
    #[error(
        "cannot store a development key in `{path}`: {source}\n\
         help: name a key with --key, or build with --unsigned"
    )]
    Unwritable { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error("the development key cannot be used; delete it to get a new one: {0}")]
    Unusable(#[from] KeyError),
}

/// A development key and where it is stored.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) key: LockedKey,
    pub(crate) path: PathBuf,
    pub(crate) is_new: bool,
}

/// The development key in one of some folders for local state. If none has it, it is created in
/// the first folder that can be written.
///
/// git ignores the folder, and only its owner can read the file (mode 0600).
pub(crate) fn load_or_create(
    folders: [PathBuf; 2],
    at: SystemTime,
) -> Result<Kept, DevelopmentKeyError> {
    let paths = folders.map(|folder| folder.join(FILE));
    for path in &paths {
        if let Some(key) = load(path, at)? {
            return Ok(Kept { key, path: path.clone(), is_new: false });
        }
    }
    let armored = create().map_err(LibraryError::from)?;
    let [first, second] = paths;
    let (path, kept) = match keep(&first, &armored) {
        Err(source) if keep(&second, &armored).is_err() => (first, Err(source)),
        Err(_) => (second, Ok(())),
        Ok(()) => (first, Ok(())),
    };
    let unwritable = |source| DevelopmentKeyError::Unwritable { path: path.clone(), source };
    kept.map_err(unwritable)?;
    // Another build may have created one in the meantime; the stored one is used.
    match load(&path, at)? {
        Some(key) => Ok(Kept { key, path, is_new: true }),
        None => Err(unwritable(io::ErrorKind::NotFound.into())),
    }
}

fn load(path: &Path, at: SystemTime) -> Result<Option<LockedKey>, DevelopmentKeyError> {
    let unwritable = |source| DevelopmentKeyError::Unwritable { path: path.to_owned(), source };
    let folder = path.parent().unwrap_or(path);
    if path.symlink_metadata().is_ok()
        && !(is_real(folder, fs::FileType::is_dir) && is_real(path, fs::FileType::is_file))
    {
        return Err(unwritable(io::Error::new(io::ErrorKind::NotADirectory, "it is a link")));
    }
    match fs::read(path) {
        Ok(bytes) => {
            let source = KeySource::File(path.to_owned());
            Ok(Some(LockedKey::choose(&source, &bytes, None, at)?))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unwritable(error)),
    }
}

/// Stores a key where only its owner can read it. No link is followed and no file overwritten: the
/// folder comes with the directory, so an attacker could have created it.
fn keep(path: &Path, armored: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if !is_real(folder, fs::FileType::is_dir) {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is a link or not a folder"));
    }
    match fs::File::create_new(folder.join(".gitignore")) {
        Ok(mut file) => file.write_all(b"*\n")?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    // A temporary file has mode 0600 from the start.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(armored)?;
    match file.persist_noclobber(path) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

/// Whether a path is of a kind itself, not through a link.
fn is_real(path: &Path, is_kind: impl FnOnce(&fs::FileType) -> bool) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| is_kind(&metadata.file_type()))
}

fn create() -> anyhow::Result<Vec<u8>> {
    let created = SystemTime::UNIX_EPOCH + Duration::from_secs(CREATED);
    let (cert, _revocation) = builder(Cipher::Ed25519, created)?.add_userid(USER_ID).generate()?;
    cert.as_tsk().armored().to_vec()
}
