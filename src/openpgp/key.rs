//! Turns the bytes of a secret key into a key that signs.

use std::time::SystemTime;

use sequoia_openpgp::crypto::{KeyPair, Password};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, SecretKeyMaterial, SecretParts, UnspecifiedRole};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::{Cert, KeyHandle};

use super::certificate::Certificate;
use super::key_error::{KeyError, KeySource, LibraryError};
use super::keyring;
use super::select;

/// The user ID of development keys.
pub(crate) const USER_ID: &str = "tfadir development key, not for publishing";

/// A key that can sign once it is unlocked.
#[derive(Debug)]
pub(crate) struct LockedKey {
    cert: Cert,
    key: Key<SecretParts, UnspecifiedRole>,
}

/// A key that signs.
pub(crate) struct SigningKey {
    pub(super) certificate: Certificate,
    pub(super) keypair: KeyPair,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKey").field(&self.keypair.public().fingerprint()).finish()
    }
}

impl LockedKey {
    /// Chooses the key that signs at a time. `bytes` is a secret key, armored or binary; `key_id`
    /// is a fingerprint or 16-digit key ID of a primary key or subkey.
    pub(crate) fn choose(
        source: &KeySource,
        bytes: &[u8],
        key_id: Option<&str>,
        at: SystemTime,
    ) -> Result<Self, KeyError> {
        let wanted = key_id.map(parse_key_id).transpose()?;
        let certs = keyring::parse(source, bytes)?;
        if !certs.iter().any(Cert::is_tsk) {
            return Err(KeyError::PublicOnly(source.clone()));
        }
        let cert = choose_cert(source, &certs, wanted.as_ref())?;
        let policy = StandardPolicy::new();
        let valid = select::check(&cert, &policy, at)?;
        let secret = |key: &_| with_secret(source, key);
        let key = select::signing_key(&valid, wanted.as_ref(), secret)?;
        Ok(Self { cert: cert.strip_secret_key_material(), key })
    }

    pub(crate) fn is_protected(&self) -> bool {
        !self.key.has_unencrypted_secret()
    }

    /// Whether this is a development key, whose signatures mean nothing.
    pub(crate) fn is_development(&self) -> bool {
        self.cert.userids().any(|id| id.userid().value() == USER_ID.as_bytes())
    }

    /// The fingerprint of the key that signs, in upper-case hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        self.key.fingerprint().to_hex()
    }

    /// Unlocks the key. This is deliberately slow: a passphrase is hashed many times.
    pub(crate) fn unlock(self, passphrase: Option<&Password>) -> Result<SigningKey, KeyError> {
        let fingerprint = self.fingerprint();
        let key = match (self.is_protected(), passphrase) {
            (false, _) => self.key,
            (true, None) => return Err(KeyError::NoPassphrase(fingerprint)),
            (true, Some(passphrase)) => self
                .key
                .decrypt_secret(passphrase)
                .map_err(|_| KeyError::WrongPassphrase(fingerprint))?,
        };
        let keypair = key.into_keypair().map_err(LibraryError::from)?;
        Ok(SigningKey { certificate: Certificate::of(&self.cert)?, keypair })
    }
}

pub(super) fn parse_key_id(text: &str) -> Result<KeyHandle, KeyError> {
    let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    match digits.parse::<KeyHandle>() {
        Ok(handle) if matches!(digits.len(), 16 | 40) && !handle.is_invalid() => Ok(handle),
        _ => Err(KeyError::BadKeyId(text.chars().take(80).collect())),
    }
}

/// Whether a text is a fingerprint or a 16-digit key ID.
pub(crate) fn is_key_id(text: &str) -> bool {
    parse_key_id(text).is_ok()
}

fn choose_cert(
    source: &KeySource,
    certs: &[Cert],
    wanted: Option<&KeyHandle>,
) -> Result<Cert, KeyError> {
    let list = |certs: &[Cert], all_keys: bool| {
        let of_cert = |cert: &Cert| -> Vec<String> {
            let keys = cert.keys().map(|key| key.key().fingerprint().to_hex());
            keys.take(if all_keys { usize::MAX } else { 1 }).collect()
        };
        certs.iter().flat_map(of_cert).collect::<Vec<_>>().join(", ")
    };
    let mut fitting = certs.iter().filter(|cert| match wanted {
        Some(wanted) => cert.keys().any(|key| key.key().key_handle().aliases(wanted)),
        None => cert.is_tsk(),
    });
    match (fitting.next(), fitting.next(), wanted) {
        (Some(cert), None, _) | (Some(cert), Some(_), Some(_)) => Ok(cert.clone()),
        (_, _, Some(wanted)) => Err(KeyError::NoSuchKey {
            source_name: source.clone(),
            key_id: wanted.to_hex(),
            fingerprints: list(certs, true),
        }),
        (_, _, None) => Err(KeyError::Ambiguous(source.clone(), list(certs, false))),
    }
}

/// The key with its secret.
pub(super) fn with_secret(
    source: &KeySource,
    key: &Key<PublicParts, UnspecifiedRole>,
) -> Result<Key<SecretParts, UnspecifiedRole>, KeyError> {
    let elsewhere = || KeyError::SecretElsewhere(source.clone(), key.fingerprint().to_hex());
    match is_elsewhere(key) {
        true => Err(elsewhere()),
        false => key.clone().parts_into_secret().map_err(|_| elsewhere()),
    }
}

/// Whether a secret is missing although there is a packet for it: GnuPG exports a key without its
/// secret as a key that no passphrase unlocks.
pub(super) fn is_elsewhere(key: &Key<PublicParts, UnspecifiedRole>) -> bool {
    matches!(key.optional_secret(),
        Some(SecretKeyMaterial::Encrypted(secret)) if !secret.s2k().is_supported())
}
