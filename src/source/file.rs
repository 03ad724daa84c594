//! One file of the root, read as text, with whatever kept it from being read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::json::{self, Parsed};

/// The largest source file that is read, in bytes: 1 MiB.
pub(crate) const MAX_BYTES: u64 = 1 << 20;

/// What a folder of the root holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Entries: files whose names end in `.json`.
    Entry,
    /// Icons: files whose names end in `.svg` or `.png`.
    Icon,
}

impl Kind {
    /// The endings of its files, without the dot.
    pub(crate) fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Entry => &["json"],
            Self::Icon => &["svg", "png"],
        }
    }
}

/// A source file: where it is and what it says.
#[derive(Debug)]
pub(crate) struct SourceFile {
    /// Path relative to the root.
    pub(crate) path: PathBuf,
    /// What it is to be, by the folder it is in.
    pub(crate) kind: Kind,
    /// The text. Where it could not be read it is empty; where it is no UTF-8, every faulty
    /// sequence is replaced by U+FFFD, so that the location of the first one stays the same.
    pub(crate) text: String,
    /// The bytes of a PNG file, which has no text.
    pub(crate) bytes: Vec<u8>,
    /// The permission bits of a regular file, where the system has them.
    pub(crate) mode: Option<u32>,
    /// What kept the text from being read in full.
    pub(crate) problem: Option<Problem>,
}

/// What a file means as JSON, or why it means nothing.
pub(crate) type Content = Result<Parsed, ParseError>;

/// Why a file has no JSON value.
#[derive(Debug)]
pub(crate) enum ParseError {
    /// Its text could not be read.
    Unread,
    /// Its text is no JSON; the fault as the fast parser saw it.
    Syntax(serde_json::Error),
}

/// Why a file has no text.
#[derive(Debug)]
pub(crate) enum Problem {
    /// The operating system refused.
    Unreadable(io::Error),
    /// A folder, device, pipe or socket where a file was expected, or a link to one.
    NotAFile,
    /// A file whose name does not end as its folder wants it; it was not read.
    OtherKind,
    /// A symbolic link whose target is not in the root.
    LeavesRoot,
    /// More than [`MAX_BYTES`].
    TooLarge,
    /// No UTF-8; the first faulty byte is at this offset.
    NotUtf8 {
        /// Byte offset from the start of the file.
        at: usize,
    },
    /// UTF-8 or UTF-16 with a byte-order mark, which JSON forbids (RFC 8259, section 8.1).
    ByteOrderMark,
}

impl SourceFile {
    /// A file that could not be read at all.
    pub(crate) fn unread(path: PathBuf, kind: Kind, problem: Problem) -> Self {
        let (text, bytes) = (String::new(), Vec::new());
        Self { path, kind, text, bytes, mode: None, problem: Some(problem) }
    }

    /// Makes a source file of bytes that were read already.
    pub(crate) fn from_bytes(path: PathBuf, kind: Kind, bytes: &[u8], mode: Option<u32>) -> Self {
        if path.extension().is_some_and(|it| it == "png") {
            let bytes = bytes.to_vec();
            return Self { path, kind, text: String::new(), bytes, mode, problem: None };
        }
        let (text, problem) = decode(bytes);
        Self { path, kind, text, bytes: Vec::new(), mode, problem }
    }

    /// Parses the text.
    ///
    /// # Errors
    ///
    /// [`ParseError`] where there is no text or it is no JSON.
    pub(crate) fn parse(&self) -> Content {
        match &self.problem {
            Some(_) => Err(ParseError::Unread),
            None => json::parse(&self.text).map_err(ParseError::Syntax),
        }
    }
}

/// Turns bytes into text, and says what is wrong with their encoding.
pub(crate) fn decode(bytes: &[u8]) -> (String, Option<Problem>) {
    if let [0xEF, 0xBB, 0xBF, ..] | [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] = bytes {
        let text = String::from_utf8_lossy(bytes).into_owned();
        return (text, Some(Problem::ByteOrderMark));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(error) => {
            let at = error.valid_up_to();
            let text = String::from_utf8_lossy(bytes).into_owned();
            (text, Some(Problem::NotUtf8 { at }))
        }
    }
}

/// Reads a regular file of at most [`MAX_BYTES`] into `buffer`, replacing what it held, and says
/// which permission bits it has, where the system has them.
///
/// # Errors
///
/// [`Problem::TooLarge`] or [`Problem::Unreadable`].
pub(crate) fn read_into(path: &Path, buffer: &mut Vec<u8>) -> Result<Option<u32>, Problem> {
    buffer.clear();
    let mut file = File::open(path).map_err(Problem::Unreadable)?;
    let mode = mode(&file);
    let read = file.by_ref().take(MAX_BYTES + 1).read_to_end(buffer);
    if read.map_err(Problem::Unreadable)? as u64 > MAX_BYTES {
        return Err(Problem::TooLarge);
    }
    Ok(mode)
}

#[cfg(unix)]
fn mode(file: &File) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().ok().map(|metadata| metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_file: &File) -> Option<u32> {
    None
}

/// Follows a symbolic link as far as it stays in the root.
///
/// `root` is the root's canonical path. What an entry's file says is shown in reports, so a link
/// from a stranger's pull request to, say, a secret outside must not be read.
///
/// # Errors
///
/// [`Problem::LeavesRoot`], [`Problem::NotAFile`], or [`Problem::Unreadable`] for a broken or
/// circular link.
pub(crate) fn follow_link(root: &Path, link: &Path) -> Result<PathBuf, Problem> {
    let target = link.canonicalize().map_err(Problem::Unreadable)?;
    if !target.starts_with(root) {
        return Err(Problem::LeavesRoot);
    }
    if !target.is_file() {
        return Err(Problem::NotAFile);
    }
    Ok(target)
}
