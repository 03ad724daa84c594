//! Verifying signatures against the certificates that are trusted.

use std::time::{Duration, SystemTime};

use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::parse::stream::{
    DetachedVerifierBuilder, MessageLayer, MessageStructure, VerificationError, VerificationHelper,
};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::RevocationStatus;
use sequoia_openpgp::{Cert, KeyHandle, anyhow};

use super::certificate::Certificate;
use super::signatures::Signatures;

/// How far a signer's clock may be ahead.
const TOLERANCE: Duration = Duration::from_mins(5);

/// Verifies signatures against certificates, at a time.
#[derive(Debug)]
pub struct Verifier {
    certificates: Vec<Certificate>,
    policy: StandardPolicy<'static>,
    at: SystemTime,
}

/// A signature that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// The fingerprint of the certificate, in upper-case hexadecimal digits.
    pub(crate) certificate: String,
    /// The fingerprint of its key that signed, in the same form.
    pub(crate) key: String,
    /// When it was made, by its own word.
    pub(crate) made: SystemTime,
}

/// A signature does not hold. The texts go on after the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// By somebody else.
    #[error("is signed by the key {0}, which is not the one expected")]
    OtherKey(String),
    /// Not over these bytes.
    #[error("does not fit the data: one of both was altered, or they do not belong together")]
    Mismatch,
    /// The key had expired.
    #[error("was signed when the key {0} had expired")]
    Expired(String),
    /// The key is revoked.
    #[error("is signed by the key {0}, which has been revoked")]
    Revoked(String),
    /// The key may not sign, or is not bound to its certificate in a way that can be relied on.
    #[error("is signed by the key {key}, which cannot be relied on: {reason}")]
    Unreliable {
        /// The key's fingerprint.
        key: String,
        /// What the library said.
        reason: String,
    },
    /// Made later than now.
    #[error("was signed in the future, by its own word")]
    Future,
    /// Not what a signature must be.
    #[error("holds a faulty signature: {0}")]
    Malformed(String),
}

impl Verifier {
    /// A verifier that trusts these certificates.
    pub fn new(certificates: Vec<Certificate>, at: SystemTime) -> Self {
        Self { certificates, policy: StandardPolicy::new(), at }
    }

    /// The certificates that it trusts.
    pub(crate) fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Verifies every signature over some bytes, in their order.
    pub fn verify(
        &self,
        signatures: &Signatures,
        bytes: &[u8],
    ) -> Vec<Result<Good, SignatureError>> {
        signatures.0.iter().map(|signature| self.verify_one(signature, bytes)).collect()
    }

    fn verify_one(&self, signature: &Signature, bytes: &[u8]) -> Result<Good, SignatureError> {
        let malformed = |error: anyhow::Error| SignatureError::Malformed(error.to_string());
        let made = signature.signature_creation_time();
        let made = made.ok_or_else(|| SignatureError::Malformed("it has no date".to_owned()))?;
        if made > self.at + TOLERANCE {
            return Err(SignatureError::Future);
        }
        let single = Signatures(vec![signature.clone()]);
        let packet = single.detached("").map_err(|error| malformed(error.into()))?;
        let helper = Helper { certificates: &self.certificates, made, result: None };
        let mut verifier = DetachedVerifierBuilder::from_bytes(&packet)
            .and_then(|builder| builder.with_policy(&self.policy, self.at + TOLERANCE, helper))
            .map_err(malformed)?;
        verifier.verify_bytes(bytes).map_err(malformed)?;
        let none = || SignatureError::Malformed("it cannot be verified".to_owned());
        verifier.into_helper().result.unwrap_or_else(|| Err(none()))
    }
}

/// Gives the library the certificates, and keeps what it found.
struct Helper<'c> {
    certificates: &'c [Certificate],
    made: SystemTime,
    result: Option<Result<Good, SignatureError>>,
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> anyhow::Result<Vec<Cert>> {
        Ok(self.certificates.iter().map(|it| it.cert().clone()).collect())
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> anyhow::Result<()> {
        for layer in structure {
            let MessageLayer::SignatureGroup { results } = layer else { continue };
            for result in results {
                self.result = Some(match result {
                    // gpg compares the first two bytes of the hash, which no signature protects.
                    Ok(good) if !has_true_prefix(good.sig) => Err(SignatureError::Mismatch),
                    Ok(good) => Ok(Good {
                        certificate: good.ka.cert().fingerprint().to_hex(),
                        key: good.ka.key().fingerprint().to_hex(),
                        made: self.made,
                    }),
                    Err(error) => Err(problem(&error)),
                });
            }
        }
        Ok(())
    }
}

/// Whether the first bytes of the hash are given as they are (RFC 9580, section 5.2.3).
fn has_true_prefix(signature: &Signature) -> bool {
    signature.computed_digest().is_some_and(|it| it.starts_with(signature.digest_prefix()))
}

fn problem(error: &VerificationError<'_>) -> SignatureError {
    let chain = |error: &anyhow::Error| {
        let mut causes: Vec<String> = error.chain().map(ToString::to_string).collect();
        causes.dedup();
        causes.join(": ")
    };
    match error {
        VerificationError::MissingKey { sig } => {
            let issuer = sig.get_issuers().first().map(KeyHandle::to_hex);
            SignatureError::OtherKey(issuer.unwrap_or_else(|| "that it does not name".to_owned()))
        }
        VerificationError::UnboundKey { cert, error, .. } => {
            SignatureError::Unreliable { key: cert.fingerprint().to_hex(), reason: chain(error) }
        }
        VerificationError::BadKey { ka, error, .. } => {
            let key = ka.key().fingerprint().to_hex();
            let is_revoked = |status| matches!(status, RevocationStatus::Revoked(_));
            if is_revoked(ka.revocation_status()) || is_revoked(ka.valid_cert().revocation_status())
            {
                SignatureError::Revoked(key)
            } else if ka.alive().is_err() || ka.valid_cert().alive().is_err() {
                SignatureError::Expired(key)
            } else {
                SignatureError::Unreliable { key, reason: chain(error) }
            }
        }
        VerificationError::BadSignature { .. } => SignatureError::Mismatch,
        VerificationError::MalformedSignature { error, .. } => {
            SignatureError::Malformed(chain(error))
        }
        other => SignatureError::Malformed(other.to_string()),
    }
}
