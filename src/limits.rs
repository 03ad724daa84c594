//! Files of strangers, read up to a limit: a pipe that nobody writes to or a file without an end
//! must not stop the program.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// The largest key file, in bytes. Keys that were signed by thousands are smaller.
pub(crate) const MAX_KEY_BYTES: usize = 16 * 1024 * 1024;

/// Reads a file that somebody named, which may be a pipe.
///
/// # Errors
///
/// What the operating system says, or [`io::ErrorKind::FileTooLarge`] where there is more than
/// `most` bytes.
pub(crate) fn read(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let most = most as u64;
    let mut bytes = Vec::new();
    File::open(path)?.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let message = format!("it has more than {most} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// Reads a file that nobody named, such as one beside another. Pipes and devices are none.
///
/// # Errors
///
/// As for [`read`].
pub(crate) fn read_regular(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    match fs::metadata(path)?.is_file() {
        true => read(path, most),
        false => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")),
    }
}
