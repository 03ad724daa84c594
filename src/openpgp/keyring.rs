//! Bytes of a file into certificates, and what is said where there are none.

use sequoia_openpgp::cert::CertParser;
use sequoia_openpgp::packet::Tag;
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp::types::PublicKeyAlgorithm;
use sequoia_openpgp::{Cert, Packet, anyhow};

use super::key_error::KeySource;

/// Why something holds no certificate that can be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// No bytes at all.
    #[error(
        "{0} is empty\n\
         help: it must hold an OpenPGP key, as `gpg --export-secret-keys` or `gpg --export` writes it"
    )]
    Empty(KeySource),
    /// An armored block that has no end.
    #[error(
        "{0} is cut off: it has a line `-----BEGIN PGP` and no line `-----END PGP`\n\
         help: copy the whole file, with both lines and all line breaks"
    )]
    Truncated(KeySource),
    /// Compressed data, which the library would inflate without a limit.
    #[error(
        "{0} holds compressed data, which no key is\n\
         help: it must hold a key as `gpg --export-secret-keys` or `gpg --export` writes it"
    )]
    Compressed(KeySource),
    /// A revocation certificate, or another signature, without the key.
    #[error(
        "{0} holds a signature and no key, as a revocation certificate does\n\
         help: name the file of the key; gpg imports a revocation certificate beside its key"
    )]
    SignatureOnly(KeySource),
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
    /// A key that the library cannot take apart, since its algorithm is unknown.
    #[error(
        "{source_name} holds a key of the public-key algorithm {algorithm}, which is unknown here\n\
         help: make a key of Ed25519 or RSA, as `tfadir key generate` does"
    )]
    UnknownAlgorithm {
        /// Where the key came from.
        source_name: KeySource,
        /// The algorithm's number, as IANA registers it.
        algorithm: u8,
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
    if is_truncated(bytes) {
        return Err(KeyringError::Truncated(source.clone()));
    }
    if is_compressed(bytes) {
        return Err(KeyringError::Compressed(source.clone()));
    }
    if is_signature(bytes) {
        return Err(KeyringError::SignatureOnly(source.clone()));
    }
    let no_key = |error: anyhow::Error| match unknown_algorithm(bytes) {
        Some(algorithm) => {
            KeyringError::UnknownAlgorithm { source_name: source.clone(), algorithm }
        }
        None => KeyringError::NoKey { source_name: source.clone(), reason: one_line(&error) },
    };
    let certs: Vec<Cert> =
        CertParser::from_bytes(bytes).map_err(no_key)?.collect::<Result<_, _>>().map_err(no_key)?;
    match certs.is_empty() {
        true => Err(KeyringError::Empty(source.clone())),
        false => Ok(certs),
    }
}

/// Whether an armored block begins and does not end. The library would take what is there.
fn is_truncated(bytes: &[u8]) -> bool {
    let ends_with = |mark: &[u8]| bytes.windows(mark.len()).rposition(|window| window == mark);
    match (ends_with(b"-----BEGIN PGP "), ends_with(b"-----END PGP ")) {
        (Some(begin), Some(end)) => begin > end,
        (begin, _) => begin.is_some(),
    }
}

/// Whether a signature comes first, where a key has to.
fn is_signature(bytes: &[u8]) -> bool {
    let first = PacketParser::from_bytes(bytes);
    matches!(first, Ok(PacketParserResult::Some(parser)) if parser.header().ctb().tag() == Tag::Signature)
}

/// Whether compressed data is among the packets, in whichever armored block.
fn is_compressed(bytes: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN PGP ";
    let is_begin = |at: &usize| bytes.get(*at..).is_some_and(|rest| rest.starts_with(BEGIN));
    let begins = (1..bytes.len()).filter(is_begin);
    let holds_it = |block: &[u8]| {
        let mut next = PacketParser::from_bytes(block).ok()?;
        while let PacketParserResult::Some(parser) = next {
            if parser.header().ctb().tag() == Tag::CompressedData {
                return Some(());
            }
            next = parser.next().ok()?.1;
        }
        None
    };
    [0].into_iter().chain(begins).filter_map(|at| bytes.get(at..)).any(|it| holds_it(it).is_some())
}

/// The first public-key algorithm of a key that the library does not know. Where it cannot tell
/// the parts of such a key, it leaves the packet as it is: the algorithm's number stands behind a
/// byte for the version and four for the time (RFC 9580, section 5.5.2).
fn unknown_algorithm(bytes: &[u8]) -> Option<u8> {
    let mut next = PacketParser::from_bytes(bytes).ok()?;
    while let PacketParserResult::Some(mut parser) = next {
        parser.buffer_unread_content().ok()?;
        let algorithm = match &parser.packet {
            Packet::PublicKey(key) => Some(key.pk_algo()),
            Packet::SecretKey(key) => Some(key.pk_algo()),
            Packet::PublicSubkey(key) => Some(key.pk_algo()),
            Packet::SecretSubkey(key) => Some(key.pk_algo()),
            Packet::Unknown(packet) if KEYS.contains(&packet.tag()) => {
                packet.body().get(5).map(|number| PublicKeyAlgorithm::from(*number))
            }
            _ => None,
        };
        if let Some(algorithm) = algorithm.filter(|it| is_unknown(*it)) {
            return Some(algorithm.into());
        }
        next = parser.next().ok()?.1;
    }
    None
}

const KEYS: [Tag; 4] = [Tag::PublicKey, Tag::SecretKey, Tag::PublicSubkey, Tag::SecretSubkey];

/// Whether the library does not know a public-key algorithm.
pub(super) fn is_unknown(algorithm: PublicKeyAlgorithm) -> bool {
    matches!(algorithm, PublicKeyAlgorithm::Private(_) | PublicKeyAlgorithm::Unknown(_))
}

/// An error with its causes, on one line.
fn one_line(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// What lies behind an error. Of a signature that is not accepted it is the reason, such as SHA-1,
/// without the kinds of signatures that policies distinguish.
pub(super) fn cause(error: &anyhow::Error) -> String {
    error.root_cause().to_string()
}
