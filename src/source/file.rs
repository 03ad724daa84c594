//! One file of the root as text, or why it cannot be read.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::json::{self, Parsed};

/// The largest source file that is read, in bytes: 1 MiB.
pub(crate) const MAX_BYTES: u64 = 1 << 20;

/// What a folder of the root contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Entries: files whose names end in `.json`.
    Entry,
    /// Icons: files whose names end in `.svg` or `.png`.
    Icon,
}

impl Kind {
    /// The extensions of its files, without the dot.
    pub(crate) fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Entry => &["json"],
            Self::Icon => &["svg", "png"],
        }
    }

    /// Whether a file has one of these extensions.
    pub(crate) fn has_extension(self, path: &Path) -> bool {
        let extension = path.extension().unwrap_or_default();
        self.extensions().iter().any(|known| extension == *known)
    }

    /// The path that a file with a wrong extension was meant to have: one with the extension in lower
    /// case, or without the extension `.txt`, which Windows adds and does not show. `None` if these
    /// files cannot have that extension either.
    pub(crate) fn intended(self, path: &Path) -> Option<PathBuf> {
        let is_text = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("txt"));
        let visible_path = if is_text {
            path.with_extension("")
        } else {
            path.to_owned()
        };
        let extension = visible_path.extension()?.to_str()?.to_lowercase();
        let meant = visible_path.with_extension(extension);
        self.has_extension(&meant).then_some(meant)
    }
}

/// A source file: its path and its content.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Path relative to the root.
    pub(crate) path: PathBuf,
    /// What it should be, according to its folder.
    pub(crate) kind: Kind,
    /// The text without a byte-order mark; empty if it cannot be read. In a file that is not UTF-8,
    /// U+FFFD replaces invalid sequences, so that the offset of the first one is kept.
    pub(crate) text: String,
    /// The bytes of a file without a text: a PNG file, or one with a wrong extension that
    /// [`Kind::intended`] corrects.
    pub(crate) bytes: Vec<u8>,
    /// The permission bits of a regular file, where the system has them.
    pub(crate) mode: Option<u32>,
    /// Why the text cannot be used.
    pub(crate) problem: Option<FileProblem>,
    /// Whether the file is a symbolic link, which no fix changes.
    pub(crate) is_link: bool,
}

/// A file as JSON, or why it is not.
pub(crate) type Content = Result<Parsed, ParseError>;

/// Why a file has no JSON value.
#[derive(Debug)]
pub(crate) enum ParseError {
    /// Its text cannot be read.
    Unread,
    /// Its text is not JSON.
    Syntax(serde_json::Error),
}

/// Why a file has no text.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum FileProblem {
    /// The operating system refused.
    #[error("cannot read this file: {0}")]
    Unreadable(Arc<io::Error>),
    /// A folder, device, pipe or socket instead of a file, or a link to one.
    #[error("this is not a regular file")]
    NotAFile,
    /// A file with an extension that does not belong in its folder; it is not read.
    #[error("files with this extension do not belong in this folder")]
    OtherKind,
    /// An entry that is a symbolic link. Git stores no content for it, so commits could not be
    /// compared.
    #[error("this is a symbolic link")]
    Link,
    /// A symbolic link that leads out of the root.
    #[error("this link leads out of the directory")]
    LeavesRoot,
    /// More than [`MAX_BYTES`].
    #[error("this file is larger than 1 MiB")]
    TooLarge,
    /// Not UTF-8; the first invalid byte is at this offset.
    #[error("this file is not UTF-8")]
    NotUtf8 {
        /// Byte offset from the start of the file.
        at: usize,
    },
    /// UTF-8 or UTF-16 with a byte-order mark, which JSON forbids (RFC 8259, section 8.1).
    #[error("this file begins with a byte-order mark")]
    ByteOrderMark,
}

impl SourceFile {
    /// A file that cannot be read.
    pub(crate) fn unread(path: PathBuf, kind: Kind, problem: FileProblem) -> Self {
        Self {
            path,
            kind,
            text: String::new(),
            bytes: Vec::new(),
            mode: None,
            problem: Some(problem),
            is_link: false,
        }
    }

    /// Builds a source file from bytes that were already read.
    pub(crate) fn from_bytes(path: PathBuf, kind: Kind, bytes: &[u8], mode: Option<u32>) -> Self {
        if path.extension().is_some_and(|extension| extension == "png") {
            return Self {
                path,
                kind,
                text: String::new(),
                bytes: bytes.to_vec(),
                mode,
                problem: None,
                is_link: false,
            };
        }
        let (text, problem) = decode(bytes);
        Self {
            path,
            kind,
            text,
            bytes: Vec::new(),
            mode,
            problem,
            is_link: false,
        }
    }

    /// A file with an extension that does not belong in its folder, but that was meant to have a
    /// different one; see [`Kind::intended`].
    pub(crate) fn misnamed(path: PathBuf, kind: Kind, bytes: &[u8], mode: Option<u32>) -> Self {
        Self {
            bytes: bytes.to_vec(),
            mode,
            ..Self::unread(path, kind, FileProblem::OtherKind)
        }
    }

    /// Whether these are the bytes of the file.
    pub(crate) fn has_content(&self, bytes: &[u8]) -> bool {
        if self.bytes.is_empty() {
            decode(bytes).0 == self.text
        } else {
            self.bytes == bytes
        }
    }

    pub(crate) fn parse(&self) -> Content {
        // The encoding of a file with a mark is known, so it can be checked further.
        let is_known = || !self.text.contains(char::REPLACEMENT_CHARACTER);
        match &self.problem {
            Some(FileProblem::ByteOrderMark) if is_known() => {
                json::parse(&self.text).map_err(ParseError::Syntax)
            }
            Some(_) => Err(ParseError::Unread),
            None => json::parse(&self.text).map_err(ParseError::Syntax),
        }
    }
}

fn unreadable(error: io::Error) -> FileProblem {
    FileProblem::Unreadable(Arc::new(error))
}

/// Decodes text, and reports a problem with its encoding.
pub(crate) fn decode(bytes: &[u8]) -> (String, Option<FileProblem>) {
    let utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = bytes
            .chunks(2)
            .map(|pair| unit([pair[0], *pair.get(1).unwrap_or(&0)]));
        char::decode_utf16(units)
            .map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect()
    };
    let marked = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => Some(String::from_utf8_lossy(rest).into_owned()),
        // UTF-32, and UTF-16 without a mark.
        [0xFF, 0xFE, 0, 0, ..] | [0, ..] | [_, 0, ..] => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            return (text, Some(FileProblem::NotUtf8 { at: 0 }));
        }
        [0xFE, 0xFF, rest @ ..] => Some(utf16(rest, u16::from_be_bytes)),
        [0xFF, 0xFE, rest @ ..] => Some(utf16(rest, u16::from_le_bytes)),
        _ => None,
    };
    if let Some(text) = marked {
        return (text, Some(FileProblem::ByteOrderMark));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), None),
        Err(error) => {
            let at = error.valid_up_to();
            let text = String::from_utf8_lossy(bytes).into_owned();
            (text, Some(FileProblem::NotUtf8 { at }))
        }
    }
}

/// Reads a regular file of at most [`MAX_BYTES`] into `buffer`, replacing the previous content.
/// Returns the permission bits, where the system has them.
///
/// # Errors
///
/// [`FileProblem::TooLarge`] or [`FileProblem::Unreadable`].
pub(crate) fn read_into(path: &Path, buffer: &mut Vec<u8>) -> Result<Option<u32>, FileProblem> {
    buffer.clear();
    let mut file = File::open(path).map_err(unreadable)?;
    let mode = mode(&file);
    let read = file.by_ref().take(MAX_BYTES + 1).read_to_end(buffer);
    if read.map_err(unreadable)? as u64 > MAX_BYTES {
        return Err(FileProblem::TooLarge);
    }
    Ok(mode)
}

#[cfg(unix)]
fn mode(file: &File) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    file.metadata()
        .ok()
        .map(|metadata| metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_file: &File) -> Option<u32> {
    None
}

/// Follows a symbolic link if it stays in the root, given as a canonical path. Reports quote files,
/// so a link in a pull request must not lead to a secret outside.
///
/// # Errors
///
/// [`FileProblem::LeavesRoot`], [`FileProblem::NotAFile`], or [`FileProblem::Unreadable`] for a broken or
/// circular link.
pub(crate) fn follow_link(root: &Path, link: &Path) -> Result<PathBuf, FileProblem> {
    let target = link.canonicalize().map_err(unreadable)?;
    if !target.starts_with(root) {
        return Err(FileProblem::LeavesRoot);
    }
    if !target.is_file() {
        return Err(FileProblem::NotAFile);
    }
    Ok(target)
}
