//! Signatures as a map over artifacts.

use std::time::SystemTime;

use rayon::prelude::*;

use super::key::SigningKey;
use super::sign::SignError;
use super::verify::{Verifier, VerifyError};
use crate::artifact::{Artifact, MediaType};

/// Files could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningError {
    /// A signature could not be made.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// A signature was made, but is not good.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

/// Signs every JSON file in both kinds, in parallel, and verifies every signature.
///
/// The endings name the signature files: `x.json` has `x.json.sig` if `detached` is `sig`. The
/// result holds the signatures only, in the order of the files.
///
/// # Errors
///
/// [`SigningError`] where a signature cannot be made or does not verify.
pub fn sign(
    artifacts: &[Artifact],
    key: &SigningKey,
    [detached, inline]: [&str; 2],
    at: SystemTime,
) -> Result<Vec<Artifact>, SigningError> {
    let verifier = Verifier::of_key(key, at);
    let signatures = artifacts
        .par_iter()
        .filter(|artifact| artifact.media_type == MediaType::Json)
        .map(|artifact| {
            let Artifact { path, bytes, .. } = artifact;
            let name = path.rsplit('/').next().unwrap_or(path);
            let signatures = key.sign(name, bytes, at)?;
            verifier.verify(name, bytes, &signatures)?;
            let file = |ending: &str, media_type, about, bytes| {
                Artifact::new(format!("{path}.{ending}"), media_type, about, bytes)
            };
            let of_both_kinds = [
                file(detached, MediaType::PgpSignature, DETACHED, signatures.detached),
                file(inline, MediaType::PgpMessage, INLINE, signatures.inline),
            ];
            Ok(of_both_kinds)
        })
        .collect::<Result<Vec<_>, SigningError>>()?;
    Ok(signatures.into_iter().flatten().collect())
}

const DETACHED: &str = "The detached signature of a file.";
const INLINE: &str = "A signed message that contains a file.";
