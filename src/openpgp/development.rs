//! A key for trying things out, which is made where no other is configured.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::KeyFlags;
use sequoia_openpgp::{Cert, Profile};

use super::key::LockedKey;
use super::key_error::{KeyError, KeySource};

/// The user id of development keys.
pub(crate) const USER_ID: &str = "tfadir development key, not for publishing";

/// When development keys are made, by their own word, in seconds since 1970: on the first day of
/// 1980, so that they can sign at any time that `SOURCE_DATE_EPOCH` is set to in practice.
const MADE: u64 = 315_532_800;

/// The file of the key, in the folder for local state.
pub(crate) const FILE: &str = "development-key.asc";

/// Why there is no development key.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DevelopmentKeyError {
    /// It could not be kept.
    #[error(
        "cannot keep a development key in `{path}`: {source}\n\
         help: name a key with --key, or build with --unsigned"
    )]
    Unwritable {
        /// The folder or file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It could not be made.
    #[error("cannot make a development key: {0}")]
    Generation(String),
    /// The one that was kept cannot be used.
    #[error("the development key cannot be used, remove it to have a new one made: {0}")]
    Unusable(#[from] KeyError),
}

/// A development key and where it is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    /// The key.
    pub(crate) key: LockedKey,
    /// Its file.
    pub(crate) path: PathBuf,
    /// Whether it has just been made.
    pub(crate) is_new: bool,
}

/// The development key kept in one of some folders for local state; it is made in the first
/// folder that can be written if none has it.
///
/// The folder ignores itself for git, and the file can be read by its owner only (mode 0600).
///
/// # Errors
///
/// [`DevelopmentKeyError`] where no folder can be written or the kept key cannot be used.
pub(crate) fn load_or_make(
    folders: &[PathBuf],
    at: SystemTime,
) -> Result<Kept, DevelopmentKeyError> {
    let load = |path: &PathBuf| -> Option<Result<LockedKey, DevelopmentKeyError>> {
        let unwritable = |source| DevelopmentKeyError::Unwritable { path: path.clone(), source };
        let folder = path.parent().unwrap_or(path);
        if path.symlink_metadata().is_ok()
            && !(is_real(folder, fs::FileType::is_dir) && is_real(path, fs::FileType::is_file))
        {
            let source = io::Error::new(io::ErrorKind::NotADirectory, "it is a link");
            return Some(Err(unwritable(source)));
        }
        match fs::read(path) {
            Ok(bytes) => {
                let source = KeySource::File(path.clone());
                Some(LockedKey::choose(&source, &bytes, None, at).map_err(Into::into))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => Some(Err(unwritable(error))),
        }
    };
    for path in folders.iter().map(|folder| folder.join(FILE)) {
        if let Some(key) = load(&path) {
            return Ok(Kept { key: key?, path, is_new: false });
        }
    }
    let cert = make().map_err(|error| DevelopmentKeyError::Generation(error.to_string()))?;
    let armored = cert
        .as_tsk()
        .armored()
        .to_vec()
        .map_err(|error| DevelopmentKeyError::Generation(error.to_string()))?;
    let mut refusal = None;
    for folder in folders {
        let path = folder.join(FILE);
        match keep(folder, &path, &armored) {
            // Another build may have made one in the meantime; whichever is kept is used.
            Ok(()) => {
                if let Some(key) = load(&path) {
                    return Ok(Kept { key: key?, path, is_new: true });
                }
            }
            Err(source) => {
                refusal = refusal.or(Some(DevelopmentKeyError::Unwritable { path, source }));
            }
        }
    }
    let none = || DevelopmentKeyError::Generation("there is no folder for it".to_owned());
    Err(refusal.unwrap_or_else(none))
}

/// Keeps a key where nobody else can read it. Nothing is followed or overwritten: the folder comes
/// with the directory and could be a link that a stranger made.
fn keep(folder: &Path, path: &Path, armored: &[u8]) -> io::Result<()> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    if !is_real(folder, fs::FileType::is_dir) {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "it is no folder, or a link"));
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

/// Whether a path is of a kind by itself and not by a link.
fn is_real(path: &Path, is_kind: impl FnOnce(&fs::FileType) -> bool) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| is_kind(&metadata.file_type()))
}

fn make() -> sequoia_openpgp::Result<Cert> {
    let (cert, _revocation) = CertBuilder::new()
        .set_profile(Profile::RFC4880)?
        .set_cipher_suite(CipherSuite::Cv25519)
        .set_creation_time(SystemTime::UNIX_EPOCH + Duration::from_secs(MADE))
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing())
        .add_userid(USER_ID)
        .generate()?;
    Ok(cert)
}
