//! From an armored or binary secret key to one that signs.

use std::path::PathBuf;
use std::time::SystemTime;

use sequoia_openpgp::cert::ValidCert;
use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation, ValidateAmalgamation};
use sequoia_openpgp::crypto::{KeyPair, Password};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{PublicParts, SecretKeyMaterial, SecretParts, UnspecifiedRole};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::RevocationStatus;
use sequoia_openpgp::{Cert, KeyHandle};

use super::certificate::{Certificate, CertificateError};
use super::development::USER_ID;
use super::keyring::{self, KeyringError};

/// Where a key comes from, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// A file.
    File(PathBuf),
    /// The environment variable `PGP_KEY`.
    Environment,
}

impl std::fmt::Display for KeySource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => write!(f, "`{}`", path.display()),
            Self::Environment => f.write_str("`PGP_KEY`"),
        }
    }
}

/// Why a key cannot sign. The texts hold nothing of the key but fingerprints.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// There is no key.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// Only public keys.
    #[error(
        "{0} holds a public key only, which cannot sign\n\
         help: export the secret key with `gpg --export-secret-keys`"
    )]
    PublicOnly(KeySource),
    /// The secret part of the chosen key is elsewhere, on a smart card or in another export.
    #[error(
        "{source_name} does not hold the secret part of the key {fingerprint}\n\
         help: export it with `gpg --export-secret-keys`, or choose a key that is there with \
         --key-id"
    )]
    SecretElsewhere {
        /// Where the key came from.
        source_name: KeySource,
        /// The chosen key.
        fingerprint: String,
    },
    /// Several certificates.
    #[error(
        "{source_name} holds several keys: {fingerprints}\n\
         help: choose one with --key-id or PGP_KEY_ID"
    )]
    Ambiguous {
        /// Where the keys came from.
        source_name: KeySource,
        /// The fingerprints of their primary keys.
        fingerprints: String,
    },
    /// The text given as a key id is none.
    #[error(
        "`{0}` is no fingerprint and no key id\n\
         help: give 40 or 16 hexadecimal digits, as `gpg --list-keys --keyid-format long` shows them"
    )]
    BadKeyId(String),
    /// No key has the wanted id.
    #[error(
        "{source_name} holds no key {key_id}\n\
         help: it holds {fingerprints}"
    )]
    NoSuchKey {
        /// Where the keys came from.
        source_name: KeySource,
        /// The wanted id.
        key_id: String,
        /// The fingerprints of all keys that are there.
        fingerprints: String,
    },
    /// The certificate or key does not meet the policy.
    #[error(
        "the key {fingerprint} cannot be relied on: {reason}\n\
         help: renew its self-signatures with a current version of GnuPG, or make a new key"
    )]
    Unreliable {
        /// The key.
        fingerprint: String,
        /// What the policy says.
        reason: String,
    },
    /// The key is made later than the signature would be.
    #[error(
        "the key {0} was made later than the time of signing\n\
         help: check the clock and SOURCE_DATE_EPOCH"
    )]
    NotYetMade(String),
    /// The key has expired.
    #[error(
        "the key {fingerprint} has expired\n\
         help: prolong it with `gpg --quick-set-expire {fingerprint} 1y` and export it again"
    )]
    Expired {
        /// The key.
        fingerprint: String,
    },
    /// The key has been revoked.
    #[error("the key {0} has been revoked\nhelp: sign with its successor")]
    Revoked(String),
    /// The key may not sign.
    #[error(
        "the key {0} may not sign data\n\
         help: choose a key with the capability to sign (`S` in gpg's list) with --key-id"
    )]
    CannotSign(String),
    /// The key is protected, and no passphrase was given.
    #[error(
        "the key {0} is protected by a passphrase, and none is given\n\
         help: set PGP_PASSWORD, or name a file that holds it with --password-file"
    )]
    NoPassphrase(String),
    /// The passphrase does not open the key.
    #[error(
        "the passphrase does not open the key {0}\n\
         help: check PGP_PASSWORD or the file given with --password-file"
    )]
    WrongPassphrase(String),
    /// The library cannot write its public part.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The library cannot use the key.
    #[error("the key {fingerprint} cannot be used: {reason}")]
    Unusable {
        /// The key.
        fingerprint: String,
        /// What the library said.
        reason: String,
    },
}

/// A key that was chosen and found fit to sign, but may still be protected.
#[derive(Debug)]
pub struct LockedKey {
    cert: Cert,
    key: Key<SecretParts, UnspecifiedRole>,
}

/// A key that signs.
pub struct SigningKey {
    pub(super) certificate: Certificate,
    pub(super) keypair: KeyPair,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SigningKey").field(&self.keypair.public().fingerprint()).finish()
    }
}

impl LockedKey {
    /// Chooses the key that is to sign at a time.
    ///
    /// `bytes` is a secret key, armored or binary. `key_id` is a fingerprint or 16-digit key id of
    /// a primary key or subkey; without one the primary key signs, since that is what clients pin,
    /// or else the first subkey that can.
    ///
    /// # Errors
    ///
    /// [`KeyError`] says why no key can sign.
    pub fn choose(
        source: &KeySource,
        bytes: &[u8],
        key_id: Option<&str>,
        at: SystemTime,
    ) -> Result<Self, KeyError> {
        let wanted = key_id.map(parse_key_id).transpose()?;
        let certs = parse(source, bytes)?;
        let cert = choose_cert(source, &certs, wanted.as_ref())?;
        let policy = StandardPolicy::new();
        let key = choose_key(source, &check(&cert, &policy, at)?, wanted.as_ref())?;
        Ok(Self { cert: cert.strip_secret_key_material(), key })
    }

    /// Whether a passphrase is needed.
    pub fn is_protected(&self) -> bool {
        !self.key.has_unencrypted_secret()
    }

    /// Whether this is a development key, whose signatures mean nothing.
    pub fn is_development(&self) -> bool {
        self.cert.userids().any(|id| id.userid().value() == USER_ID.as_bytes())
    }

    /// The fingerprint of the key that is to sign, in upper-case hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint().to_hex()
    }

    /// Unlocks the key. This takes a while on purpose: a passphrase is hashed many times.
    ///
    /// # Errors
    ///
    /// [`KeyError`] where the passphrase is missing or wrong.
    pub fn unlock(self, passphrase: Option<&Password>) -> Result<SigningKey, KeyError> {
        let fingerprint = self.fingerprint();
        let key = if self.is_protected() {
            let Some(passphrase) = passphrase else {
                return Err(KeyError::NoPassphrase(fingerprint));
            };
            self.key
                .decrypt_secret(passphrase)
                .map_err(|_| KeyError::WrongPassphrase(fingerprint.clone()))?
        } else {
            self.key
        };
        let keypair = key
            .into_keypair()
            .map_err(|error| KeyError::Unusable { fingerprint, reason: error.to_string() })?;
        Ok(SigningKey { certificate: Certificate::of(&self.cert)?, keypair })
    }
}

pub(super) fn parse_key_id(text: &str) -> Result<KeyHandle, KeyError> {
    let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    let bad = || KeyError::BadKeyId(text.chars().take(80).collect());
    match digits.parse::<KeyHandle>() {
        Ok(handle) if matches!(digits.len(), 16 | 40) && !handle.is_invalid() => Ok(handle),
        _ => Err(bad()),
    }
}

fn parse(source: &KeySource, bytes: &[u8]) -> Result<Vec<Cert>, KeyError> {
    let certs = keyring::parse(source, bytes)?;
    match certs.iter().any(Cert::is_tsk) {
        true => Ok(certs),
        false => Err(KeyError::PublicOnly(source.clone())),
    }
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
        (_, _, None) => Err(KeyError::Ambiguous {
            source_name: source.clone(),
            fingerprints: list(certs, false),
        }),
    }
}

/// The certificate at a time, if it can be relied on then.
pub(super) fn check<'c>(
    cert: &'c Cert,
    policy: &'c StandardPolicy<'c>,
    at: SystemTime,
) -> Result<ValidCert<'c>, KeyError> {
    let fingerprint = cert.fingerprint().to_hex();
    if cert.primary_key().key().creation_time() > at {
        return Err(KeyError::NotYetMade(fingerprint));
    }
    if let RevocationStatus::Revoked(_) = cert.revocation_status(policy, at) {
        return Err(KeyError::Revoked(fingerprint));
    }
    let valid = cert.with_policy(policy, at).map_err(|error| KeyError::Unreliable {
        fingerprint: fingerprint.clone(),
        reason: reason(&error),
    })?;
    match valid.primary_key().alive() {
        Ok(()) => Ok(valid),
        Err(_) => Err(KeyError::Expired { fingerprint }),
    }
}

fn choose_key(
    source: &KeySource,
    cert: &ValidCert<'_>,
    wanted: Option<&KeyHandle>,
) -> Result<Key<SecretParts, UnspecifiedRole>, KeyError> {
    let Some(wanted) = wanted else {
        let mut telling = KeyError::CannotSign(cert.cert().fingerprint().to_hex());
        for key in cert.cert().keys() {
            match fit_to_sign(source, cert, &key) {
                Ok(key) => return Ok(key),
                Err(error) if nearness(&error) > nearness(&telling) => telling = error,
                Err(_) => {}
            }
        }
        return Err(telling);
    };
    match cert.cert().keys().find(|key| key.key().key_handle().aliases(wanted)) {
        Some(key) => fit_to_sign(source, cert, &key),
        None => Err(KeyError::CannotSign(wanted.to_hex())),
    }
}

/// How near a key came to signing: of several that cannot, the nearest says what to do.
fn nearness(error: &KeyError) -> u8 {
    match error {
        KeyError::CannotSign(_) => 0,
        KeyError::SecretElsewhere { .. } => 1,
        _ => 2,
    }
}

/// The key with its secret part, if it may sign, does live, and the secret is there.
fn fit_to_sign(
    source: &KeySource,
    cert: &ValidCert<'_>,
    amalgamation: &ErasedKeyAmalgamation<'_, PublicParts>,
) -> Result<Key<SecretParts, UnspecifiedRole>, KeyError> {
    let key = amalgamation.key();
    let fingerprint = key.fingerprint().to_hex();
    let valid = amalgamation.clone().with_policy(cert.policy(), cert.time()).map_err(|error| {
        KeyError::Unreliable { fingerprint: fingerprint.clone(), reason: reason(&error) }
    })?;
    if let RevocationStatus::Revoked(_) = valid.revocation_status() {
        return Err(KeyError::Revoked(fingerprint));
    }
    if valid.alive().is_err() {
        return Err(KeyError::Expired { fingerprint });
    }
    if !valid.for_signing() {
        return Err(KeyError::CannotSign(fingerprint));
    }
    let elsewhere = || KeyError::SecretElsewhere {
        source_name: source.clone(),
        fingerprint: fingerprint.clone(),
    };
    // Where GnuPG leaves a key's secret out of an export, it writes a protection that no
    // passphrase opens.
    if let Some(SecretKeyMaterial::Encrypted(secret)) = key.optional_secret()
        && !secret.s2k().is_supported()
    {
        return Err(elsewhere());
    }
    key.clone().parts_into_secret().map_err(|_| elsewhere())
}

/// An error with its causes, on one line.
fn reason(error: &sequoia_openpgp::anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
