//! A single downloaded file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::signed::Trust;
use crate::limits;
use crate::openpgp::{FormError, Good, SignatureError, Signed, expiry};

/// A file whose signature holds.
#[derive(Debug)]
pub(crate) struct Verified {
    /// What the file is, `detached signature` or `signed message`.
    pub(crate) kind: &'static str,
    /// The signatures that hold.
    pub(crate) signatures: Vec<Good>,
    /// The data, if the file contains it.
    pub(crate) data: Option<Vec<u8>>,
}

/// A single file does not verify.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyFileError {
    /// It cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A detached signature without what it signs.
    #[error(
        "`{signature}` is a detached signature, but `{data}`, which it signs, cannot be read: {source}\n\
         help: download both into one folder, and keep their names"
    )]
    NoData {
        /// The signature.
        signature: PathBuf,
        /// The file that it signs.
        data: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// Not one of the two kinds.
    #[error("this {0}")]
    Form(#[from] FormError),
    /// No signature by who is trusted.
    #[error("this {0}")]
    Signature(#[from] SignatureError),
    /// Made too early.
    #[error("this was signed at {made}, before {after}")]
    Old {
        /// When it was signed (RFC 3339, in UTC).
        made: String,
        /// The bound.
        after: String,
    },
}

impl VerifyFileError {
    /// Whether the file is not what it should be, and not only out of reach.
    pub(crate) fn is_finding(&self) -> bool {
        !matches!(self, Self::Unreadable { .. } | Self::NoData { .. })
    }
}

/// Verifies one signature file of either kind, told apart by its content. A detached signature
/// `x.sig` signs the file `x` beside it.
///
/// One good signature by a key that is trusted is enough, if the others are by keys that are not
/// known here: during a roll-over every file has two.
///
/// # Errors
///
/// [`VerifyFileError`] where it does not hold.
pub(crate) fn verify_file(path: &Path, trust: &Trust) -> Result<Verified, VerifyFileError> {
    let unreadable = |source| VerifyFileError::Unreadable { path: path.to_owned(), source };
    // ASCII armor and signatures take less room than the data once more.
    let most = trust.max_size.saturating_mul(2).saturating_add(1 << 20);
    let too_large = |error: &io::Error| error.kind() == io::ErrorKind::FileTooLarge;
    let bytes = match limits::read(path, most) {
        Err(error) if too_large(&error) => return Err(FormError::TooLarge(trust.max_size).into()),
        bytes => bytes.map_err(unreadable)?,
    };
    let (kind, signatures, data, is_contained) = match Signed::read(&bytes, trust.max_size)? {
        Signed::Message(signatures, data) => ("signed message", signatures, data, true),
        Signed::Detached(signatures) => {
            let data = path.with_extension("");
            let no_data = |source| VerifyFileError::NoData {
                signature: path.to_owned(),
                data: data.clone(),
                source,
            };
            let data = match limits::read(&data, trust.max_size) {
                Err(error) if too_large(&error) => {
                    return Err(FormError::DataTooLarge(trust.max_size).into());
                }
                data => data.map_err(no_data)?,
            };
            ("detached signature", signatures, data, false)
        }
    };
    let mut good = Vec::new();
    let mut other_key = None;
    for result in trust.verifier.verify(&signatures, &data) {
        match result {
            Ok(signature) => good.push(signature),
            Err(error @ SignatureError::OtherKey(_)) => other_key = Some(error),
            Err(error) => return Err(error.into()),
        }
    }
    if let (Some(error), true) = (other_key, good.is_empty()) {
        return Err(error.into());
    }
    let after = Duration::from_secs(trust.after.unwrap_or_default());
    let is_early =
        |made: SystemTime| made.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default() < after;
    if let Some(early) = good.iter().find(|signature| is_early(signature.made)) {
        let shown = |time: Option<SystemTime>| {
            time.and_then(expiry::timestamp).unwrap_or_else(|| "a distant time".to_owned())
        };
        let oldest = SystemTime::UNIX_EPOCH.checked_add(after);
        return Err(VerifyFileError::Old { made: shown(Some(early.made)), after: shown(oldest) });
    }
    Ok(Verified { kind, signatures: good, data: is_contained.then_some(data) })
}
