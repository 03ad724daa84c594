//! Limits, and reading untrusted files up to them: an endless file or a pipe without a writer must
//! not block the program.

use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::failure::failure;

/// The maximum size of a key file, in bytes. Even keys with thousands of certifications are
/// smaller.
pub(crate) const MAX_KEY_BYTES: usize = 16 * 1024 * 1024;

/// The maximum size of a published `key.asc`, in bytes.
pub(crate) const MAX_PUBLISHED_KEY_BYTES: usize = 1024 * 1024;

/// The last second of the year 9999, counted from 1970. Later times cannot be shown as dates.
pub(crate) const MAX_SECONDS: u64 = 253_402_300_799;

/// A file cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read `{}`: {source}", path.to_string_lossy().replace(char::is_control, "\u{fffd}"))]
pub(crate) struct ReadError {
    path: PathBuf,
    source: io::Error,
}

impl ReadError {
    pub(crate) fn new(path: &Path, source: impl Into<io::Error>) -> Self {
        Self {
            path: path.to_owned(),
            source: source.into(),
        }
    }

    /// The error of a walk through a folder.
    pub(crate) fn of_walk(folder: &Path, error: walkdir::Error) -> Self {
        let path = error.path().unwrap_or(folder).to_owned();
        Self::new(&path, error)
    }

    pub(crate) fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

/// The error for a file that cannot be written.
pub(crate) fn unwritable(path: &Path) -> impl Fn(io::Error) -> anyhow::Error {
    move |error| failure!("cannot write `{}`: {error}", path.display()).into()
}

/// Reads a file that the user named, which may be a pipe. A file with more than `max` bytes fails
/// with [`io::ErrorKind::FileTooLarge`].
pub(crate) fn read(path: &Path, max: usize) -> Result<Vec<u8>, ReadError> {
    let file = File::open(path).map_err(|error| ReadError::new(path, error))?;
    read_opened(path, file, max)
}

/// Reads a file that the user did not name, such as one in a downloaded folder. Pipes and devices
/// are refused, even one that replaces a file at this moment: opening it does not wait.
pub(crate) fn read_regular(path: &Path, max: usize) -> Result<Vec<u8>, ReadError> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
    }
    let failed = |error: io::Error| ReadError::new(path, error);
    let file = options.open(path).map_err(failed)?;
    if !file.metadata().map_err(failed)?.is_file() {
        let message = "it is not a regular file";
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, message)));
    }
    read_opened(path, file, max)
}

fn read_opened(path: &Path, file: File, max: usize) -> Result<Vec<u8>, ReadError> {
    let failed = |error: io::Error| ReadError::new(path, error);
    // Room for the whole file and one byte more, so that it is read at once and its end is seen.
    let size = file.metadata().map_or(0, |metadata| metadata.len());
    let expected = usize::try_from(size).unwrap_or(max).min(max);
    let mut bytes = Vec::with_capacity(expected.saturating_add(1));
    let max = max as u64;
    file.take(max.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > max {
        let message = format!("it is larger than {max} bytes");
        return Err(failed(io::Error::new(io::ErrorKind::FileTooLarge, message)));
    }
    Ok(bytes)
}
