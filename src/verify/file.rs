//! A single downloaded file.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::{Outcome, Trust, finding};
use crate::failure::{Result, fail};
use crate::finding::Elsewhere;
use crate::limits;
use crate::openpgp::{FormError, Good, SignatureError, Signed, expiry};
use crate::text::size;

/// A valid signature file.
struct Verified {
    kind: &'static str,
    signatures: Vec<Good>,
    /// The data, if the file contains it.
    data: Option<Vec<u8>>,
}

/// Verifies one signature file of either kind, told apart by its content. A detached signature
/// `x.sig` signs the file `x` in the same folder.
pub(crate) fn file(path: &Path, trust: &Trust) -> Result<Outcome> {
    let Verified {
        kind,
        signatures,
        data,
    } = match verified(path, trust) {
        Err(error) if error.is::<FormError>() || error.is::<SignatureError>() => {
            return Ok(refused(path, &error));
        }
        verified => verified?,
    };
    let of = data
        .as_ref()
        .map_or_else(String::new, |it| format!(" of {}", size(it.len())));
    let mut summary = vec![("Verified", format!("{}: {kind}{of}", path.display()))];
    summary.extend(signatures.iter().map(|good| {
        let made = expiry::timestamp(good.made).unwrap_or_default();
        ("Signed", format!("by {} on {made}", good.key))
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
    Ok(Outcome {
        findings: Vec::new(),
        base: PathBuf::new(),
        summary,
        record,
        data,
    })
}

fn refused(path: &Path, error: &anyhow::Error) -> Outcome {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // If the data file was given, suggest one of its signatures.
    let is_data = matches!(error.downcast_ref(), Some(FormError::Malformed(_)))
        && path.extension().is_some_and(|it| it == "json");
    let help = if is_data {
        format!("If this is the data, name its signature instead: `{name}.sig` or `{name}.gpg`.")
    } else {
        "Do not use it. Download it again from the publisher, with its signature.".to_owned()
    };
    let finding = finding(Elsewhere::Signature, &name, format!("this {error}"), &help);
    Outcome::refused(path, path.parent().unwrap_or(Path::new("")), finding)
}

/// One valid signature by a trusted key is enough if the others are by unknown keys: during a
/// roll-over every file has two.
fn verified(path: &Path, trust: &Trust) -> Result<Verified> {
    let read = |path: &Path, max, verb| match limits::read(path, max) {
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Err(FormError::too_large(verb, trust.max_size).into())
        }
        read => read.map_err(anyhow::Error::from),
    };
    // ASCII armor and signatures take less space than the data itself.
    let bytes = read(
        path,
        trust.max_size.saturating_mul(2).saturating_add(1 << 20),
        "contains",
    )?;
    let (kind, signatures, data, is_contained) = match Signed::read(&bytes, trust.max_size)? {
        Signed::Message(signatures, data) => ("signed message", signatures, data, true),
        Signed::Detached(signatures) => {
            let data = read(&path.with_extension(""), trust.max_size, "signs");
            if let Err(error) = data.as_ref()
                && !error.is::<FormError>()
            {
                fail!(
                    "`{}` is a detached signature of another file: {error}", path.display();
                    help: "download both into one folder, and keep their names"
                );
            }
            ("detached signature", signatures, data?, false)
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
    let since = |made: SystemTime| {
        made.duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
    };
    if let Some(early) = good.iter().find(|signature| since(signature.made) < after) {
        let shown = |time: Option<SystemTime>| {
            time.and_then(expiry::timestamp)
                .unwrap_or_else(|| "a distant time".to_owned())
        };
        let oldest = SystemTime::UNIX_EPOCH.checked_add(after);
        let (made, oldest) = (shown(Some(early.made)), shown(oldest));
        return Err(
            SignatureError::Invalid(format!("was signed at {made}, before {oldest}")).into(),
        );
    }
    Ok(Verified {
        kind,
        signatures: good,
        data: is_contained.then_some(data),
    })
}
