//! Turns the bytes of a secret key into a key that signs.

use std::time::SystemTime;

use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, SecretKeyMaterial, SecretParts, UnspecifiedRole};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::{Cert, KeyHandle};

use super::certificate::{Certificate, DEVELOPMENT_ID};
use super::keyring;
use super::passphrase::{self, Passphrase, Unlocked};
use super::select::{self, KeyError};
use crate::failure::{Failure, Result, fail};

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

impl LockedKey {
    /// Chooses the key that signs at a time. `bytes` is a secret key, armored or binary; `key_id`
    /// is a fingerprint or 16-digit key ID of a primary key or subkey.
    pub(crate) fn choose(
        source: &str,
        bytes: &[u8],
        key_id: Option<&str>,
        at: SystemTime,
    ) -> Result<Self> {
        let wanted = key_id.map(parse_key_id).transpose()?;
        let certs = keyring::parse(source, bytes)?;
        if !certs.iter().any(Cert::is_tsk) {
            fail!(
                "`{source}` contains only a certificate, which cannot sign";
                help: "export the secret key with `gpg --export-secret-keys`"
            );
        }
        let cert = choose_cert(source, &certs, wanted.as_ref())?;
        let policy = StandardPolicy::new();
        let valid = select::check(&cert, &policy, at)?;
        let key = select::signing_key(&valid, wanted.as_ref(), |key| with_secret(source, key))?;
        Ok(Self {
            cert: cert.strip_secret_key_material(),
            key,
        })
    }

    pub(crate) fn is_protected(&self) -> bool {
        !self.key.has_unencrypted_secret()
    }

    /// Whether this is a development key, whose signatures mean nothing.
    pub(crate) fn is_development(&self) -> bool {
        self.cert
            .userids()
            .any(|id| id.userid().value() == DEVELOPMENT_ID.as_bytes())
    }

    /// The fingerprint of the key that signs, in upper-case hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        self.key.fingerprint().to_hex()
    }

    /// Unlocks the key. This is deliberately slow: a passphrase is hashed many times. The second value
    /// is what to tell the user about the passphrase.
    pub(crate) fn unlock(
        self,
        passphrase: Option<&Passphrase>,
    ) -> Result<(SigningKey, Option<Failure>)> {
        let Unlocked { keypair, note } = passphrase::unlock(self.key, passphrase)?;
        let certificate = Certificate::of(&self.cert)?;
        Ok((
            SigningKey {
                certificate,
                keypair,
            },
            note,
        ))
    }

    pub(crate) fn no_passphrase(&self) -> Failure {
        passphrase::missing(&self.fingerprint())
    }
}

/// The digits of a fingerprint or key ID as programs show it: perhaps after `0x`, and with spaces or
/// colons between them.
pub(crate) fn hex_digits(text: &str) -> String {
    let is_digit = |char: &char| !char.is_whitespace() && *char != ':';
    let digits: String = text.chars().filter(is_digit).collect();
    let prefix = ["0x", "0X"]
        .iter()
        .find(|prefix| digits.starts_with(**prefix));
    match prefix {
        Some(prefix) => digits[prefix.len()..].to_owned(),
        None => digits,
    }
}

pub(super) fn parse_key_id(text: &str) -> Result<KeyHandle> {
    let digits = hex_digits(text);
    match digits.parse::<KeyHandle>() {
        Ok(handle) if matches!(digits.len(), 16 | 40) && !handle.is_invalid() => Ok(handle),
        _ => fail!(
            "`{}` is not a fingerprint or key ID", text.chars().take(80).collect::<String>();
            help: "specify 40 or 16 hexadecimal digits, as shown by `gpg --list-keys --keyid-format \
                   long`"
        ),
    }
}

/// Whether a text is a fingerprint or a 16-digit key ID.
pub(crate) fn is_key_id(text: &str) -> bool {
    parse_key_id(text).is_ok()
}

fn choose_cert(source: &str, certs: &[Cert], wanted: Option<&KeyHandle>) -> Result<Cert> {
    let mut fitting = certs.iter().filter(|cert| match wanted {
        Some(wanted) => cert
            .keys()
            .any(|key| key.key().key_handle().aliases(wanted)),
        None => cert.is_tsk(),
    });
    match (fitting.next(), fitting.next(), wanted) {
        (Some(cert), None, _) | (Some(cert), Some(_), Some(_)) => Ok(cert.clone()),
        (_, _, Some(wanted)) => {
            let (wanted, keys) = (wanted.to_hex(), certs.iter().flat_map(Cert::keys));
            let all: Vec<String> = keys.map(|key| key.key().fingerprint().to_hex()).collect();
            fail!(
                "`{source}` does not contain the key {wanted}";
                help: "it contains {}", all.join(", ")
            )
        }
        (_, _, None) => {
            let all: Vec<String> = certs
                .iter()
                .map(|cert| cert.fingerprint().to_hex())
                .collect();
            fail!(
                "`{source}` contains several keys: {}", all.join(", ");
                help: "choose one with --key-id or PGP_KEY_ID"
            )
        }
    }
}

/// The key with its secret.
pub(super) fn with_secret(
    source: &str,
    key: &Key<PublicParts, UnspecifiedRole>,
) -> Result<Key<SecretParts, UnspecifiedRole>, KeyError> {
    match key.clone().parts_into_secret() {
        Ok(secret) if !is_elsewhere(key) => Ok(secret),
        _ => Err(KeyError::secret_elsewhere(
            source,
            &key.fingerprint().to_hex(),
        )),
    }
}

/// Whether a secret is missing although there is a packet for it: GnuPG exports a key without its
/// secret as a key that no passphrase unlocks.
pub(super) fn is_elsewhere(key: &Key<PublicParts, UnspecifiedRole>) -> bool {
    matches!(key.optional_secret(),
        Some(SecretKeyMaterial::Encrypted(secret)) if !secret.s2k().is_supported())
}
