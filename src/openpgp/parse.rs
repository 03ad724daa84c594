//! Reads signature files strictly: nothing before, between or after what is signed.
//!
//! Files are untrusted. Anything but the two kinds, each in its only accepted form, is refused
//! before any signature is verified.

use std::borrow::Cow;
use std::io::Read;

use flate2::bufread::{DeflateDecoder, ZlibDecoder};
use sequoia_openpgp::packet::header::BodyLength;
use sequoia_openpgp::packet::{OnePassSig, Signature, Tag};
use sequoia_openpgp::parse::{PacketParserBuilder, PacketParserResult, Parse};
use sequoia_openpgp::types::{CompressionAlgorithm, HashAlgorithm, SignatureType};
use sequoia_openpgp::{Packet, armor};

use super::signatures::Signatures;
use crate::failure::{Failure, fail};
use crate::text::size;

/// A roll-over has two signatures; each takes time to verify.
const MAX_PACKETS: usize = 32;

/// A signature file of either kind, told apart by its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// Signatures without the data.
    Detached(Signatures),
    /// The signatures and the data.
    Message(Signatures, Vec<u8>),
}

/// A file is not a signature of the required form. The messages follow the file name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "names and messages say it")]
pub enum FormError {
    #[error("is not an OpenPGP signature, or is cut off: {0}")]
    Malformed(String),
    #[error("{0}")]
    Refused(String),
}

impl From<Failure> for FormError {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure.message)
    }
}

impl FormError {
    #[expect(clippy::needless_pass_by_value, reason = "map_err gives values")]
    fn malformed(error: impl ToString) -> Self {
        Self::Malformed(error.to_string())
    }

    /// The data of a signature is larger than `max_size`; `verb` tells whether it is in the file.
    pub(crate) fn too_large(verb: &str, max_size: usize) -> Self {
        let max_size = size(max_size);
        Self::Refused(format!(
            "{verb} more than {max_size} of data; --max-size allows more"
        ))
    }
}

const EMPTY: &str = "is empty";
const PARTIAL: &str = "has partial body lengths, which clients of this API cannot read";
const TRAILER: &str = "contains more than the signed data and its signatures";
const COMPRESSION: &str = "uses compression that tfadir does not read";

impl Signed {
    /// Reads a signature file, binary or ASCII-armored. A message may contain up to `max_size`
    /// bytes of data.
    ///
    /// # Errors
    ///
    /// [`FormError`] for anything that is not exactly one of the two kinds.
    pub fn read(bytes: &[u8], max_size: usize) -> Result<Self, FormError> {
        if bytes.is_empty() {
            fail!("{EMPTY}");
        }
        if bytes
            .trim_ascii_start()
            .starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----")
        {
            fail!("is a cleartext signature, but must be a detached signature or a signed message");
        }
        let bytes = dearmored(bytes)?;
        let outer = match compressed(&bytes)? {
            Some((algorithm, body)) => packets(&inflate(algorithm, body, max_size)?)?,
            None => packets(&bytes)?,
        };
        let signed = match outer.first() {
            Some(Packet::Signature(_)) => Self::Detached(Signatures(detached(outer)?)),
            _ => message(outer, max_size)?,
        };
        let (Self::Detached(signatures) | Self::Message(signatures, _)) = &signed;
        signatures.0.iter().try_for_each(acceptable)?;
        Ok(signed)
    }
}

/// Removes ASCII armor (RFC 9580, section 6), if there is any.
fn dearmored(bytes: &[u8]) -> Result<Cow<'_, [u8]>, FormError> {
    // Every packet begins with the highest bit set, and no text does.
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        return Ok(Cow::Borrowed(bytes));
    }
    let text = bytes.trim_ascii();
    let blocks = text
        .windows(ARMOR.len())
        .filter(|window| *window == ARMOR)
        .count();
    if blocks > 1 || (blocks == 1 && !(text.starts_with(ARMOR) && text.ends_with(b"-----"))) {
        fail!("{TRAILER}");
    }
    let mut binary = Vec::new();
    let mut reader = armor::Reader::from_bytes(text, armor::ReaderMode::Tolerant(None));
    reader
        .read_to_end(&mut binary)
        .map_err(FormError::malformed)?;
    Ok(Cow::Owned(binary))
}

const ARMOR: &[u8] = b"-----BEGIN PGP";

/// The algorithm and the compressed body, if the bytes are one compressed packet. The library would
/// decompress it without a limit, and ignore what follows the compressed data.
fn compressed(bytes: &[u8]) -> Result<Option<(CompressionAlgorithm, &[u8])>, FormError> {
    let parsed = PacketParserBuilder::from_bytes(bytes)
        .and_then(|builder| builder.automatic_hashing(false).build());
    let PacketParserResult::Some(parser) = parsed.map_err(FormError::malformed)? else {
        fail!("{EMPTY}");
    };
    if parser.header().ctb().tag() != Tag::CompressedData {
        return Ok(None);
    }
    let body = match *parser.header().length() {
        // Old-format packets of indeterminate length have a header of one byte.
        BodyLength::Indeterminate => bytes.get(1..),
        BodyLength::Full(length) => body(bytes, length as usize)?,
        BodyLength::Partial(_) => fail!("{PARTIAL}"),
    };
    let Some((algorithm, body)) = body.and_then(<[u8]>::split_first) else {
        fail!("{EMPTY}");
    };
    Ok(Some((CompressionAlgorithm::from(*algorithm), body)))
}

/// The body of the first packet, which must be the only one. The length of its header follows from
/// its first two bytes (RFC 9580, section 4.2).
fn body(bytes: &[u8], length: usize) -> Result<Option<&[u8]>, FormError> {
    let header = match bytes {
        [0xc0..=0xff, 255, ..] => 6,
        [0xc0..=0xff, 192..=223, ..] => 3,
        [0xc0..=0xff, ..] => 2,
        [first, ..] => 1 + (1 << (first & 3)),
        [] => 0,
    };
    match bytes.len().checked_sub(header + length) {
        Some(0) => Ok(bytes.get(header..)),
        Some(_) => fail!("{TRAILER}"),
        None => Err(FormError::malformed("unexpected end")),
    }
}

fn packets(bytes: &[u8]) -> Result<Vec<Packet>, FormError> {
    let limit = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut packets = Vec::new();
    let mut parsed = PacketParserBuilder::from_bytes(bytes)
        .map_err(FormError::malformed)?
        .max_packet_size(limit)
        .buffer_unread_content()
        .automatic_hashing(false)
        .build()
        .map_err(FormError::malformed)?;
    while let PacketParserResult::Some(parser) = parsed {
        if matches!(parser.header().length(), BodyLength::Partial(_)) {
            fail!("{PARTIAL}");
        }
        if parser.header().ctb().tag() == Tag::CompressedData {
            fail!("{COMPRESSION}: compressed data among other data");
        }
        let (packet, next) = parser.next().map_err(FormError::malformed)?;
        if let Packet::Unknown(unknown) = &packet {
            return Err(FormError::malformed(unknown.error()));
        }
        if let Some(other) = foreign(&packet) {
            fail!("contains {other} instead of a signature");
        }
        if packets.len() == MAX_PACKETS {
            fail!("contains more than {MAX_PACKETS} packets");
        }
        packets.push(packet);
        parsed = next;
    }
    Ok(packets)
}

/// What a packet is, if it does not belong in a signature file.
fn foreign(packet: &Packet) -> Option<&'static str> {
    match packet {
        Packet::PublicKey(_) | Packet::PublicSubkey(_) => Some("a public key"),
        Packet::SecretKey(_) | Packet::SecretSubkey(_) => Some("a secret key"),
        Packet::SEIP(_) | Packet::PKESK(_) | Packet::SKESK(_) => Some("encrypted data"),
        _ => None,
    }
}

fn inflate(
    algorithm: CompressionAlgorithm,
    mut body: &[u8],
    max_size: usize,
) -> Result<Vec<u8>, FormError> {
    // Signatures and names take some space in addition to the data.
    let limit = (max_size as u64).saturating_add(64 * 1024);
    let mut inflated = Vec::new();
    // A decoder of a buffered source takes no more of it than it uses.
    let mut decoder: Box<dyn Read + '_> = match algorithm {
        CompressionAlgorithm::Uncompressed => return Ok(body.to_vec()),
        CompressionAlgorithm::Zip => Box::new(DeflateDecoder::new(&mut body)),
        CompressionAlgorithm::Zlib => Box::new(ZlibDecoder::new(&mut body)),
        _ => fail!("{COMPRESSION}: write it with `--compress-algo zip`"),
    };
    let read = decoder.by_ref().take(limit + 1).read_to_end(&mut inflated);
    drop(decoder);
    read.map_err(FormError::malformed)?;
    if inflated.len() as u64 > limit {
        return Err(FormError::too_large("contains", max_size));
    }
    if !body.is_empty() {
        fail!("{TRAILER}");
    }
    Ok(inflated)
}

fn detached(packets: Vec<Packet>) -> Result<Vec<Signature>, FormError> {
    let mut signatures = Vec::with_capacity(packets.len());
    for packet in packets {
        let Packet::Signature(signature) = packet else {
            fail!("{TRAILER}");
        };
        signatures.push(signature);
    }
    Ok(signatures)
}

/// One-pass signatures, one literal packet, and as many signatures in reverse order (RFC 9580,
/// section 10.3).
fn message(packets: Vec<Packet>, max_size: usize) -> Result<Signed, FormError> {
    let literals = packets
        .iter()
        .filter(|packet| matches!(packet, Packet::Literal(_)))
        .count();
    if literals > 1 {
        fail!("contains several pieces of data, but must contain one");
    }
    let mut rest = packets.into_iter();
    let mut one_passes = Vec::new();
    let literal = loop {
        match rest.next() {
            Some(Packet::OnePassSig(one_pass)) => one_passes.push(one_pass),
            Some(Packet::Literal(literal)) => break literal,
            Some(_) => fail!("{TRAILER}"),
            None => return Err(FormError::malformed("it contains no data")),
        }
    };
    let mut signatures = detached(rest.collect())?;
    signatures.reverse();
    if one_passes.is_empty() && signatures.is_empty() {
        fail!("contains data without a signature");
    }
    if !are_matching(&one_passes, &signatures) {
        fail!("has one-pass signature packets that do not match its signatures");
    }
    let data = literal.body().to_vec();
    if data.len() > max_size {
        return Err(FormError::too_large("contains", max_size));
    }
    Ok(Signed::Message(Signatures(signatures), data))
}

fn are_matching(one_passes: &[OnePassSig], signatures: &[Signature]) -> bool {
    if one_passes.len() != signatures.len() {
        return false;
    }
    for (index, (one_pass, signature)) in one_passes.iter().zip(signatures).enumerate() {
        let is_last = index + 1 == one_passes.len();
        if one_pass.last() != is_last || !matches_signature(one_pass, signature) {
            return false;
        }
    }
    true
}

fn matches_signature(one_pass: &OnePassSig, signature: &Signature) -> bool {
    one_pass.hash_algo() == signature.hash_algo()
        && one_pass.typ() == signature.typ()
        && one_pass.pk_algo() == signature.pk_algo()
        && signature
            .get_issuers()
            .iter()
            .any(|issuer| issuer.aliases(one_pass.issuer()))
}

fn acceptable(signature: &Signature) -> Result<(), FormError> {
    let version = signature.version();
    if version != 4 {
        fail!(
            "has a signature of version {version}, but GnuPG and most other clients only read version \
             4"
        );
    }
    let kind = signature.typ();
    if kind != SignatureType::Binary {
        fail!("contains a signature over something other than a file's bytes: {kind}");
    }
    match signature.hash_algo() {
        HashAlgorithm::SHA256
        | HashAlgorithm::SHA384
        | HashAlgorithm::SHA512
        | HashAlgorithm::SHA3_256
        | HashAlgorithm::SHA3_512 => Ok(()),
        weak => fail!("uses the insecure hash {weak}"),
    }
}
