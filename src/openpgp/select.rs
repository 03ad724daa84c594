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

use super::key_error::KeyError;
use super::keyring::{self, cause};

/// The certificate at a given time, if it is valid.
pub(super) fn check<'c>(
    cert: &'c Cert,
    policy: &'c StandardPolicy<'c>,
    at: SystemTime,
) -> Result<ValidCert<'c>, KeyError> {
    let fingerprint = cert.fingerprint().to_hex();
    let primary = cert.primary_key().key();
    if primary.version() != 4 {
        return Err(KeyError::Version(fingerprint, primary.version()));
    }
    if keyring::is_unknown(primary.pk_algo()) {
        let name = format!("the certificate {fingerprint}");
        return Err(KeyError::UnknownAlgorithm(name, primary.pk_algo().into()));
    }
    if primary.creation_time() > at {
        return Err(KeyError::NotYetMade(fingerprint));
    }
    if let RevocationStatus::Revoked(_) = cert.revocation_status(policy, at) {
        return Err(KeyError::Revoked(fingerprint));
    }
    let valid = cert
        .with_policy(policy, at)
        .map_err(|error| KeyError::Unreliable(fingerprint.clone(), cause(&error)))?;
    match valid.primary_key().alive() {
        Ok(()) => Ok(valid),
        Err(_) => Err(KeyError::Expired(fingerprint)),
    }
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
    let mut nearest = KeyError::CannotSign(wanted.unwrap_or(&primary).to_hex());
    for key in cert.cert().keys() {
        let is_wanted = wanted.is_none_or(|wanted| key.key().key_handle().aliases(wanted));
        if !is_wanted && !names_primary {
            continue;
        }
        match may_sign(cert, &key).and_then(|()| take(key.key())) {
            Ok(taken) => return Ok(taken),
            // The user named this key; no other one may sign.
            Err(error) if names_primary && is_wanted && nearness(&error) > 0 => {
                return Err(error);
            }
            Err(error) if nearness(&error) > nearness(&nearest) => nearest = error,
            Err(_) => {}
        }
    }
    Err(nearest)
}

/// How close a key came to signing.
fn nearness(error: &KeyError) -> u8 {
    match error {
        KeyError::CannotSign(_) => 0,
        KeyError::SecretElsewhere(..) => 1,
        _ => 2,
    }
}

/// Whether a key may sign at the time, wherever its secret is.
fn may_sign(
    cert: &ValidCert<'_>,
    amalgamation: &ErasedKeyAmalgamation<'_, PublicParts>,
) -> Result<(), KeyError> {
    let key = amalgamation.key();
    let fingerprint = key.fingerprint().to_hex();
    let valid = amalgamation
        .clone()
        .with_policy(cert.policy(), cert.time())
        .map_err(|error| KeyError::Unreliable(fingerprint.clone(), cause(&error)))?;
    if let RevocationStatus::Revoked(_) = valid.revocation_status() {
        return Err(KeyError::Revoked(fingerprint));
    }
    if valid.alive().is_err() {
        return Err(KeyError::Expired(fingerprint));
    }
    if !valid.for_signing() {
        return Err(KeyError::CannotSign(fingerprint));
    }
    Ok(())
}
