//! Signs artifacts.

use std::time::SystemTime;

use rayon::prelude::*;

use super::key_error::LibraryError;
use super::parse::Signed;
use super::signatures::Signatures;
use super::signer::Signer;
use super::verify::{SignatureError, Verifier};
use crate::artifact::{Artifact, MediaType};

/// A file cannot be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignError {
    #[error("cannot sign `{0}`: {1}")]
    Refused(String, String),
    #[error("the new signature of `{0}` {1}\nhelp: please report this")]
    Invalid(String, SignatureError),
    #[error(transparent)]
    Library(#[from] LibraryError),
}

/// How files are signed.
pub(crate) struct Signing<'s> {
    /// Every signer signs each file.
    pub(crate) signers: &'s [Box<dyn Signer>],
    /// The endings of detached signatures and of signed messages, without the dot.
    pub(crate) endings: [&'s str; 2],
    /// The signing time.
    pub(crate) at: SystemTime,
    /// The detached signature that a file had before, by the file's path.
    pub(crate) previous: &'s (dyn Fn(&str) -> Option<Vec<u8>> + Sync),
}

#[derive(Debug)]
pub(crate) struct SignedFiles {
    /// The signature files, in the order of the files.
    pub(crate) artifacts: Vec<Artifact>,
    /// How many files have new signatures; the others kept theirs.
    pub(crate) new: usize,
}

impl Signing<'_> {
    /// Signs every JSON file in both kinds, in parallel, and verifies every new signature.
    ///
    /// A previous signature is kept if it is by the same keys, over the same bytes, and still
    /// valid, so that unchanged files do not change for clients.
    pub(crate) fn sign(&self, artifacts: &[Artifact]) -> Result<SignedFiles, SignError> {
        let verifier = Verifier::new(
            self.signers.iter().map(|it| it.certificate().clone()).collect(),
            self.at,
        );
        let signed = artifacts
            .par_iter()
            .filter(|artifact| artifact.is_signed)
            .map(|artifact| self.sign_one(artifact, &verifier))
            .collect::<Result<Vec<_>, SignError>>()?;
        let new = signed.iter().filter(|(is_new, _)| *is_new).count();
        let artifacts = signed.into_iter().flat_map(|(_, files)| files).collect();
        Ok(SignedFiles { artifacts, new })
    }

    fn sign_one(
        &self,
        Artifact { path, bytes, .. }: &Artifact,
        verifier: &Verifier,
    ) -> Result<(bool, [Artifact; 2]), SignError> {
        let name = path.rsplit('/').next().unwrap_or(path);
        let kept = (self.previous)(path).and_then(|previous| self.keep(&previous, bytes, verifier));
        let is_new = kept.is_none();
        let signatures = match kept {
            Some(signatures) => signatures,
            None => self.make(path, bytes, verifier)?,
        };
        let file = |ending: &str, media_type, about, bytes| {
            Artifact::new(format!("{path}.{ending}"), media_type, about, bytes)
        };
        let [detached, inline] = self.endings;
        let files = [
            file(detached, MediaType::PgpSignature, DETACHED, signatures.detached()?),
            file(inline, MediaType::PgpMessage, INLINE, signatures.message(name, bytes)?),
        ];
        Ok((is_new, files))
    }

    fn make(&self, path: &str, bytes: &[u8], verifier: &Verifier) -> Result<Signatures, SignError> {
        let signatures = Signatures::make(self.signers, bytes, self.at)
            .map_err(|reason| SignError::Refused(path.to_owned(), reason))?;
        for result in verifier.verify(&signatures, bytes) {
            result.map_err(|problem| SignError::Invalid(path.to_owned(), problem))?;
        }
        Ok(signatures)
    }

    /// A previous signature, if it can be kept.
    fn keep(&self, previous: &[u8], bytes: &[u8], verifier: &Verifier) -> Option<Signatures> {
        let Ok(Signed::Detached(signatures)) = Signed::read(previous, 0) else {
            return None;
        };
        // `tfadir verify` refuses a file that can change without breaking the signature.
        if !signatures.are_written_as(previous) {
            return None;
        }
        let keys = verifier.verify(&signatures, bytes).into_iter().map(|it| Some(it.ok()?.key));
        let wanted = self.signers.iter().map(|signer| Some(signer.fingerprint()));
        keys.eq(wanted).then_some(signatures)
    }
}

impl std::fmt::Debug for Signing<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Signing").field("signers", &self.signers).finish_non_exhaustive()
    }
}

const DETACHED: &str = "The detached signature of a file.";
const INLINE: &str = "A signed message that contains a file.";
