//! A single downloaded file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::{Trust, Verification, finding};
use crate::failure::{Result, fail};
use crate::finding::Stage;
use crate::limits::{self, ReadError};
use crate::openpgp::{FormError, Good, SignatureError, Signed, expiry};
use crate::text::{join, quote, size};

/// A valid signature file.
struct VerifiedSignature {
    kind: &'static str,
    signatures: Vec<Good>,
    /// The signed file, if it is next to the signature file.
    signed: Option<PathBuf>,
    /// The data, if the signature file contains it.
    data: Option<Vec<u8>>,
}

/// Verifies one signature file of either kind, told apart by its content. `x.sig` is the signature of
/// the file `x` in the same folder. If it is a signed message, that file need not exist, and may be
/// the old one that the data replaces: `output`.
pub(crate) fn file(path: &Path, trust: &Trust, output: Option<&Path>) -> Result<Verification> {
    let VerifiedSignature {
        kind,
        signatures,
        signed,
        data,
    } = match verified(path, trust, output) {
        Err(error) if error.is::<FormError>() || error.is::<SignatureError>() => {
            return Ok(refused(path, &error));
        }
        verified => verified?,
    };
    let signers: Vec<String> = signatures.iter().map(signer).collect();
    let state = match (&signed, &data) {
        (Some(signed), _) => format!("{}: unchanged", signed.display()),
        (None, Some(data)) => format!("{} in {}: unchanged", size(data.len()), path.display()),
        (None, None) => path.display().to_string(),
    };
    let records: Vec<Value> = signatures.iter().map(record_of).collect();
    let record = json!({
        "path": path.to_string_lossy(),
        "good": true,
        "kind": kind,
        "signed": signed.map(|signed| signed.to_string_lossy().into_owned()),
        "signatures": records,
    });
    Ok(Verification {
        findings: Vec::new(),
        base: PathBuf::new(),
        summary: vec![(
            "Verified",
            format!("{state}, signed by {}", join(&signers, "and")),
        )],
        record,
        data,
        contents: None,
    })
}

fn record_of(good: &Good) -> Value {
    let made = expiry::timestamp(good.made);
    json!({ "certificate": good.certificate, "key": good.key, "made": made })
}

fn signer(good: &Good) -> String {
    let made = expiry::timestamp(good.made).unwrap_or_default();
    format!("{} on {made}", good.key)
}

fn refused(path: &Path, error: &anyhow::Error) -> Verification {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // If the data file was given, suggest one of its signatures.
    let is_data = matches!(error.downcast_ref(), Some(FormError::Malformed(_)))
        && path.extension() == Some("json".as_ref());
    let help = if is_data {
        format!("If this is the data, pass its signature instead: `{name}.sig` or `{name}.gpg`.")
    } else {
        "Do not use it. Download it again from the publisher, with its signature.".to_owned()
    };
    let finding = finding(Stage::Signature, &name, format!("this {error}"), &help);
    Verification::refused(path, path.parent().unwrap_or(Path::new("")), finding)
}

fn verified(path: &Path, trust: &Trust, output: Option<&Path>) -> Result<VerifiedSignature> {
    // ASCII armor and signatures take less space than the data itself.
    let max = trust.max_size.saturating_mul(2).saturating_add(1 << 20);
    let bytes = within(limits::read(path, max), "contains", trust)?;
    let mut signed = signed_file(path);
    let (kind, signatures, contained) = match Signed::read(&bytes, trust.max_size)? {
        Signed::Message(signatures, data) => ("signed message", signatures, Some(data)),
        Signed::Detached(signatures) => ("detached signature", signatures, None),
    };
    if contained.is_some() && is_same(signed.as_deref(), output) {
        signed = None;
    }
    let beside = match &signed {
        Some(signed) => {
            let read = limits::read_regular(signed, trust.max_size);
            Some(within(read, "signs", trust)?)
        }
        None => None,
    };
    let Some(data) = contained.as_ref().or(beside.as_ref()) else {
        fail!(
            "`{}` is a detached signature of another file, which is not next to it", path.display();
            help: "download both into one folder, and keep their names"
        );
    };
    let good = good_signatures(trust.verifier.verify(&signatures, data))?;
    refuse_older(&good, Duration::from_secs(trust.after.unwrap_or_default()))?;
    if let (Some(contained), Some(beside), Some(signed)) = (&contained, &beside, &signed)
        && contained != beside
    {
        let name = signed.file_name().unwrap_or_default().to_string_lossy();
        let problem = format!(
            "signed message does not contain {}, which is next to it",
            quote(&name)
        );
        return Err(FormError::Refused(problem).into());
    }
    Ok(VerifiedSignature {
        kind,
        signatures: good,
        signed,
        data: contained,
    })
}

/// The valid signatures. One by a trusted key is enough if the others are by unknown keys: during a
/// roll-over every file has two.
fn good_signatures(
    verdicts: Vec<Result<Good, SignatureError>>,
) -> Result<Vec<Good>, SignatureError> {
    let mut good = Vec::new();
    let mut other_key = None;
    for verdict in verdicts {
        match verdict {
            Ok(signature) => good.push(signature),
            Err(error @ SignatureError::OtherKey(_)) => other_key = Some(error),
            Err(error) => return Err(error),
        }
    }
    match other_key {
        Some(error) if good.is_empty() => Err(error),
        _ => Ok(good),
    }
}

/// Refuses signatures that were made earlier than some time after 1970.
fn refuse_older(signatures: &[Good], after: Duration) -> Result<(), SignatureError> {
    for signature in signatures {
        let since = signature
            .made
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        if since < after {
            let made = shown(Some(signature.made));
            let oldest = shown(SystemTime::UNIX_EPOCH.checked_add(after));
            let problem = format!("was signed at {made}, before {oldest}");
            return Err(SignatureError::Invalid(problem));
        }
    }
    Ok(())
}

fn shown(time: Option<SystemTime>) -> String {
    time.and_then(expiry::timestamp)
        .unwrap_or_else(|| "a distant time".to_owned())
}

/// The file that a signature file signs, by its name, if it is there.
fn signed_file(path: &Path) -> Option<PathBuf> {
    path.extension()?;
    let signed = path.with_extension("");
    signed.exists().then_some(signed)
}

fn is_same(one: Option<&Path>, other: Option<&Path>) -> bool {
    let (Some(one), Some(other)) = (one, other) else {
        return false;
    };
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// A file that was read; one that is too large breaks the rules for signed files.
fn within(read: Result<Vec<u8>, ReadError>, verb: &'static str, trust: &Trust) -> Result<Vec<u8>> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Err(FormError::too_large(verb, trust.max_size).into())
        }
        read => Ok(read?),
    }
}
