//! Verifies signatures against trusted certificates.

use std::fmt::Display;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::cert::amalgamation::ValidAmalgamation;
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::parse::stream::{
    DetachedVerifierBuilder, MessageLayer, MessageStructure, VerificationError, VerificationHelper,
};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::{Cert, Error, KeyHandle};

use super::certificate::Certificate;
use super::keyring::cause;
use super::select::is_revoked;
use super::signatures::Signatures;
use crate::failure::{Failure, fail, failure};

/// How far a signer's clock may be ahead.
const TOLERANCE: Duration = Duration::from_mins(5);

/// Verifies signatures against certificates, at a time.
#[derive(Debug)]
pub struct Verifier {
    pub(crate) certificates: Vec<Certificate>,
    policy: StandardPolicy<'static>,
    at: SystemTime,
}

/// A valid signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Good {
    /// The fingerprint of the certificate, in upper-case hexadecimal digits.
    pub(crate) certificate: String,
    /// The fingerprint of the key that signed, in the same form.
    pub(crate) key: String,
    /// The signing time in the signature.
    pub(crate) made: SystemTime,
}

/// A signature is not valid. The messages follow the file name; keys are fingerprints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "names and messages say it")]
pub enum SignatureError {
    #[error("is signed by the key {0}, which is not trusted")]
    OtherKey(String),
    #[error(
        "does not match the data: the data or its signature was changed, or they do not belong \
         together"
    )]
    Mismatch,
    #[error("{0}")]
    Invalid(String),
}

/// What the verification of one signature finds.
type Verdict = Result<Good, SignatureError>;

impl From<Failure> for SignatureError {
    fn from(failure: Failure) -> Self {
        Self::Invalid(failure.message)
    }
}

impl Verifier {
    /// A verifier that trusts these certificates.
    pub fn new(certificates: Vec<Certificate>, at: SystemTime) -> Self {
        Self {
            certificates,
            policy: StandardPolicy::new(),
            at,
        }
    }

    /// The fingerprints of the trusted certificates.
    pub(crate) fn fingerprints(&self) -> impl Iterator<Item = String> {
        self.certificates.iter().map(Certificate::fingerprint)
    }

    /// Verifies every signature over some bytes, in their order.
    pub fn verify(&self, signatures: &Signatures, bytes: &[u8]) -> Vec<Verdict> {
        signatures
            .0
            .iter()
            .map(|signature| self.verify_one(signature, bytes))
            .collect()
    }

    fn verify_one(&self, signature: &Signature, bytes: &[u8]) -> Verdict {
        let Some(made) = signature.signature_creation_time() else {
            return Err(malformed(&"it has no signing time").into());
        };
        if made > self.at + TOLERANCE {
            fail!("has a signing time in the future");
        }
        let packet = Signatures(vec![signature.clone()])
            .detached()
            .map_err(|error| malformed(&error))?;
        let helper = Helper {
            certificates: &self.certificates,
            made,
            result: None,
        };
        let mut verifier = DetachedVerifierBuilder::from_bytes(&packet)
            .and_then(|builder| builder.with_policy(&self.policy, self.at + TOLERANCE, helper))
            .map_err(|error| malformed(&error))?;
        verifier
            .verify_bytes(bytes)
            .map_err(|error| malformed(&error))?;
        let result = verifier.into_helper().result;
        result.unwrap_or_else(|| Err(malformed(&"it has no result").into()))
    }
}

fn malformed(reason: &dyn Display) -> Failure {
    failure!("has a malformed signature: {reason}")
}

/// Gives the library the certificates, and stores its result.
struct Helper<'c> {
    certificates: &'c [Certificate],
    made: SystemTime,
    result: Option<Verdict>,
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> anyhow::Result<Vec<Cert>> {
        Ok(self
            .certificates
            .iter()
            .map(|certificate| certificate.cert.clone())
            .collect())
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> anyhow::Result<()> {
        for layer in structure {
            let MessageLayer::SignatureGroup { results } = layer else {
                continue;
            };
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

/// Whether the first bytes of the hash in a signature are correct (RFC 9580, section 5.2.3).
fn has_true_prefix(signature: &Signature) -> bool {
    signature
        .computed_digest()
        .is_some_and(|digest| digest.starts_with(signature.digest_prefix()))
}

fn invalid(key: &str, error: &anyhow::Error) -> String {
    format!(
        "is signed by the key {key}, which is not valid for it: {}",
        chain(error)
    )
}

fn problem(error: &VerificationError<'_>) -> SignatureError {
    SignatureError::Invalid(match error {
        VerificationError::MissingKey { sig } => {
            let issuer = sig.get_issuers().first().map(KeyHandle::to_hex);
            return SignatureError::OtherKey(issuer.unwrap_or_else(|| "(not named)".to_owned()));
        }
        VerificationError::UnboundKey { cert, .. } if cert.userids().next().is_none() => format!(
            "is signed by the key {}, but its certificate is not complete: it has no user ID; key \
             servers leave user IDs out",
            cert.fingerprint()
        ),
        VerificationError::UnboundKey { cert, error, .. } => {
            invalid(&cert.fingerprint().to_hex(), error)
        }
        VerificationError::BadKey { ka, error, .. } => {
            let key = ka.key().fingerprint().to_hex();
            if is_revoked(&ka.revocation_status())
                || is_revoked(&ka.valid_cert().revocation_status())
            {
                format!("is signed by the key {key}, which has been revoked")
            } else if ka.alive().is_err() || ka.valid_cert().alive().is_err() {
                format!("was signed after the key {key} had expired")
            } else {
                invalid(&key, error)
            }
        }
        VerificationError::BadSignature { error, .. } => match error.downcast_ref::<Error>() {
            Some(Error::Expired(_)) => "has a signature that has expired".to_owned(),
            // The signature matches the data, but the policy does not accept it.
            Some(Error::PolicyViolation(..)) => {
                format!("has a signature that is not accepted: {}", cause(error))
            }
            _ => return SignatureError::Mismatch,
        },
        VerificationError::MalformedSignature { error, .. } => {
            format!("has a malformed signature: {}", chain(error))
        }
        other => format!("has a malformed signature: {other}"),
    })
}

/// An error with its causes, without repetitions.
fn chain(error: &anyhow::Error) -> String {
    let mut causes: Vec<String> = error.chain().map(ToString::to_string).collect();
    causes.dedup();
    causes.join(": ")
}
