//! What was published before: its manifest, and the signatures that may be kept.

use std::io;
use std::path::{Path, PathBuf};

use super::manifest::{self, FormError, Manifest};
use crate::limits;
use crate::openpgp::{self, Signatures, Signed, Verifier};

/// The largest manifest that is read, in bytes.
const MAX_SIZE: usize = 16 * 1024 * 1024;

/// The largest detached signature that is read, in bytes.
const MAX_SIGNATURE: usize = 64 * 1024;

/// What was published before.
#[derive(Debug, Default)]
pub(crate) struct Previous {
    /// The manifest with its bytes, if one of the keys of this build vouches for it.
    pub(crate) manifest: Option<(Manifest, Vec<u8>)>,
    /// Whether there is one, but none of those keys does.
    pub(crate) is_by_others: bool,
    folder: Option<PathBuf>,
}

/// What was published before cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PreviousError {
    /// It cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// It is no manifest.
    #[error(
        "`{path}` {problem}\nhelp: name a manifest.json, its signed message, or a folder that was published"
    )]
    Manifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: FormError,
    },
    /// It is no signed message.
    #[error(
        "`{path}` {problem}\nhelp: name a manifest.json, its signed message, or a folder that was published"
    )]
    Message {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        problem: openpgp::FormError,
    },
    /// No key of this build signed it.
    #[error(
        "no key of this build vouches for `{0}`\n\
         help: name the signed message (manifest.json.gpg), or keep the signature (manifest.json.sig) \
         beside it; to begin anew with another key, leave out --previous"
    )]
    NotVouched(PathBuf),
}

impl Previous {
    /// Reads what somebody names: a `manifest.json` with its detached signature beside it, a signed
    /// message that contains one, or a folder that was published.
    ///
    /// `verifier` trusts the keys of this build.
    ///
    /// # Errors
    ///
    /// [`PreviousError`] where there is no manifest, or no key of this build vouches for it.
    pub(crate) fn named(path: &Path, verifier: &Verifier) -> Result<Self, PreviousError> {
        let folder = path.is_dir().then(|| path.to_owned());
        let file = folder.as_ref().map_or_else(|| path.to_owned(), |it| it.join(manifest::FILE));
        let found = Found::read(&file)?;
        if !found.is_vouched(verifier) {
            return Err(PreviousError::NotVouched(file));
        }
        let manifest = Some((found.manifest, found.bytes));
        Ok(Self { manifest, is_by_others: false, folder })
    }

    /// Reads what is in the folder that is to be replaced. Where it holds no manifest, or one by
    /// another key, nothing was published before.
    ///
    /// # Errors
    ///
    /// [`PreviousError`] where its manifest cannot be read.
    pub(crate) fn replaced(folder: &Path, verifier: &Verifier) -> Result<Self, PreviousError> {
        let file = folder.join(manifest::FILE);
        if !file.exists() {
            return Ok(Self::default());
        }
        let found = Found::read(&file)?;
        let is_vouched = found.is_vouched(verifier);
        let manifest = is_vouched.then_some((found.manifest, found.bytes));
        Ok(Self { manifest, is_by_others: !is_vouched, folder: Some(folder.to_owned()) })
    }

    /// Only the signatures of a folder that was published.
    pub(crate) fn folder(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..Self::default() }
    }

    /// Forgets the signatures, so that every file is signed anew.
    pub(crate) fn forget_signatures(&mut self) {
        self.folder = None;
    }

    /// The detached signature that a published file had, if it was kept.
    pub(crate) fn signature(&self, path: &str, ending: &str) -> Option<Vec<u8>> {
        let file = self.folder.as_ref()?.join(format!("{path}.{ending}"));
        limits::read_regular(&file, MAX_SIGNATURE).ok()
    }
}

/// A manifest as it was found.
struct Found {
    manifest: Manifest,
    bytes: Vec<u8>,
    signatures: Option<Signatures>,
}

impl Found {
    fn read(path: &Path) -> Result<Self, PreviousError> {
        let unreadable = |source| PreviousError::Unreadable { path: path.to_owned(), source };
        let bytes = limits::read_regular(path, MAX_SIZE).map_err(unreadable)?;
        let parse = |bytes: &[u8]| {
            let failed = |problem| PreviousError::Manifest { path: path.to_owned(), problem };
            Manifest::parse(bytes).map_err(failed)
        };
        if bytes.trim_ascii_start().starts_with(b"{") {
            let manifest = parse(&bytes)?;
            let mut beside = path.as_os_str().to_owned();
            beside.push(format!(".{}", manifest.signatures.detached));
            let beside = limits::read_regular(Path::new(&beside), MAX_SIGNATURE).ok();
            let signatures =
                beside.and_then(|it| Some(Signed::read(&it, 0).ok()?.into_signatures()));
            return Ok(Self { manifest, bytes, signatures });
        }
        let failed = |problem| PreviousError::Message { path: path.to_owned(), problem };
        match Signed::read(&bytes, MAX_SIZE).map_err(failed)? {
            Signed::Message(signatures, data) => {
                Ok(Self { manifest: parse(&data)?, bytes: data, signatures: Some(signatures) })
            }
            Signed::Detached(_) => {
                Err(PreviousError::Manifest { path: path.to_owned(), problem: FormError::Detached })
            }
        }
    }

    /// Whether one of the keys that are trusted signed it.
    fn is_vouched(&self, verifier: &Verifier) -> bool {
        let signatures = self.signatures.as_ref();
        let verify = |it: &Signatures| verifier.verify(it, &self.bytes).iter().any(Result::is_ok);
        signatures.is_some_and(verify)
    }
}
