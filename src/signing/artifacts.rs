//! Signs artifacts.

use std::time::SystemTime;

use rayon::prelude::*;

use crate::artifact::{Artifact, MediaType};
use crate::failure::{Result, fail, failure};
use crate::openpgp::Signatures;
use crate::openpgp::Signed;
use crate::openpgp::Signer;
use crate::openpgp::Verifier;

/// How files are signed.
pub(crate) struct Signing<'s> {
    /// Every signer signs each file.
    pub(crate) signers: &'s [Box<dyn Signer>],
    /// The extensions of detached signatures and of signed messages, without the dot.
    pub(crate) extensions: [&'s str; 2],
    /// The signing time.
    pub(crate) at: SystemTime,
    /// The detached signature that a file had before, by the file's path.
    pub(crate) previous: &'s (dyn Fn(&str) -> Option<Vec<u8>> + Sync),
}

impl Signing<'_> {
    /// Signs every JSON file in both kinds, in parallel, and verifies every new signature. Adds the
    /// signature files, and returns how many files have new signatures; the others kept theirs.
    ///
    /// A previous signature is kept if it is by the same keys, over the same bytes, and still
    /// valid, so that unchanged files do not change for clients.
    pub(crate) fn sign(&self, artifacts: &mut Vec<Artifact>) -> Result<usize> {
        let certificates = self
            .signers
            .iter()
            .map(|signer| signer.certificate().clone())
            .collect();
        let verifier = Verifier::new(certificates, self.at);
        // Signing is slow, so each file is its own task. With larger tasks, one core waits for another
        // at the end.
        let signed = artifacts
            .par_iter()
            .with_max_len(1)
            .filter(|artifact| artifact.is_signed)
            .map(|artifact| self.sign_one(artifact, &verifier))
            .collect::<Result<Vec<_>>>()?;
        let mut new = 0;
        for (is_new, files) in signed {
            new += usize::from(is_new);
            artifacts.extend(files);
        }
        Ok(new)
    }

    fn sign_one(&self, file: &Artifact, verifier: &Verifier) -> Result<(bool, [Artifact; 2])> {
        let Artifact { path, bytes, .. } = file;
        let name = path.rsplit('/').next().unwrap_or(path);
        let kept = (self.previous)(path).and_then(|previous| self.keep(&previous, bytes, verifier));
        let is_new = kept.is_none();
        let signatures = match kept {
            Some(kept) => kept,
            None => self.make(path, bytes, verifier)?,
        };
        let [detached, inline] = self.extensions;
        let files = [
            Artifact::new(
                format!("{path}.{detached}"),
                MediaType::PgpSignature,
                DETACHED,
                signatures.detached()?,
            ),
            Artifact::new(
                format!("{path}.{inline}"),
                MediaType::PgpMessage,
                INLINE,
                signatures.message(name, bytes)?,
            ),
        ];
        Ok((is_new, files))
    }

    fn make(&self, path: &str, bytes: &[u8], verifier: &Verifier) -> Result<Signatures> {
        let signatures = Signatures::make(self.signers, bytes, self.at)
            .map_err(|reason| failure!("cannot sign `{path}`: {reason}"))?;
        for result in verifier.verify(&signatures, bytes) {
            if let Err(problem) = result {
                fail!("the new signature of `{path}` {problem}"; help: "please report this");
            }
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
        let keys = verifier
            .verify(&signatures, bytes)
            .into_iter()
            .map(|signature| Some(signature.ok()?.key));
        let wanted = self.signers.iter().map(|signer| Some(signer.fingerprint()));
        keys.eq(wanted).then_some(signatures)
    }
}

const DETACHED: &str = "The detached signature of a file.";
const INLINE: &str = "A signed message that contains a file.";
