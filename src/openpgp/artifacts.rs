//! Signatures as a map over artifacts.

use std::time::SystemTime;

use rayon::prelude::*;

use super::parse::Signed;
use super::signatures::Signatures;
use super::signer::{SignError, Signer};
use super::verify::{SignatureError, Verifier};
use crate::artifact::{Artifact, MediaType};

/// Files could not be signed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningError {
    /// A signature could not be made.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A signature was made, but is not good.
    #[error("the new signature of `{file}` {problem}\nhelp: please report this")]
    Verify {
        /// The file.
        file: String,
        /// What is wrong.
        problem: SignatureError,
    },
}

/// How files are signed.
pub(crate) struct Signing<'s> {
    /// By whom; each file has a signature by every one.
    pub(crate) signers: &'s [Box<dyn Signer>],
    /// What the names of signature files end in, without the dot: detached signatures and signed
    /// messages. `x.json` has `x.json.sig` if the first is `sig`.
    pub(crate) endings: [&'s str; 2],
    /// The time of signing.
    pub(crate) at: SystemTime,
    /// The detached signature that a file has had so far, by the file's path.
    pub(crate) previous: &'s (dyn Fn(&str) -> Option<Vec<u8>> + Sync),
}

/// What signing gave.
#[derive(Debug)]
pub(crate) struct SignedFiles {
    /// The signature files, in the order of the files.
    pub(crate) artifacts: Vec<Artifact>,
    /// How many files have been signed anew; the others keep the signatures that they had.
    pub(crate) new: usize,
}

impl Signing<'_> {
    /// Signs every JSON file in both kinds, in parallel, and verifies every new signature.
    ///
    /// A previous signature is kept where it is by the same keys, over the same bytes, and still
    /// holds: an unchanged file does not change for those who download it.
    ///
    /// # Errors
    ///
    /// [`SigningError`] where a signature cannot be made or does not verify.
    pub(crate) fn sign(&self, artifacts: &[Artifact]) -> Result<SignedFiles, SigningError> {
        let verifier = Verifier::new(
            self.signers.iter().map(|it| it.certificate().clone()).collect(),
            self.at,
        );
        let signed = artifacts
            .par_iter()
            .filter(|artifact| artifact.is_signed)
            .map(|artifact| self.sign_one(artifact, &verifier))
            .collect::<Result<Vec<_>, SigningError>>()?;
        let new = signed.iter().filter(|(is_new, _)| *is_new).count();
        let artifacts = signed.into_iter().flat_map(|(_, files)| files).collect();
        Ok(SignedFiles { artifacts, new })
    }

    fn sign_one(
        &self,
        artifact: &Artifact,
        verifier: &Verifier,
    ) -> Result<(bool, [Artifact; 2]), SigningError> {
        let Artifact { path, bytes, .. } = artifact;
        let name = path.rsplit('/').next().unwrap_or(path);
        let kept = (self.previous)(path).and_then(|previous| self.keep(&previous, bytes, verifier));
        let is_new = kept.is_none();
        let signatures = match kept {
            Some(signatures) => signatures,
            None => self.make(name, bytes, verifier)?,
        };
        let file = |ending: &str, media_type, about, bytes| {
            Artifact::new(format!("{path}.{ending}"), media_type, about, bytes)
        };
        let [detached, inline] = self.endings;
        let files = [
            file(detached, MediaType::PgpSignature, DETACHED, signatures.detached(name)?),
            file(inline, MediaType::PgpMessage, INLINE, signatures.message(name, bytes)?),
        ];
        Ok((is_new, files))
    }

    fn make(
        &self,
        name: &str,
        bytes: &[u8],
        verifier: &Verifier,
    ) -> Result<Signatures, SigningError> {
        let signatures = Signatures::make(self.signers, name, bytes, self.at)?;
        for result in verifier.verify(&signatures, bytes) {
            result.map_err(|problem| SigningError::Verify { file: name.to_owned(), problem })?;
        }
        Ok(signatures)
    }

    /// A previous signature, if it is what would be made now.
    fn keep(&self, previous: &[u8], bytes: &[u8], verifier: &Verifier) -> Option<Signatures> {
        let Ok(Signed::Detached(signatures)) = Signed::read(previous, 0) else {
            return None;
        };
        // What no signature protects may have been altered, and `tfadir verify` would refuse it.
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
