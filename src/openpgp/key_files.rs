//! The files of a new key: either all of them are written or none. No file is overwritten.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sequoia_openpgp::crypto::mem::Protected;
use tempfile::NamedTempFile;

use super::certificate::Certificate;
use super::generate::NewKey;
use crate::failure::{Failure, Result, fail, failure};
use crate::staging;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyFiles {
    pub(crate) secret: PathBuf,
    pub(crate) certificate: PathBuf,
    /// Revokes the key.
    pub(crate) revocation: PathBuf,
}

impl KeyFiles {
    /// The file of the secret, such as `secret.asc`, and next to it `secret.pub.asc` and
    /// `secret.rev.asc`. None of them may exist.
    pub(crate) fn beside(secret: &Path) -> Result<Self> {
        let files = Self::named_after(secret)?;
        let existing = files
            .all()
            .into_iter()
            .find(|path| path.symlink_metadata().is_ok());
        match existing {
            Some(path) => Err(unwritable(path, &io::ErrorKind::AlreadyExists.into()).into()),
            None => Ok(files),
        }
    }

    fn named_after(secret: &Path) -> Result<Self> {
        let Some(name) = secret.file_name().and_then(|name| name.to_str()) else {
            fail!(
                "`{}` is not a file name", secret.display();
                help: "pass one such as `secret.asc` with --out"
            );
        };
        let stem = match name.strip_suffix(".asc") {
            Some(stem) if !stem.is_empty() => stem,
            _ => name,
        };
        Ok(Self {
            secret: secret.to_owned(),
            certificate: secret.with_file_name(format!("{stem}.pub.asc")),
            revocation: secret.with_file_name(format!("{stem}.rev.asc")),
        })
    }

    /// The file of the certificate that belongs to the file of a secret.
    pub(crate) fn certificate_of(secret: &Path) -> Result<PathBuf> {
        Ok(Self::named_after(secret)?.certificate)
    }

    fn all(&self) -> [&PathBuf; 3] {
        [&self.revocation, &self.certificate, &self.secret]
    }

    /// Stores a new key in these files, which only their owner can read (mode 0600).
    ///
    /// All files are flushed to disk before any of them gets its name. The secret key gets its name
    /// last; if that fails, the others are removed. A killed run leaves at most files with other names,
    /// which the next run removes, and the others, which are useless without the secret key.
    pub(crate) fn keep(&self, key: &NewKey) -> Result<()> {
        let certificate = Certificate::armored(std::slice::from_ref(&key.certificate))?;
        let contents = [&key.revocation[..], &certificate[..], &key.secret[..]];
        let mut staged = Vec::with_capacity(contents.len());
        for (path, content) in self.all().into_iter().zip(contents) {
            staged.push((
                path,
                stage(path, content).map_err(|error| unwritable(path, &error))?,
            ));
        }
        let mut kept: Vec<&Path> = Vec::new();
        for (path, file) in staged {
            if let Err(error) = file.persist_noclobber(path) {
                for path in kept {
                    // It is new, and useless without the others.
                    let _ = fs::remove_file(path);
                }
                return Err(unwritable(path, &error.error).into());
            }
            kept.push(path);
        }
        Ok(())
    }
}

/// Replaces a key file, or creates it. The new file has another name until it was written and read
/// back, so the old one is never lost. Only its owner can read it (mode 0600).
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let failed = |error: io::Error| unwritable(path, &error);
    let staged = stage(path, content).map_err(failed)?;
    let read_back = Protected::from(fs::read(staged.path()).map_err(failed)?);
    if *read_back != *content {
        fail!(
            "cannot write `{}`: other bytes were read back",
            path.display()
        );
    }
    staged
        .persist(path)
        .map_err(|error| unwritable(path, &error.error))?;
    Ok(())
}

/// Writes a file with another name in the folder of its final path, and flushes it to disk. It is
/// removed when dropped, and its mode is 0600 from the start.
fn stage(path: &Path, content: &[u8]) -> io::Result<NamedTempFile> {
    staging::clear_beside(path);
    let mut file = staging::beside(path)?;
    file.as_file_mut().write_all(content)?;
    file.as_file().sync_all()?;
    Ok(file)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    match error.kind() {
        io::ErrorKind::AlreadyExists => failure!(
            "`{path}` already exists, and tfadir overwrites no key";
            help: "choose another --out file"
        ),
        _ => failure!("cannot write `{path}`: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::openpgp::expiry::Expires;
    use crate::openpgp::generate::{Cipher, Profile};

    #[test]
    fn a_key_is_stored_with_all_its_files_or_none() {
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
        // Another process is faster.
        fs::write(&files.secret, "precious").unwrap();
        assert!(
            files
                .keep(&key)
                .unwrap_err()
                .to_string()
                .contains("k.asc` already exists")
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(&files.secret).unwrap(), "precious");
        fs::remove_file(&files.secret).unwrap();
        files.keep(&key).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
        assert!(KeyFiles::beside(&files.secret).is_err());
    }
}
