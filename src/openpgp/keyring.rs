//! Bytes of a file into certificates, and what is said where there are none.

use sequoia_openpgp::Cert;
use sequoia_openpgp::anyhow;
use sequoia_openpgp::cert::CertParser;
use sequoia_openpgp::parse::Parse;

use super::key::KeySource;

/// Why something holds no certificate that can be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// No bytes at all.
    #[error(
        "{0} is empty\n\
         help: it must hold an OpenPGP key, as `gpg --export-secret-keys` or `gpg --export` writes it"
    )]
    Empty(KeySource),
    /// No OpenPGP key.
    #[error(
        "{source_name} holds no OpenPGP key: {reason}\n\
         help: it must hold one as `gpg --export-secret-keys` or `gpg --export` writes it"
    )]
    NoKey {
        /// Where the key should have come from.
        source_name: KeySource,
        /// What the parser said.
        reason: String,
    },
}

/// The certificates that some bytes hold, armored or binary, with the secrets that are there.
/// Several may follow one another, also as armored blocks. There is at least one.
///
/// # Errors
///
/// [`KeyringError`] says what there is instead.
pub(super) fn parse(source: &KeySource, bytes: &[u8]) -> Result<Vec<Cert>, KeyringError> {
    if bytes.trim_ascii().is_empty() {
        return Err(KeyringError::Empty(source.clone()));
    }
    let no_key = |error: anyhow::Error| KeyringError::NoKey {
        source_name: source.clone(),
        reason: error.to_string(),
    };
    let certs: Vec<Cert> =
        CertParser::from_bytes(bytes).map_err(no_key)?.collect::<Result<_, _>>().map_err(no_key)?;
    match certs.is_empty() {
        true => Err(KeyringError::Empty(source.clone())),
        false => Ok(certs),
    }
}
