//! Why a key cannot be read or cannot sign, and where keys come from.

use std::path::PathBuf;

use sequoia_openpgp::anyhow;

/// Where a key comes from, for messages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "names and messages say it")]
pub enum KeySource {
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

/// The OpenPGP library failed, for example to write what it had read.
#[derive(Debug, thiserror::Error)]
#[error("the OpenPGP library failed: {0}\nhelp: please report this")]
pub struct LibraryError(String);

impl From<anyhow::Error> for LibraryError {
    fn from(error: anyhow::Error) -> Self {
        Self(format!("{error:#}"))
    }
}

const EXPORT: &str =
    "export a key with `gpg --export-secret-keys`, or a certificate with `gpg --export`";
const NEW_KEY: &str = "make an Ed25519 or RSA key with `tfadir key generate`";

/// Why a key cannot be read or cannot sign. A `String` alone is a fingerprint; the messages
/// contain nothing else from a key.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "names and messages say it")]
pub enum KeyError {
    #[error("{0} is empty\nhelp: {EXPORT}")]
    Empty(KeySource),
    #[error(
        "{0} is cut off: it has a `-----BEGIN PGP` line but no `-----END PGP` line\n\
         help: copy the whole file, with both lines and all line breaks"
    )]
    Truncated(KeySource),
    /// The library would decompress it without a limit.
    #[error("{0} contains compressed data, which is not a key\nhelp: {EXPORT}")]
    Compressed(KeySource),
    #[error(
        "{0} contains a signature but no key, like a revocation certificate\n\
         help: name the file of the key; gpg imports a revocation certificate next to its key"
    )]
    SignatureOnly(KeySource),
    #[error("{0} contains no OpenPGP key: {1}\nhelp: {EXPORT}")]
    NoKey(KeySource, String),
    /// Contains the number of the algorithm in the IANA registry.
    #[error("{0} has a key with the unknown public-key algorithm {1}\nhelp: {NEW_KEY}")]
    UnknownAlgorithm(String, u8),
    #[error(
        "{0} contains only a certificate, which cannot sign\n\
         help: export the secret key with `gpg --export-secret-keys`"
    )]
    PublicOnly(KeySource),
    /// The secret is on a smart card or in another export.
    #[error(
        "{0} does not contain the secret of the key {1}\n\
         help: export it with `gpg --export-secret-keys`, or choose another key with --key-id"
    )]
    SecretElsewhere(KeySource, String),
    /// Contains the fingerprints of their primary keys.
    #[error("{0} contains several keys: {1}\nhelp: choose one with --key-id or PGP_KEY_ID")]
    Ambiguous(KeySource, String),
    #[error(
        "`{0}` is not a fingerprint or key ID\n\
         help: give 40 or 16 hexadecimal digits, as shown by `gpg --list-keys --keyid-format long`"
    )]
    BadKeyId(String),
    #[error("{source_name} does not contain the key {key_id}\nhelp: it contains {fingerprints}")]
    NoSuchKey { source_name: KeySource, key_id: String, fingerprints: String },
    #[error(
        "the key {0} has version {1}, but most clients only verify signatures by keys of version 4\n\
         help: {NEW_KEY}"
    )]
    Version(String, u8),
    #[error(
        "the key {0} is not valid: its binding signature is not accepted: {1}\n\
         help: renew its self-signatures with a current version of GnuPG, or make a new key"
    )]
    Unreliable(String, String),
    #[error(
        "the key {0} was created after the time of signing\n\
         help: check the clock and SOURCE_DATE_EPOCH"
    )]
    NotYetMade(String),
    #[error(
        "the key {0} has expired\n\
         help: extend it with `gpg --quick-set-expire {0} 1y` and export it again"
    )]
    Expired(String),
    #[error("the key {0} has been revoked\nhelp: sign with its successor")]
    Revoked(String),
    #[error(
        "the key {0} cannot sign data\n\
         help: choose a key with the signing capability (`S` in gpg's list) with --key-id"
    )]
    CannotSign(String),
    #[error(
        "the key {0} needs a passphrase\n\
         help: set PGP_PASSWORD, or name a file that contains it with --password-file"
    )]
    NoPassphrase(String),
    #[error(
        "wrong passphrase for the key {0}\n\
         help: check PGP_PASSWORD or the file given with --password-file"
    )]
    WrongPassphrase(String),
    #[error(transparent)]
    Library(#[from] LibraryError),
}
