//! A single downloaded file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::{Outcome, Trust, finding};
use crate::finding::Elsewhere;
use crate::limits::{self, ReadError};
use crate::openpgp::{FormError, Good, SignatureError, Signed, expiry};
use crate::text::size;

/// A valid signature file.
struct Verified {
    kind: &'static str,
    signatures: Vec<Good>,
    /// The data, if the file contains it.
    data: Option<Vec<u8>>,
}

/// A signature file cannot be read or is not valid.
#[derive(Debug, thiserror::Error)]
pub(crate) enum VerifyFileError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(
        "`{0}` is a detached signature of another file: {1}\n\
         help: download both into one folder, and keep their names"
    )]
    NoData(PathBuf, ReadError),
    #[error("this {0}")]
    Form(#[from] FormError),
    #[error("this {0}")]
    Signature(#[from] SignatureError),
    /// Both times in RFC 3339.
    #[error("this was signed at {0}, before {1}")]
    Old(String, String),
}

/// Verifies one signature file of either kind, told apart by its content. A detached signature
/// `x.sig` signs the file `x` in the same folder.
pub(crate) fn file(path: &Path, trust: &Trust) -> Result<Outcome, VerifyFileError> {
    let Verified { kind, signatures, data } = match verified(path, trust) {
        Ok(verified) => verified,
        Err(error @ (VerifyFileError::Read(_) | VerifyFileError::NoData(..))) => return Err(error),
        Err(error) => return Ok(refused(path, &error)),
    };
    let of = data.as_ref().map_or_else(String::new, |it| format!(" of {}", size(it.len())));
    let mut summary = vec![("Verified", format!("{}: {kind}{of}", path.display()))];
    summary.extend(signatures.iter().map(|good| {
        (
            "Signed",
            format!("by {} on {}", good.key, expiry::timestamp(good.made).unwrap_or_default()),
        )
    }));
    let records = signatures.iter().map(|good| {
        let made = expiry::timestamp(good.made);
        json!({ "certificate": good.certificate, "key": good.key, "made": made })
    });
    let record = json!({
        "path": path.to_string_lossy(),
        "good": true,
        "kind": kind,
        "signatures": records.collect::<Vec<_>>(),
    });
    Ok(Outcome { findings: Vec::new(), base: PathBuf::new(), summary, record, data })
}

fn refused(path: &Path, error: &VerifyFileError) -> Outcome {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // If the data file was given, suggest one of its signatures.
    let is_data = matches!(error, VerifyFileError::Form(FormError::Malformed(_)))
        && path.extension().is_some_and(|it| it == "json");
    let help = match is_data {
        true => format!(
            "If this is the data, name its signature instead: `{name}.sig` or `{name}.gpg`."
        ),
        false => "Do not use it. Download it again from the publisher, with its signature.".into(),
    };
    Outcome {
        findings: vec![finding(Elsewhere::Signature, &name, error.to_string(), &help)],
        base: path.parent().unwrap_or(Path::new("")).to_owned(),
        summary: Vec::new(),
        record: json!({ "path": path.to_string_lossy(), "good": false }),
        data: None,
    }
}

/// One valid signature by a trusted key is enough if the others are by unknown keys: during a
/// roll-over every file has two.
fn verified(path: &Path, trust: &Trust) -> Result<Verified, VerifyFileError> {
    let is_too_large = |error: &ReadError| error.kind() == io::ErrorKind::FileTooLarge;
    // ASCII armor and signatures take less space than the data itself.
    let max = trust.max_size.saturating_mul(2).saturating_add(1 << 20);
    let bytes = match limits::read(path, max) {
        Err(error) if is_too_large(&error) => {
            return Err(FormError::TooLarge(trust.max_size).into());
        }
        bytes => bytes?,
    };
    let (kind, signatures, data, is_contained) = match Signed::read(&bytes, trust.max_size)? {
        Signed::Message(signatures, data) => ("signed message", signatures, data, true),
        Signed::Detached(signatures) => {
            let data = match limits::read(&path.with_extension(""), trust.max_size) {
                Err(error) if is_too_large(&error) => {
                    return Err(FormError::DataTooLarge(trust.max_size).into());
                }
                data => data.map_err(|error| VerifyFileError::NoData(path.to_owned(), error))?,
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
        return Err(VerifyFileError::Old(shown(Some(early.made)), shown(oldest)));
    }
    Ok(Verified { kind, signatures: good, data: is_contained.then_some(data) })
}
