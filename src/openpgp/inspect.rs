//! What a key file holds and whether it can be relied on, without a passphrase.

use std::time::{Duration, SystemTime};

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::ValidCert;
use sequoia_openpgp::cert::amalgamation::key::{
    ErasedKeyAmalgamation, PrimaryKey, ValidKeyAmalgamation,
};
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::packet::key::{PublicParts, SecretKeyMaterial};
use sequoia_openpgp::policy::{Policy, StandardPolicy};
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, RevocationStatus};

use super::expiry::{WARN_DAYS, day, days_until};
use super::key::{is_elsewhere, with_secret};
use super::key_error::{KeyError, KeySource};
use super::keyring::{self, KeyringError, cause};
use super::select::{check, signing_key};

/// A certificate or secret key, as it is seen at a time.
#[derive(Debug)]
pub(crate) struct Inspected {
    /// The fingerprint of the primary key, in upper-case hexadecimal digits.
    pub(crate) fingerprint: String,
    /// Whether any secret is there.
    pub(crate) is_secret: bool,
    /// The user ids.
    pub(crate) user_ids: Vec<UserId>,
    /// The primary key and its subkeys.
    pub(crate) keys: Vec<Key>,
    /// The fingerprint of the key that would sign a build, or why none can. For a certificate
    /// without secrets it is the one that would if its secret were there.
    pub(crate) signer: Result<String, KeyError>,
    /// When the signer, or the certificate as a whole, expires.
    pub(crate) expiry: Option<SystemTime>,
}

/// A user id.
#[derive(Debug)]
pub(crate) struct UserId {
    /// Its text, with replacement characters where it is no UTF-8. It comes from whoever made the
    /// key.
    pub(crate) text: String,
    /// Whether it can be relied on.
    pub(crate) state: State,
}

/// A primary key or subkey.
#[derive(Debug)]
pub(crate) struct Key {
    /// In upper-case hexadecimal digits.
    pub(crate) fingerprint: String,
    /// Whether it is the primary key.
    pub(crate) is_primary: bool,
    /// Its algorithm, such as `EdDSA 256` or `RSA 4096`.
    pub(crate) algorithm: String,
    /// What it may do: `certify`, `sign`, `encrypt`, `authenticate`.
    pub(crate) capabilities: Vec<&'static str>,
    /// When it was made.
    pub(crate) created: SystemTime,
    /// When it expires or has expired.
    pub(crate) expires: Option<SystemTime>,
    /// Where its secret is.
    pub(crate) secret: Secret,
    /// Whether it can be relied on.
    pub(crate) state: State,
}

/// Where the secret of a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secret {
    /// Not in this file, nor is there a location for it.
    None,
    /// Left out of this file.
    Elsewhere,
    /// Here, protected by a passphrase.
    Protected,
    /// Here, for everybody who has the file.
    Open,
}

/// Whether a part of a certificate can be relied on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// It can.
    Good,
    /// It could, for a time.
    Expired,
    /// Its owner took it back.
    Revoked,
    /// Today's policy does not accept the signature that binds it, for this reason.
    NotAccepted(String),
}

/// What the bytes of a key file hold; `source` names them. Secrets are neither unlocked nor shown.
///
/// # Errors
///
/// [`KeyringError`] where there is no key.
pub(crate) fn inspect(
    source: &KeySource,
    bytes: &[u8],
    at: SystemTime,
) -> Result<Vec<Inspected>, KeyringError> {
    let certs = keyring::parse(source, bytes)?;
    Ok(certs.iter().map(|cert| Inspected::of(source, cert, at)).collect())
}

impl Inspected {
    fn of(source: &KeySource, cert: &Cert, at: SystemTime) -> Self {
        let policy = StandardPolicy::new();
        let signer = check(cert, &policy, at).and_then(|valid| signer(source, &valid));
        let keys: Vec<Key> = cert.keys().map(|key| Key::of(&key, at)).collect();
        let relevant = keys.iter().filter(|key| {
            key.is_primary || signer.as_ref().is_ok_and(|signer| *signer == key.fingerprint)
        });
        let expiry = relevant.filter_map(|key| key.expires).min();
        let user_ids = cert.userids().map(|id| UserId {
            text: String::from_utf8_lossy(id.userid().value()).into_owned(),
            state: match id.revocation_status(&policy, at) {
                RevocationStatus::Revoked(_) => State::Revoked,
                _ => match id.binding_signature(&policy, at) {
                    Ok(_) => State::Good,
                    Err(error) => State::NotAccepted(cause(&error)),
                },
            },
        });
        Self {
            fingerprint: cert.fingerprint().to_hex(),
            is_secret: cert.is_tsk(),
            user_ids: user_ids.collect(),
            keys,
            signer,
            expiry,
        }
    }

    /// What somebody has to do something about, as sentences: it cannot sign, it expires within
    /// some days, or a part of it is not accepted by today's policy. An old subkey that has expired
    /// or is revoked beside a good one is as it should be.
    pub(crate) fn problems(&self, at: SystemTime, warn_days: u32) -> Vec<String> {
        let mut problems = Vec::new();
        if let Err(error) = &self.signer {
            problems.push(error.to_string().lines().next().unwrap_or_default().to_owned());
        }
        problems.extend(expiring(self.expiry, at, warn_days).map(|when| match &self.signer {
            Ok(signer) => format!("the key {signer} {when}"),
            Err(_) => format!("the certificate {} {when}", self.fingerprint),
        }));
        for id in &self.user_ids {
            if let State::NotAccepted(reason) = &id.state {
                let id = crate::text::quote(&id.text);
                problems.push(format!("the user id {id} is not accepted: {reason}"));
            }
        }
        let is_told = |key: &Key| {
            matches!(&self.signer,
                Err(KeyError::Unreliable { fingerprint, .. }) if *fingerprint == key.fingerprint)
        };
        for key in self.keys.iter().filter(|key| !is_told(key)) {
            if let State::NotAccepted(reason) = &key.state {
                problems.push(format!("the key {} is not accepted: {reason}", key.fingerprint));
            }
        }
        problems
    }
}

/// What is said of a time of expiry that is near: `expires on …, in 12 days`; nothing of one that
/// is further away than some days, or over.
pub(crate) fn expiring(
    expiry: Option<SystemTime>,
    at: SystemTime,
    warn_days: u32,
) -> Option<String> {
    let expiry = expiry.filter(|expiry| *expiry > at)?;
    let warned = Duration::from_hours(24 * u64::from(warn_days));
    if expiry.duration_since(at).is_ok_and(|left| left > warned) {
        return None;
    }
    let days = match days_until(at, expiry) {
        0 => "in less than a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    };
    Some(format!("expires on {}, {days}", day(expiry)))
}

/// The same with the days that builds warn for.
pub(crate) fn expiring_soon(expiry: Option<SystemTime>, at: SystemTime) -> Option<String> {
    expiring(expiry, at, WARN_DAYS)
}

/// The key that would sign: as a build chooses it if there are secrets.
fn signer(source: &KeySource, cert: &ValidCert<'_>) -> Result<String, KeyError> {
    let is_tsk = cert.cert().is_tsk();
    signing_key(cert, None, |key| {
        if is_tsk {
            with_secret(source, key)?;
        }
        Ok(key.fingerprint().to_hex())
    })
}

impl Key {
    fn of(key: &ErasedKeyAmalgamation<'_, PublicParts>, at: SystemTime) -> Self {
        let (strict, lenient) = (StandardPolicy::new(), lenient());
        let parts = key.key();
        let bits = parts.mpis().bits().map_or_else(String::new, |bits| format!(" {bits}"));
        // What is not accepted is shown all the same.
        let seen = key.clone().with_policy(&lenient, at).ok();
        let flags = seen.as_ref().and_then(ValidKeyAmalgamation::key_flags);
        let flags = flags.unwrap_or_else(KeyFlags::empty);
        let capabilities = [
            ("certify", flags.for_certification()),
            ("sign", flags.for_signing()),
            ("encrypt", flags.for_transport_encryption() || flags.for_storage_encryption()),
            ("authenticate", flags.for_authentication()),
        ];
        Self {
            fingerprint: parts.fingerprint().to_hex(),
            is_primary: key.primary(),
            algorithm: format!("{}{bits}", parts.pk_algo()),
            capabilities: capabilities.iter().filter(|it| it.1).map(|it| it.0).collect(),
            created: parts.creation_time(),
            expires: seen.as_ref().and_then(ValidKeyAmalgamation::key_expiration_time),
            secret: match parts.optional_secret() {
                None => Secret::None,
                Some(_) if is_elsewhere(parts) => Secret::Elsewhere,
                Some(SecretKeyMaterial::Encrypted(_)) => Secret::Protected,
                Some(SecretKeyMaterial::Unencrypted(_)) => Secret::Open,
            },
            state: state(key, &strict, at),
        }
    }
}

fn state(
    key: &ErasedKeyAmalgamation<'_, PublicParts>,
    policy: &dyn Policy,
    at: SystemTime,
) -> State {
    if let RevocationStatus::Revoked(_) = key.cert().revocation_status(policy, at) {
        return State::Revoked;
    }
    match key.clone().with_policy(policy, at) {
        Err(error) => State::NotAccepted(cause(&error)),
        Ok(valid) => match valid.revocation_status() {
            RevocationStatus::Revoked(_) => State::Revoked,
            _ if valid.alive().is_err() => State::Expired,
            _ => State::Good,
        },
    }
}

/// A policy under which old signatures still tell what they say. Nothing is relied on by it.
fn lenient() -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::new();
    for hash in [HashAlgorithm::SHA1, HashAlgorithm::MD5, HashAlgorithm::RipeMD] {
        policy.accept_hash(hash);
    }
    policy
}
