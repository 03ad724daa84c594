//! A development key, created if no other key is configured.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sequoia_openpgp::serialize::SerializeInto;

use super::LibraryError;
use super::certificate::DEVELOPMENT_ID;
use super::generate::{Cipher, builder};
use super::key::LockedKey;
use crate::failure::{Failure, Result, failure};
use crate::staging::{Staging, is_real, unless_there};

/// The creation time in development keys, in seconds since 1970: the first day of 1980, so that
/// they can sign at any realistic `SOURCE_DATE_EPOCH`.
const CREATED: u64 = 315_532_800;

/// The file of the key, in the folder for local state.
pub(crate) const FILE: &str = "development-key.asc";

/// The development key in one of some folders for local state, its file, and whether it is new. If
/// none has it, it is created in the first folder that can be written.
///
/// git ignores the folder, and only its owner can read the file (mode 0600).
pub(crate) fn load_or_create(
    folders: [PathBuf; 2],
    at: SystemTime,
) -> Result<(LockedKey, PathBuf, bool)> {
    let paths = folders.map(|folder| folder.join(FILE));
    for path in &paths {
        if let Some(key) = load(path, at)? {
            return Ok((key, path.clone(), false));
        }
    }
    let armored = create().map_err(LibraryError::from)?;
    let [first, second] = paths;
    let path = match keep(&first, &armored) {
        Ok(()) => first,
        Err(error) => keep(&second, &armored)
            .map(|()| second)
            .map_err(|_| unusable(&first, &error))?,
    };
    // Another build may have created one in the meantime; the stored one is used.
    let key = load(&path, at)?.ok_or_else(|| unusable(&path, &io::ErrorKind::NotFound.into()))?;
    Ok((key, path, true))
}

fn unusable(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    failure!(
        "cannot store a development key in `{path}`: {error}";
        help: "pass a key with --key, or build with --unsigned"
    )
}

fn load(path: &Path, at: SystemTime) -> Result<Option<LockedKey>> {
    let folder = path.parent().unwrap_or(path);
    if path.symlink_metadata().is_ok()
        && !(is_real(folder, fs::FileType::is_dir) && is_real(path, fs::FileType::is_file))
    {
        let error = io::Error::new(io::ErrorKind::NotADirectory, "it is a link");
        return Err(unusable(path, &error).into());
    }
    let bytes = match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes.map_err(|error| unusable(path, &error))?,
    };
    let shown = path.display().to_string();
    let chosen = LockedKey::choose(&shown, &bytes, None, at);
    let key = chosen.map_err(|error| unusable_key(&shown, &error))?;
    Ok(Some(key))
}

/// The error for a file without a usable key. The help for its cause comes first.
fn unusable_key(shown: &str, error: &anyhow::Error) -> Failure {
    let Failure { message, mut help } = Failure::of(error);
    let delete = match help.as_slice() {
        [] => "delete",
        _ => "or delete",
    };
    help.push(format!(
        "{delete} this file; the next build generates another key"
    ));
    let message = format!("cannot use the development key in `{shown}`: {message}");
    Failure { message, help }
}

/// Stores a key where only its owner can read it. No link is followed and no file overwritten.
fn keep(path: &Path, armored: &[u8]) -> io::Result<()> {
    let staging = Staging::open(path.parent().unwrap_or(path))?;
    let mut file = staging.file()?;
    file.as_file_mut().write_all(armored)?;
    unless_there(
        file.persist_noclobber(path)
            .map(drop)
            .map_err(io::Error::from),
    )
}

fn create() -> anyhow::Result<Vec<u8>> {
    let created = SystemTime::UNIX_EPOCH + Duration::from_secs(CREATED);
    let (cert, _revocation) = builder(Cipher::Ed25519, created)?
        .add_userid(DEVELOPMENT_ID)
        .generate()?;
    cert.as_tsk().armored().to_vec()
}
