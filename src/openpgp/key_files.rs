//! New keys in files of their own: all of them or none, and never over another file.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::certificate::{Certificate, CertificateError};
use super::generate::NewKey;

/// The files of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyFiles {
    /// The secret key.
    pub(crate) secret: PathBuf,
    /// The certificate.
    pub(crate) certificate: PathBuf,
    /// The certificate that revokes the key.
    pub(crate) revocation: PathBuf,
}

/// A key cannot be kept. None of its files is there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// A file of that name is there.
    #[error(
        "`{0}` is there already, and no key is overwritten\nhelp: give another name with --out"
    )]
    Exists(PathBuf),
    /// The name ends with a separator, or is none.
    #[error("`{0}` is no name of a file\nhelp: give one such as `secret.asc` with --out")]
    NoName(PathBuf),
    /// Writing failed.
    #[error("cannot write `{path}`: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The certificate cannot be written.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

impl KeyFiles {
    /// The files of a key whose secret is in a file of this name: `secret.asc` has
    /// `secret.pub.asc` and `secret.rev.asc` beside it.
    ///
    /// # Errors
    ///
    /// [`KeepError`] where one of them is there, or the path names no file.
    pub(crate) fn beside(secret: &Path) -> Result<Self, KeepError> {
        let no_name = || KeepError::NoName(secret.to_owned());
        let name = secret.file_name().and_then(|name| name.to_str()).ok_or_else(no_name)?;
        let stem = name.strip_suffix(".asc").filter(|stem| !stem.is_empty()).unwrap_or(name);
        let files = Self {
            secret: secret.to_owned(),
            certificate: secret.with_file_name(format!("{stem}.pub.asc")),
            revocation: secret.with_file_name(format!("{stem}.rev.asc")),
        };
        let is_there = |path: &&PathBuf| path.symlink_metadata().is_ok();
        let existing = files.all().into_iter().find(is_there).cloned();
        match existing {
            Some(path) => Err(KeepError::Exists(path)),
            None => Ok(files),
        }
    }

    fn all(&self) -> [&PathBuf; 3] {
        [&self.revocation, &self.certificate, &self.secret]
    }

    /// Keeps a new key in these files, which only their owner can read (mode 0600).
    ///
    /// Everything is on the disk before any file has its name, and the secret key is the last to
    /// get one; where that fails, the others lose theirs.
    ///
    /// # Errors
    ///
    /// [`KeepError`] where a file is there or cannot be written.
    pub(crate) fn keep(&self, key: &NewKey) -> Result<(), KeepError> {
        let certificate = Certificate::armored(std::slice::from_ref(&key.certificate))?;
        let contents = [&key.revocation[..], &certificate[..], &key.secret[..]];
        let mut staged = Vec::with_capacity(contents.len());
        for (path, content) in self.all().into_iter().zip(contents) {
            staged.push((path, stage(path, content).map_err(at(path))?));
        }
        let mut kept: Vec<&Path> = Vec::new();
        for (path, file) in staged {
            if let Err(error) = file.persist_noclobber(path) {
                for path in kept {
                    // It was made a moment ago and holds nothing without the others.
                    let _ = fs::remove_file(path);
                }
                return Err(match error.error.kind() {
                    io::ErrorKind::AlreadyExists => KeepError::Exists(path.clone()),
                    _ => at(path)(error.error),
                });
            }
            kept.push(path);
        }
        Ok(())
    }
}

/// Writes a file beside its location. A temporary file has mode 0600 from the start.
fn stage(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    let folder = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> KeepError {
    let path = path.to_owned();
    move |source| KeepError::Io { path, source }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::openpgp::expiry::Expires;
    use crate::openpgp::generate::{Cipher, Profile};

    #[test]
    fn a_key_is_kept_with_all_its_files_or_with_none() {
        let folder = tempfile::tempdir().unwrap();
        let files = KeyFiles::beside(&folder.path().join("k.asc")).unwrap();
        let profile = Profile {
            email: "a@example.org",
            name: None,
            cipher: Cipher::Ed25519,
            expires: Expires::Never,
            signing_subkey: false,
            passphrase: None,
        };
        let key = NewKey::generate(profile, SystemTime::now()).unwrap();
        // Somebody is faster.
        fs::write(&files.secret, "precious").unwrap();
        assert!(matches!(files.keep(&key), Err(KeepError::Exists(_))));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(&files.secret).unwrap(), "precious");
        fs::remove_file(&files.secret).unwrap();
        files.keep(&key).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        assert!(matches!(KeyFiles::beside(&files.secret), Err(KeepError::Exists(_))));
    }
}
