//! Reads the certificates in the bytes of a file.

use std::collections::HashMap;
use std::iter;

use sequoia_openpgp::cert::CertParser;
use sequoia_openpgp::packet::Tag;
use sequoia_openpgp::parse::{PacketParser, PacketParserResult, Parse};
use sequoia_openpgp::types::PublicKeyAlgorithm;
use sequoia_openpgp::{Cert, Fingerprint, Packet};

use super::LibraryError;
use crate::failure::{Result, fail};

const EXPORT: &str =
    "export a key with `gpg --export-secret-keys`, or a certificate with `gpg --export`";
const COPY_ALL: &str = "copy the whole file, with both lines and all line breaks";
pub(super) const NEW_KEY: &str = "generate an Ed25519 or RSA key with `tfadir key generate`";

/// The certificates in some bytes, armored or binary, with any secrets. Several certificates or
/// armored blocks may follow one another; copies with the same fingerprint are merged. The result
/// is not empty.
pub(super) fn parse(source: &str, bytes: &[u8]) -> Result<Vec<Cert>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if is_truncated(bytes) {
        fail!(
            "`{source}` is cut off: it has a `-----BEGIN PGP` line but no `-----END PGP` line\n\
             {COPY_ALL}"
        );
    }
    // The library would inflate it without a limit.
    if blocks(bytes).any(is_compressed) {
        fail!("`{source}` contains compressed data, which is not a key"; help: "{EXPORT}");
    }
    if is_signature(bytes) {
        fail!(
            "`{source}` contains a signature but no key, like a revocation certificate";
            help: "pass the file of the key; gpg imports a revocation certificate next to its key"
        );
    }
    let certs = CertParser::from_bytes(bytes).and_then(Iterator::collect::<Result<Vec<Cert>, _>>);
    match certs {
        _ if bytes.trim_ascii().is_empty() => fail!("`{source}` is empty"; help: "{EXPORT}"),
        Ok(certs) if certs.is_empty() => fail!("`{source}` is empty"; help: "{EXPORT}"),
        Ok(certs) => Ok(merged(certs)?),
        Err(error) => {
            if let Some(algorithm) = unknown_algorithm(bytes) {
                refuse_unknown(&format!("`{source}`"), algorithm)?;
            }
            if bytes.windows(BEGIN.len()).any(|window| window == BEGIN) {
                fail!("`{source}` contains a damaged OpenPGP key: {error:#}"; help: "{COPY_ALL}");
            }
            fail!("`{source}` contains no OpenPGP key: {error:#}"; help: "{EXPORT}")
        }
    }
}

/// Refuses a key with an algorithm that the library does not know, which is shown with its number,
/// as IANA registers it.
pub(super) fn refuse_unknown(name: &str, algorithm: PublicKeyAlgorithm) -> Result<()> {
    if is_unknown(algorithm) {
        let number = u8::from(algorithm);
        fail!(
            "{name} has a key with the unknown public-key algorithm {number}";
            help: "{NEW_KEY}"
        );
    }
    Ok(())
}

/// Certificates with the copies of each merged into one, in the order of the first copies. A copy
/// may contain what another lacks: above all a revocation, or the secret.
pub(super) fn merged(certs: Vec<Cert>) -> Result<Vec<Cert>, LibraryError> {
    let mut indices: HashMap<Fingerprint, usize> = HashMap::new();
    let mut groups: Vec<Vec<Cert>> = Vec::new();
    for cert in certs {
        let index = *indices.entry(cert.fingerprint()).or_insert(groups.len());
        match groups.get_mut(index) {
            Some(copies) => copies.push(cert),
            None => groups.push(vec![cert]),
        }
    }
    let mut merged = Vec::with_capacity(groups.len());
    for copies in groups {
        merged.extend(merge(copies)?);
    }
    Ok(merged)
}

/// The copies of one certificate as one.
fn merge(mut copies: Vec<Cert>) -> Result<Option<Cert>, LibraryError> {
    // In pairs, so that thousands of copies do not take quadratic time.
    while copies.len() > 1 {
        let mut merged = Vec::new();
        let mut rest = copies.into_iter();
        while let Some(cert) = rest.next() {
            merged.push(match rest.next() {
                Some(other) => cert.merge_public_and_secret(other)?,
                None => cert,
            });
        }
        copies = merged;
    }
    Ok(copies.pop())
}

const BEGIN: &[u8] = b"-----BEGIN PGP ";

/// Whether the last armored block has no end. The library would accept the truncated block.
fn is_truncated(bytes: &[u8]) -> bool {
    // `None` is less than any position.
    last(bytes, BEGIN) > last(bytes, b"-----END PGP ")
}

/// Where a mark is in some bytes for the last time.
fn last(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).rposition(|window| window == mark)
}

/// Whether the first packet is a signature instead of a key.
fn is_signature(bytes: &[u8]) -> bool {
    let first = PacketParser::from_bytes(bytes);
    matches!(first, Ok(PacketParserResult::Some(parser)) if parser.header().ctb().tag() == Tag::Signature)
}

/// Everything, and then each armored block with what follows it up to the next one: no byte is in
/// more than two of these.
fn blocks(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let windows = bytes.windows(BEGIN.len()).enumerate();
    let mut begins = windows
        .filter(|(_, window)| *window == BEGIN)
        .map(|(at, _)| at)
        .peekable();
    let block = move || {
        let begin = begins.next()?;
        bytes.get(begin..begins.peek().copied().unwrap_or(bytes.len()))
    };
    iter::once(bytes).chain(iter::from_fn(block))
}

fn is_compressed(block: &[u8]) -> bool {
    any_packet(block, |parser| {
        (parser.header().ctb().tag() == Tag::CompressedData).then_some(())
    })
    .is_some()
}

/// The first public-key algorithm that the library does not know.
fn unknown_algorithm(bytes: &[u8]) -> Option<PublicKeyAlgorithm> {
    any_packet(bytes, |parser| {
        algorithm(parser).filter(|found| is_unknown(*found))
    })
}

/// The algorithm of a key. Where the library cannot split a key into its parts, the number follows
/// a byte for the version and four for the time (RFC 9580, section 5.5.2).
fn algorithm(parser: &mut PacketParser<'_>) -> Option<PublicKeyAlgorithm> {
    parser.buffer_unread_content().ok()?;
    match &parser.packet {
        Packet::PublicKey(key) => Some(key.pk_algo()),
        Packet::SecretKey(key) => Some(key.pk_algo()),
        Packet::PublicSubkey(key) => Some(key.pk_algo()),
        Packet::SecretSubkey(key) => Some(key.pk_algo()),
        Packet::Unknown(packet) if KEYS.contains(&packet.tag()) => {
            packet.body().get(5).copied().map(PublicKeyAlgorithm::from)
        }
        _ => None,
    }
}

const KEYS: [Tag; 4] = [
    Tag::PublicKey,
    Tag::SecretKey,
    Tag::PublicSubkey,
    Tag::SecretSubkey,
];

/// The first result for a packet of some bytes, as far as they can be parsed.
fn any_packet<T>(bytes: &[u8], find: impl Fn(&mut PacketParser<'_>) -> Option<T>) -> Option<T> {
    let mut next = PacketParser::from_bytes(bytes).ok()?;
    while let PacketParserResult::Some(mut parser) = next {
        if let Some(found) = find(&mut parser) {
            return Some(found);
        }
        next = parser.next().ok()?.1;
    }
    None
}

fn is_unknown(algorithm: PublicKeyAlgorithm) -> bool {
    matches!(
        algorithm,
        PublicKeyAlgorithm::Private(_) | PublicKeyAlgorithm::Unknown(_)
    )
}

/// The root of an error. For a signature that is not accepted, this is the reason, such as SHA-1,
/// without the kinds of signatures that policies distinguish.
pub(super) fn cause(error: &anyhow::Error) -> String {
    error.root_cause().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_searched_for_armor_at_most_twice() {
        let line = b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nwA==\n";
        let bytes = line.repeat(1000);
        let searched: usize = blocks(&bytes).map(<[u8]>::len).sum();
        assert_eq!((blocks(&bytes).count(), searched), (1001, 2 * bytes.len()));
    }
}
