//! A whole published folder.

use std::path::Path;

use serde_json::json;

use super::contents::{Contents, ContentsError};
use super::{Outcome, Trust, finding, signed};
use crate::finding::Elsewhere;
use crate::openpgp::Certificate;
use crate::publish::manifest;
use crate::text::{count, visible};

/// Verifies a folder: compares its files with the manifest, then verifies the signatures.
pub(crate) fn folder(path: &Path, trust: &Trust) -> Result<Outcome, ContentsError> {
    let contents = match Contents::read(path) {
        Err(ContentsError::Manifest(_, problem)) => {
            let message = format!("this {problem}");
            return Ok(Outcome {
                findings: vec![finding(Elsewhere::Manifest, manifest::FILE, message, DAMAGED)],
                base: path.to_owned(),
                summary: Vec::new(),
                record: json!({ "path": path.to_string_lossy(), "good": false }),
                data: None,
            });
        }
        contents => contents?,
    };
    let mut findings = contents.differences();
    findings.extend(signed::signatures(&contents, trust));
    findings.sort_by(|a, b| (a.severity, &a.path).cmp(&(b.severity, &b.path)));

    let manifest = &contents.manifest;
    let trusted = trust.verifier.certificates().iter().map(Certificate::fingerprint);
    let keys = trusted.filter(|it| manifest.keys.contains(it)).count();
    let files = manifest.files.len() + 1;
    // Both kinds of signature, by each of the keys.
    let signatures = 2 * keys * manifest.signed().count();
    let counts =
        [count(files, "file", "files"), count(signatures, "signature", "signatures")].join(", ");
    let serial = format!("{} ({})", manifest.serial, visible(&manifest.time));
    let mut outcome = Outcome {
        findings,
        base: path.to_owned(),
        summary: vec![
            ("Verified", format!("{}: {counts}", path.display())),
            ("Signed", format!("by {}", manifest.keys.join(" and "))),
            ("Serial", serial),
        ],
        record: json!({
            "path": path.to_string_lossy(),
            "good": false,
            "serial": manifest.serial,
            "time": manifest.time,
            "commit": manifest.commit,
            "keys": manifest.keys,
            "files": files,
        }),
        data: None,
    };
    outcome.record["good"] = outcome.is_good().into();
    Ok(outcome)
}

const DAMAGED: &str = "Download or copy all files of one build again.";
