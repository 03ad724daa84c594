//! The signatures of a whole folder.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::contents::Contents;
use super::finding;
use crate::finding::{Elsewhere, Finding, Severity};
use crate::openpgp::{Certificate, SignatureError, Signatures, Signed, Verifier};
use crate::publish::manifest::{self, Tool};
use crate::text::enumerate;

/// Who is trusted, and what is too old.
#[derive(Debug)]
pub(crate) struct Trust {
    /// Verifies against the certificates that are trusted.
    pub(crate) verifier: Verifier,
    /// The lowest serial that is accepted.
    pub(crate) after: Option<u64>,
    /// How many bytes of data a signed message may hold.
    pub(crate) max_size: usize,
}

/// What is wrong with who signed what in a folder: the manifest's keys and serial, and every
/// signature of both kinds.
pub(crate) fn signatures(contents: &Contents, trust: &Trust) -> Vec<Finding> {
    let mut findings = claims(contents, trust);
    if findings.iter().any(|it| it.severity == Severity::Error) {
        return findings;
    }
    let paths: Vec<&str> = contents.signed().collect();
    let expected = Expected::by(contents, trust);
    findings.extend(
        paths.par_iter().flat_map_iter(|path| expected.check(path)).collect::<Vec<Finding>>(),
    );
    findings
}

/// What the manifest says of itself, before anything else is believed.
fn claims(contents: &Contents, trust: &Trust) -> Vec<Finding> {
    let manifest = &contents.manifest;
    let trusted: Vec<String> =
        trust.verifier.certificates().iter().map(Certificate::fingerprint).collect();
    let mut findings = Vec::new();
    let mut say = |severity, message, help| {
        findings.push(Finding {
            severity,
            ..finding(Elsewhere::Manifest, manifest::FILE, message, help)
        });
    };
    if manifest.keys.is_empty() {
        say(Severity::Error, "this build was made without a key".to_owned(), UNSIGNED);
    } else if !manifest.keys.iter().any(|key| trusted.contains(key)) {
        let keys = enumerate(manifest.keys.iter().map(String::as_str), "and");
        let message = format!("this build is to be signed by {keys}, which is not trusted");
        say(Severity::Error, message, UNTRUSTED);
    }
    if let Some(after) = trust.after
        && manifest.serial < after
    {
        let message = format!("this manifest has the serial {}, below {after}", manifest.serial);
        say(Severity::Error, message, OLD);
    }
    if findings.is_empty() {
        let unseen = manifest.keys.iter().filter(|key| !trusted.contains(key));
        for key in unseen {
            let message = format!("the signatures by the other key, `{key}`, were not looked at");
            say_note(&mut findings, message);
        }
    }
    findings
}

fn say_note(findings: &mut Vec<Finding>, message: String) {
    let note = finding(Elsewhere::Manifest, manifest::FILE, message, SECOND);
    findings.push(Finding { severity: Severity::Note, ..note });
}

/// Who must have signed.
struct Expected<'c> {
    contents: &'c Contents,
    trust: &'c Trust,
    /// The trusted certificates that the manifest names.
    certificates: BTreeSet<String>,
    /// How many keys the manifest names that are not trusted.
    unseen: usize,
    /// Whether signed messages must be exactly what this program makes of their signatures. A
    /// compressed message can be altered without altering what is in it.
    is_own_form: bool,
}

impl<'c> Expected<'c> {
    fn by(contents: &'c Contents, trust: &'c Trust) -> Self {
        let keys = &contents.manifest.keys;
        let trusted = trust.verifier.certificates().iter().map(Certificate::fingerprint);
        let certificates: BTreeSet<String> = trusted.filter(|it| keys.contains(it)).collect();
        let unseen = keys.len().saturating_sub(certificates.len());
        let is_own_form = contents.manifest.tool == Tool::this();
        Self { contents, trust, certificates, unseen, is_own_form }
    }

    /// What is wrong with both signatures of a file.
    fn check(&self, path: &str) -> Vec<Finding> {
        let Some(data) = self.contents.files.get(path) else {
            // That it is missing has been said.
            return Vec::new();
        };
        let [detached, inline] = self.contents.signatures_of(path);
        let signatures = match self.detached(&detached, data) {
            Ok(signatures) => signatures,
            Err(mut findings) => {
                // Every other file is known by its hash; of this one nobody can tell whether it was
                // altered or its signature.
                if path == manifest::FILE {
                    let message = "nothing vouches for this manifest".to_owned();
                    findings.insert(0, finding(Elsewhere::Signature, path, message, RESIGN));
                }
                return findings;
            }
        };
        let name = path.rsplit('/').next().unwrap_or(path);
        self.inline(&inline, name, data, &signatures).into_iter().collect()
    }

    fn detached(&self, path: &str, data: &[u8]) -> Result<Signatures, Vec<Finding>> {
        let wrong = |message: String, help| finding(Elsewhere::Signature, path, message, help);
        let Some(bytes) = self.contents.files.get(path) else {
            let message = "this detached signature is missing".to_owned();
            return Err(vec![finding(Elsewhere::MissingFile, path, message, RESIGN)]);
        };
        let signatures = match Signed::read(bytes, self.trust.max_size) {
            Ok(Signed::Detached(signatures)) => signatures,
            Ok(Signed::Message(..)) => {
                let message = "this is a signed message where a detached signature was expected";
                return Err(vec![wrong(message.to_owned(), RESIGN)]);
            }
            Err(problem) => return Err(vec![wrong(format!("this {problem}"), RESIGN)]),
        };
        let problems = self.problems(&signatures, data);
        if !problems.is_empty() {
            return Err(problems.into_iter().map(|it| wrong(it, RESIGN)).collect());
        }
        if !signatures.are_written_as(bytes) {
            let message = "this signature was altered where it is not protected".to_owned();
            return Err(vec![wrong(message, RESIGN)]);
        }
        Ok(signatures)
    }

    /// What is wrong with who signed some data.
    fn problems(&self, signatures: &Signatures, data: &[u8]) -> Vec<String> {
        let mut missing = self.certificates.clone();
        let mut unseen = self.unseen;
        let mut problems = Vec::new();
        for result in self.trust.verifier.verify(signatures, data) {
            match result {
                Ok(good) => {
                    missing.remove(&good.certificate);
                }
                Err(SignatureError::OtherKey(_)) if unseen > 0 => unseen -= 1,
                Err(problem) => problems.push(format!("this {problem}")),
            }
        }
        if problems.is_empty() {
            problems.extend(missing.iter().map(|key| format!("this is not signed by {key}")));
            if unseen > 0 {
                problems.push("this lacks the signature by the other key".to_owned());
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
        let wrong = |message: String| Some(finding(Elsewhere::Signature, path, message, RESIGN));
        let Some(bytes) = self.contents.files.get(path) else {
            let message = "this signed message is missing".to_owned();
            return Some(finding(Elsewhere::MissingFile, path, message, RESIGN));
        };
        // The two kinds hold the same signatures, so what was verified need not be verified again.
        if signatures.message(name, data).is_ok_and(|expected| expected == *bytes) {
            return None;
        }
        match Signed::read(bytes, self.trust.max_size) {
            Ok(Signed::Detached(_)) => {
                wrong("this is a detached signature where a signed message was expected".to_owned())
            }
            Ok(Signed::Message(_, contained)) if contained != data => {
                wrong("this signed message contains something else than the file".to_owned())
            }
            Ok(Signed::Message(contained, _)) if contained != *signatures => {
                let message = "this signed message holds another signature than the detached one";
                wrong(message.to_owned())
            }
            Ok(_) if self.is_own_form => {
                wrong("this signed message was altered where it is not protected".to_owned())
            }
            Ok(_) => None,
            Err(problem) => wrong(format!("this {problem}")),
        }
    }
}

const UNSIGNED: &str =
    "Build it with --unsigned --cert KEY and sign it with `tfadir sign`, or build it with a key.";
const UNTRUSTED: &str = "Compare the fingerprints with one that you know from elsewhere. If it is the right key, name \
                         it with --cert or --fingerprint.";
const OLD: &str =
    "Somebody serves an old copy, or the address is wrong. Download it again from the publisher.";
const SECOND: &str = "Name its certificate with --cert as well to have them verified.";
const RESIGN: &str = "Copy all files of one build again, or sign it again with `tfadir sign`.";
