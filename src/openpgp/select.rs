//! Which key of a certificate signs, and why none can.

use std::time::SystemTime;

use sequoia_openpgp::cert::ValidCert;
use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedRole};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::RevocationStatus;
use sequoia_openpgp::{Cert, KeyHandle};

use super::keyring::{NEW_KEY, cause, refuse_unknown};
use crate::failure::{Failure, Result, fail, failure};

/// Why a key cannot sign.
#[derive(Debug, thiserror::Error)]
#[error("{failure}")]
pub(super) struct KeyError {
    nearness: Nearness,
    #[source]
    failure: Failure,
}

/// How close a key came to signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    CannotSign,
    /// It may sign, but its secret is elsewhere.
    SecretElsewhere,
    /// It was meant to sign, but may not at this time.
    NotNow,
}

impl KeyError {
    fn unreliable(fingerprint: &str, error: &anyhow::Error) -> Self {
        Self::not_now(failure!(
            "the key {fingerprint} is not valid: its binding signature is not accepted: {}",
            cause(error);
            help: "renew its self-signatures with a current version of GnuPG, or generate a new key"
        ))
    }

    fn expired(fingerprint: &str) -> Self {
        Self::not_now(failure!(
            "the key {fingerprint} has expired";
            help: "extend it with `tfadir key extend KEY --for 2y`"
        ))
    }

    fn revoked(fingerprint: &str) -> Self {
        Self::not_now(failure!(
            "the key {fingerprint} has been revoked"; help: "sign with its successor"
        ))
    }

    fn not_now(failure: Failure) -> Self {
        Self {
            nearness: Nearness::NotNow,
            failure,
        }
    }

    fn cannot_sign(fingerprint: &str) -> Self {
        let failure = failure!(
            "the key {fingerprint} cannot sign data";
            help: "choose a key with the signing capability (`S` in gpg's list) with --key-id"
        );
        Self {
            nearness: Nearness::CannotSign,
            failure,
        }
    }

    /// The secret is on a smart card or in another export. `source` is the name of the file.
    pub(super) fn secret_elsewhere(source: &str, fingerprint: &str) -> Self {
        let failure = failure!(
            "`{source}` does not contain the secret of the key {fingerprint}";
            help: "export it with `gpg --export-secret-keys`, or choose another key with --key-id"
        );
        Self {
            nearness: Nearness::SecretElsewhere,
            failure,
        }
    }
}

/// Refuses a certificate that GnuPG cannot read: gpg imports nothing from a file that contains one.
pub(super) fn refuse_other_versions(cert: &Cert) -> Result<(), Failure> {
    for key in cert.keys() {
        let version = key.key().version();
        if version != 4 {
            fail!(
                "the key {} has version {version}, but GnuPG and most other clients only read keys of \
                 version 4", key.key().fingerprint().to_hex();
                help: "{NEW_KEY}"
            );
        }
    }
    Ok(())
}

pub(super) fn is_revoked(status: &RevocationStatus<'_>) -> bool {
    matches!(status, RevocationStatus::Revoked(_))
}

/// The certificate at a given time, if it is valid.
pub(super) fn check<'c>(
    cert: &'c Cert,
    policy: &'c StandardPolicy<'c>,
    at: SystemTime,
) -> Result<ValidCert<'c>> {
    let fingerprint = cert.fingerprint().to_hex();
    refuse_other_versions(cert)?;
    let primary = cert.primary_key().key();
    refuse_unknown(&format!("the certificate {fingerprint}"), primary.pk_algo())?;
    if primary.creation_time() > at {
        fail!(
            "the key {fingerprint} was created after the time of signing";
            help: "check the clock and SOURCE_DATE_EPOCH"
        );
    }
    if is_revoked(&cert.revocation_status(policy, at)) {
        return Err(KeyError::revoked(&fingerprint).into());
    }
    let valid = match cert.with_policy(policy, at) {
        Ok(valid) => valid,
        Err(_) if cert.userids().next().is_none() => fail!(
            "the certificate {fingerprint} is not complete: it has no user ID; key servers leave user \
             IDs out until their address is confirmed";
            help: "ask the publisher for the whole certificate, such as key.asc next to the files"
        ),
        Err(error) => return Err(KeyError::unreliable(&fingerprint, &error).into()),
    };
    valid
        .primary_key()
        .alive()
        .map_err(|_| KeyError::expired(&fingerprint))?;
    Ok(valid)
}

/// The key that signs: the primary key, since clients pin it, or else the first subkey that can.
/// `wanted` names a subkey, or a primary key, whose subkey signs if it cannot itself.
///
/// `take` extracts what is needed from a key that may sign, such as its secret. The error is from
/// the key that came closest to signing.
pub(super) fn signing_key<T>(
    cert: &ValidCert<'_>,
    wanted: Option<&KeyHandle>,
    take: impl Fn(&Key<PublicParts, UnspecifiedRole>) -> Result<T, KeyError>,
) -> Result<T, KeyError> {
    let primary = cert.cert().key_handle();
    let names_primary = wanted.is_some_and(|wanted| primary.aliases(wanted));
    let mut nearest = KeyError::cannot_sign(&wanted.unwrap_or(&primary).to_hex());
    for key in cert.cert().keys() {
        let is_wanted = wanted.is_none_or(|wanted| key.key().key_handle().aliases(wanted));
        if !is_wanted && !names_primary {
            continue;
        }
        match may_sign(cert, &key).and_then(|()| take(key.key())) {
            Ok(taken) => return Ok(taken),
            // The user named this key; no other one may sign.
            Err(error) if names_primary && is_wanted && error.nearness > Nearness::CannotSign => {
                return Err(error);
            }
            Err(error) if error.nearness > nearest.nearness => nearest = error,
            Err(_) => {}
        }
    }
    Err(nearest)
}

/// Whether a key may sign at the time, wherever its secret is.
fn may_sign(
    cert: &ValidCert<'_>,
    amalgamation: &ErasedKeyAmalgamation<'_, PublicParts>,
) -> Result<(), KeyError> {
    let fingerprint = amalgamation.key().fingerprint().to_hex();
    match amalgamation.clone().with_policy(cert.policy(), cert.time()) {
        Err(error) => Err(KeyError::unreliable(&fingerprint, &error)),
        Ok(valid) if is_revoked(&valid.revocation_status()) => Err(KeyError::revoked(&fingerprint)),
        Ok(valid) if valid.alive().is_err() => Err(KeyError::expired(&fingerprint)),
        Ok(valid) if !valid.for_signing() => Err(KeyError::cannot_sign(&fingerprint)),
        Ok(_) => Ok(()),
    }
}
