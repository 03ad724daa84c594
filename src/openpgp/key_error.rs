//! Why a key cannot sign, and where keys come from.

use super::certificate::CertificateError;
use std::path::PathBuf;

use super::keyring::KeyringError;

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
pub(crate) enum KeyError {
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
    /// A key of another version than 4.
    #[error(
        "the key {fingerprint} is of version {version}; tfadir signs with keys of version 4 only, \
         since clients in use cannot read other signatures\n\
         help: make one with `tfadir key generate`"
    )]
    Version {
        /// The key.
        fingerprint: String,
        /// Its version.
        version: u8,
    },
    /// A key of an algorithm that the library does not know.
    #[error(
        "the key {fingerprint} is of the public-key algorithm {algorithm}, which is unknown here\n\
         help: make a key of Ed25519 or RSA, as `tfadir key generate` does"
    )]
    UnknownAlgorithm {
        /// The key.
        fingerprint: String,
        /// The algorithm's number, as IANA registers it.
        algorithm: u8,
    },
    /// The certificate or key does not meet the policy.
    #[error(
        "the key {fingerprint} cannot be relied on, since the signature that binds it is not \
         accepted: {reason}\n\
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
