//! The signatures of a whole folder.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::contents::Contents;
use super::{Trust, finding};
use crate::finding::{Finding, Severity, Stage};
use crate::openpgp::{SignatureError, Signatures, Signed};
use crate::publish::manifest::{self, Tool};
use crate::text::enumerate;

/// Problems with the manifest's keys and serial, or else with the signatures of both kinds.
pub(crate) fn signatures(contents: &Contents, trust: &Trust) -> Vec<Finding> {
    let mut findings = claims(contents, trust);
    if findings
        .iter()
        .any(|finding| finding.severity == Severity::Error)
    {
        return findings;
    }
    let paths: Vec<&str> = contents.manifest.signed().collect();
    let expected = Expected::by(contents, trust);
    findings.par_extend(paths.par_iter().flat_map_iter(|path| expected.check(path)));
    findings
}

/// Problems with the keys and the serial in the manifest.
fn claims(contents: &Contents, trust: &Trust) -> Vec<Finding> {
    let manifest = &contents.manifest;
    let trusted: Vec<String> = trust.verifier.fingerprints().collect();
    let claim = |message: String, help| finding(Stage::Manifest, manifest::FILE, message, help);
    let mut findings = Vec::new();
    if manifest.keys.is_empty() {
        findings.push(claim("this build has no signing key".to_owned(), UNSIGNED));
    } else if !manifest.keys.iter().any(|key| trusted.contains(key)) {
        let keys = enumerate(manifest.keys.iter().map(String::as_str), "and");
        let message = format!("none of the keys of this build is trusted: {keys}");
        findings.push(claim(message, UNTRUSTED));
    }
    if let Some(after) = trust.after
        && manifest.serial < after
    {
        let message = format!(
            "this manifest has the serial {}, below {after}",
            manifest.serial
        );
        findings.push(claim(message, OLD));
    }
    if findings.is_empty() {
        for key in &manifest.keys {
            if trusted.contains(key) {
                continue;
            }
            let message = format!("the signatures by the other key, `{key}`, were not verified");
            findings.push(Finding {
                severity: Severity::Note,
                ..claim(message, SECOND)
            });
        }
    }
    findings
}

/// The keys that must have signed.
struct Expected<'c> {
    contents: &'c Contents,
    trust: &'c Trust,
    /// The trusted certificates that the manifest names.
    certificates: BTreeSet<String>,
    /// How many other keys the manifest names.
    unknown: usize,
    /// Whether signed messages must be exactly as this program writes them. A compressed message
    /// can be altered without altering its content.
    is_own_form: bool,
}

impl<'c> Expected<'c> {
    fn by(contents: &'c Contents, trust: &'c Trust) -> Self {
        let keys = &contents.manifest.keys;
        let certificates: BTreeSet<String> = trust
            .verifier
            .fingerprints()
            .filter(|fingerprint| keys.contains(fingerprint))
            .collect();
        let unknown = keys.len().saturating_sub(certificates.len());
        let is_own_form = contents.manifest.tool == Tool::this();
        Self {
            contents,
            trust,
            certificates,
            unknown,
            is_own_form,
        }
    }

    fn check(&self, path: &str) -> Vec<Finding> {
        let Some(data) = self.contents.files.get(path) else {
            // A missing file is already a finding.
            return Vec::new();
        };
        let [detached, inline] = self.contents.manifest.signatures_of(path);
        let signatures = match self.detached(&detached, data) {
            Ok(signatures) => signatures,
            Err(mut findings) => {
                // Every other file has a hash in the manifest. The manifest has none, so either it
                // or its signature may have been altered.
                if path == manifest::FILE {
                    let message = "this manifest has no valid signature";
                    findings.insert(0, finding(Stage::Signature, path, message, RESIGN));
                }
                return findings;
            }
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        self.inline(&inline, name, data, &signatures)
            .into_iter()
            .collect()
    }

    fn detached(&self, path: &str, data: &[u8]) -> Result<Signatures, Vec<Finding>> {
        let wrong =
            |problem: &str| finding(Stage::Signature, path, format!("this {problem}"), RESIGN);
        let Some(bytes) = self.contents.files.get(path) else {
            let message = "this detached signature is missing";
            return Err(vec![finding(Stage::MissingFile, path, message, RESIGN)]);
        };
        let signatures = match Signed::read(bytes, self.trust.max_size) {
            Ok(Signed::Detached(signatures)) => signatures,
            Ok(Signed::Message(..)) => {
                return Err(vec![wrong(
                    "must be a detached signature, but is a signed message",
                )]);
            }
            Err(problem) => return Err(vec![wrong(&problem.to_string())]),
        };
        let problems = self.problems(&signatures, data);
        if !problems.is_empty() {
            return Err(problems.iter().map(|problem| wrong(problem)).collect());
        }
        if !signatures.are_written_as(bytes) {
            let problem = "signature file was altered where the signature does not protect it";
            return Err(vec![wrong(problem)]);
        }
        Ok(signatures)
    }

    /// Each follows "this".
    fn problems(&self, signatures: &Signatures, data: &[u8]) -> Vec<String> {
        let mut missing = self.certificates.clone();
        let mut unknown = self.unknown;
        let mut problems = Vec::new();
        for result in self.trust.verifier.verify(signatures, data) {
            match result {
                Ok(good) => {
                    missing.remove(&good.certificate);
                }
                Err(SignatureError::OtherKey(_)) if unknown > 0 => unknown -= 1,
                Err(problem) => problems.push(problem.to_string()),
            }
        }
        if problems.is_empty() {
            problems.extend(missing.iter().map(|key| format!("is not signed by {key}")));
            if unknown > 0 {
                problems.push("has no signature by the other key".to_owned());
            }
        }
        problems
    }

    fn inline(
        &self,
        path: &str,
        name: &str,
        data: &[u8],
        signatures: &Signatures,
    ) -> Option<Finding> {
        let Some(bytes) = self.contents.files.get(path) else {
            let message = "this signed message is missing";
            return Some(finding(Stage::MissingFile, path, message, RESIGN));
        };
        // The two kinds contain the same signatures, which need not be verified twice.
        if signatures
            .message(name, data)
            .is_ok_and(|expected| expected == *bytes)
        {
            return None;
        }
        let message = match Signed::read(bytes, self.trust.max_size) {
            Ok(Signed::Detached(_)) => "must be a signed message, but is a detached signature",
            Ok(Signed::Message(_, contained)) if contained != data => {
                "signed message does not contain the file"
            }
            Ok(Signed::Message(contained, _)) if contained != *signatures => {
                "signed message and the detached signature differ"
            }
            Ok(_) if self.is_own_form => {
                "signed message was altered where the signature does not protect it"
            }
            Ok(_) => return None,
            Err(problem) => &problem.to_string(),
        };
        Some(finding(
            Stage::Signature,
            path,
            format!("this {message}"),
            RESIGN,
        ))
    }
}

const UNSIGNED: &str =
    "Build it with --unsigned --cert KEY and sign it with `tfadir sign`, or build it with a key.";
const UNTRUSTED: &str = "Compare the fingerprints with a trustworthy source. If the key is right, pass it with --cert \
                         or --fingerprint.";
const OLD: &str =
    "The server has an old copy, or the URL is wrong. Download it again from the publisher.";
const SECOND: &str = "To verify them too, pass its certificate with --cert.";
const RESIGN: &str = "Copy all files of one build again, or sign it again with `tfadir sign`.";
