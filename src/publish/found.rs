//! A manifest that was found, and one that was verified.

use std::ops::Deref;
use std::path::Path;

use super::manifest::{self, Manifest};
use crate::failure::{Result, failure};
use crate::limits;
use crate::openpgp::{Good, SignatureError, Signatures, Signed, Verifier};

pub(super) const MAX_SIGNATURE_BYTES: usize = 64 * 1024;

/// What a trusted key signed. Only [`FoundManifest::verify`] creates one, so code that takes it
/// never gets what was not verified.
#[derive(Debug, Clone)]
pub(crate) struct Verified<T> {
    value: T,
    bytes: Vec<u8>,
    signatures: Vec<Good>,
}

impl<T> Verified<T> {
    /// The bytes that the value was read from.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The valid signatures of trusted keys: at least one.
    pub(crate) fn signatures(&self) -> &[Good] {
        &self.signatures
    }

    /// A value that no key signed, for tests of what happens next.
    #[cfg(test)]
    pub(super) fn assumed(value: T, bytes: Vec<u8>) -> Self {
        Self {
            value,
            bytes,
            signatures: Vec::new(),
        }
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

/// A manifest, and the signatures next to it or around it, which are not verified yet.
#[derive(Debug)]
pub(crate) struct FoundManifest {
    /// What it says, which may be forged.
    pub(crate) unverified: Manifest,
    bytes: Vec<u8>,
    signatures: Option<Signatures>,
}

impl FoundManifest {
    /// Reads a manifest, or a signed message that contains one.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = limits::read_regular(path, manifest::MAX_BYTES)?;
        let failed = |problem: String| {
            failure!(
                "`{}` {problem}", path.display();
                help: "specify a manifest.json, its signed message, or a published folder"
            )
        };
        let parse = |bytes: &[u8]| Manifest::parse(bytes).map_err(failed);
        if bytes.trim_ascii_start().starts_with(b"{") {
            let unverified = parse(&bytes)?;
            let mut signature = path.as_os_str().to_owned();
            signature.push(format!(".{}", unverified.signatures.detached));
            return Ok(Self {
                unverified,
                bytes,
                signatures: signatures_in(Path::new(&signature)),
            });
        }
        match Signed::read(&bytes, manifest::MAX_BYTES)
            .map_err(|error| failed(error.to_string()))?
        {
            Signed::Message(signatures, data) => Ok(Self {
                unverified: parse(&data)?,
                bytes: data,
                signatures: Some(signatures),
            }),
            Signed::Detached(_) => {
                let problem = "is a detached signature, which contains no manifest";
                Err(failed(problem.to_owned()).into())
            }
        }
    }

    /// A manifest that was read already, and the bytes of the detached signature next to it.
    pub(crate) fn of(manifest: Manifest, bytes: &[u8], detached: &[u8]) -> Self {
        Self {
            unverified: manifest,
            bytes: bytes.to_vec(),
            signatures: signatures_of(detached),
        }
    }

    /// Whether there is a signature at all.
    pub(crate) fn has_signature(&self) -> bool {
        self.signatures.is_some()
    }

    /// The manifest, if a trusted key signed it; or why no trusted key did, `None` if it has no
    /// signature.
    pub(crate) fn verify(
        &self,
        verifier: &Verifier,
    ) -> Result<Verified<Manifest>, Option<SignatureError>> {
        let mut good = Vec::new();
        let mut problem = None;
        let Some(signatures) = &self.signatures else {
            return Err(None);
        };
        for verdict in verifier.verify(signatures, &self.bytes) {
            match verdict {
                Ok(signature) => good.push(signature),
                // A trusted key explains more than others.
                Err(error @ SignatureError::OtherKey(_)) => problem = problem.or(Some(error)),
                Err(error) => problem = Some(error),
            }
        }
        if good.is_empty() {
            return Err(problem);
        }
        Ok(Verified {
            value: self.unverified.clone(),
            bytes: self.bytes.clone(),
            signatures: good,
        })
    }
}

/// The signatures in a file next to a manifest; `None` if it cannot be used.
fn signatures_in(path: &Path) -> Option<Signatures> {
    signatures_of(&limits::read_regular(path, MAX_SIGNATURE_BYTES).ok()?)
}

fn signatures_of(bytes: &[u8]) -> Option<Signatures> {
    match Signed::read(bytes, 0).ok()? {
        Signed::Detached(signatures) | Signed::Message(signatures, _) => Some(signatures),
    }
}
