//! A whole published folder.

use std::path::Path;

use serde_json::json;

use super::contents::{BadManifest, Contents, MISSING};
use super::{Trust, Verification, finding, signed};
use crate::failure::Result;
use crate::finding::Stage;
use crate::publish::manifest;
use crate::text::{count, visible};

/// Verifies a folder: compares its files with the manifest, then verifies the signatures.
pub(crate) fn folder(path: &Path, trust: &Trust) -> Result<Verification> {
    let contents = match Contents::read(path) {
        Ok(contents) => contents,
        Err(error) => {
            let problem = error.downcast::<BadManifest>()?.1;
            let message = format!("this {problem}");
            let finding = finding(Stage::Manifest, manifest::FILE, message, MISSING);
            return Ok(Verification::refused(path, path, finding));
        }
    };
    let mut findings = contents.differences();
    findings.extend(signed::signatures(&contents, trust));
    findings.sort_by(|a, b| (a.severity, &a.path).cmp(&(b.severity, &b.path)));

    let manifest = &contents.manifest;
    let keys = trust
        .verifier
        .fingerprints()
        .filter(|fingerprint| manifest.keys.contains(fingerprint))
        .count();
    let files = manifest.files.len() + 1;
    // Both kinds of signature, by each of the keys.
    let signatures = 2 * keys * manifest.signed().count();
    let verified = format!(
        "{}: {}, {}",
        path.display(),
        count(files, "file", "files"),
        count(signatures, "signature", "signatures")
    );
    let mut outcome = Verification {
        findings,
        base: path.to_owned(),
        summary: vec![
            ("Verified", verified),
            ("Signed", format!("by {}", manifest.keys.join(" and "))),
            (
                "Serial",
                format!("{} ({})", manifest.serial, visible(&manifest.time)),
            ),
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
        contents: None,
    };
    outcome.record["good"] = outcome.is_good().into();
    outcome.contents = Some(contents);
    Ok(outcome)
}
