//! Reads signature files strictly: nothing before, between or after what is signed.
//!
//! Files are untrusted. Anything but the two kinds, each in its only accepted form, is refused
//! before any signature is verified.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{DeflateDecoder, ZlibDecoder};
use sequoia_openpgp::packet::header::BodyLength;
use sequoia_openpgp::packet::{OnePassSig, Signature, Tag};
use sequoia_openpgp::parse::{PacketParserBuilder, PacketParserResult, Parse};
use sequoia_openpgp::types::{CompressionAlgorithm, HashAlgorithm, SignatureType};
use sequoia_openpgp::{Packet, anyhow, armor};

use super::signatures::Signatures;
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
    #[error("is empty")]
    Empty,
    #[error("is not an OpenPGP signature, or is cut off: {0}")]
    Malformed(String),
    #[error("is a cleartext signature, but must be a detached signature or a signed message")]
    Cleartext,
    #[error("contains {0} instead of a signature")]
    Other(&'static str),
    #[error("contains data without a signature")]
    Unsigned,
    #[error("contains several pieces of data, but must contain one")]
    SeveralLiterals,
    #[error("contains more than the signed data and its signatures")]
    Trailer,
    /// One-pass signatures and signatures differ.
    #[error("has one-pass signature packets that do not match its signatures")]
    Mismatch,
    #[error("uses compression that tfadir does not read: {0}")]
    Compression(&'static str),
    #[error("contains more than {MAX_PACKETS} packets")]
    TooMany,
    #[error("has partial body lengths, which clients of this API cannot read")]
    Partial,
    #[error("contains more than {} of data; --max-size allows more", size(*.0))]
    TooLarge(usize),
    /// The file next to a detached signature.
    #[error("signs more than {} of data; --max-size allows more", size(*.0))]
    DataTooLarge(usize),
    #[error("uses the insecure hash {0}")]
    WeakHash(String),
    #[error("contains a signature over something other than a file's bytes: {0}")]
    Kind(String),
}

impl Signed {
    /// Reads a signature file, binary or ASCII-armored. A message may contain up to `max_size`
    /// bytes of data.
    ///
    /// # Errors
    ///
    /// [`FormError`] for anything that is not exactly one of the two kinds.
    pub fn read(bytes: &[u8], max_size: usize) -> Result<Self, FormError> {
        if bytes.is_empty() {
            return Err(FormError::Empty);
        }
        if bytes.trim_ascii_start().starts_with(b"-----BEGIN PGP SIGNED MESSAGE-----") {
            return Err(FormError::Cleartext);
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

    pub(crate) fn into_signatures(self) -> Signatures {
        let (Self::Detached(signatures) | Self::Message(signatures, _)) = self;
        signatures
    }
}

/// Removes ASCII armor (RFC 9580, section 6), if there is any.
fn dearmored(bytes: &[u8]) -> Result<Cow<'_, [u8]>, FormError> {
    // Every packet begins with the highest bit set, and no text does.
    if bytes.first().is_some_and(|first| first & 0x80 != 0) {
        return Ok(Cow::Borrowed(bytes));
    }
    let text = bytes.trim_ascii();
    let blocks = text.windows(ARMOR.len()).filter(|window| *window == ARMOR).count();
    if blocks > 1 || (blocks == 1 && !(text.starts_with(ARMOR) && text.ends_with(b"-----"))) {
        return Err(FormError::Trailer);
    }
    let mut binary = Vec::new();
    let mut reader = armor::Reader::from_bytes(text, armor::ReaderMode::Tolerant(None));
    let read = reader.read_to_end(&mut binary);
    read.map_err(|error| FormError::Malformed(error.to_string()))?;
    Ok(Cow::Owned(binary))
}

const ARMOR: &[u8] = b"-----BEGIN PGP";

/// The algorithm and the compressed body, if the bytes are one compressed packet. The library would
/// decompress it without a limit, and ignore what follows the compressed data.
fn compressed(bytes: &[u8]) -> Result<Option<(CompressionAlgorithm, &[u8])>, FormError> {
    let malformed = |error: anyhow::Error| FormError::Malformed(error.to_string());
    let parsed = PacketParserBuilder::from_bytes(bytes)
        .and_then(|builder| builder.automatic_hashing(false).build())
        .map_err(malformed)?;
    let PacketParserResult::Some(parser) = parsed else {
        return Err(FormError::Empty);
    };
    if parser.header().ctb().tag() != Tag::CompressedData {
        return Ok(None);
    }
    let body = match *parser.header().length() {
        // Old-format packets of indeterminate length have a header of one byte.
        BodyLength::Indeterminate => bytes.get(1..),
        BodyLength::Full(length) => body(bytes, length as usize)?,
        BodyLength::Partial(_) => return Err(FormError::Partial),
    };
    let (algorithm, body) = body.and_then(<[u8]>::split_first).ok_or(FormError::Empty)?;
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
        Some(_) => Err(FormError::Trailer),
        None => Err(FormError::Malformed("unexpected end".to_owned())),
    }
}

fn packets(bytes: &[u8]) -> Result<Vec<Packet>, FormError> {
    try_packets(bytes).map_err(|error| match error.downcast() {
        Ok(error) => error,
        Err(error) => FormError::Malformed(error.to_string()),
    })
}

fn try_packets(bytes: &[u8]) -> anyhow::Result<Vec<Packet>> {
    let limit = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut packets = Vec::new();
    let mut parsed = PacketParserBuilder::from_bytes(bytes)?
        .max_packet_size(limit)
        .buffer_unread_content()
        .automatic_hashing(false)
        .build()?;
    while let PacketParserResult::Some(parser) = parsed {
        if matches!(parser.header().length(), BodyLength::Partial(_)) {
            return Err(FormError::Partial.into());
        }
        if parser.header().ctb().tag() == Tag::CompressedData {
            return Err(FormError::Compression("compressed data among other data").into());
        }
        let (packet, next) = parser.next()?;
        if let Packet::Unknown(unknown) = &packet {
            anyhow::bail!("{}", unknown.error());
        }
        if let Some(other) = foreign(&packet) {
            return Err(FormError::Other(other).into());
        }
        if packets.len() == MAX_PACKETS {
            return Err(FormError::TooMany.into());
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
    body: &[u8],
    max_size: usize,
) -> Result<Vec<u8>, FormError> {
    // Signatures and names take some space in addition to the data.
    let limit = (max_size as u64).saturating_add(64 * 1024);
    let mut inflated = Vec::new();
    let used = match algorithm {
        CompressionAlgorithm::Uncompressed => return Ok(body.to_vec()),
        CompressionAlgorithm::Zip => {
            let mut decoder = DeflateDecoder::new(body);
            (&mut decoder).take(limit + 1).read_to_end(&mut inflated).map(|_| decoder.total_in())
        }
        CompressionAlgorithm::Zlib => {
            let mut decoder = ZlibDecoder::new(body);
            (&mut decoder).take(limit + 1).read_to_end(&mut inflated).map(|_| decoder.total_in())
        }
        _ => return Err(FormError::Compression("write it with `--compress-algo zip`")),
    };
    let used = used.map_err(|error| FormError::Malformed(error.to_string()))?;
    if inflated.len() as u64 > limit {
        return Err(FormError::TooLarge(max_size));
    }
    if used != body.len() as u64 {
        return Err(FormError::Trailer);
    }
    Ok(inflated)
}

fn detached(packets: Vec<Packet>) -> Result<Vec<Signature>, FormError> {
    let signature = |packet| match packet {
        Packet::Signature(signature) => Ok(signature),
        _ => Err(FormError::Trailer),
    };
    packets.into_iter().map(signature).collect()
}

/// One-pass signatures, one literal packet, and as many signatures in reverse order (RFC 9580,
/// section 10.3).
fn message(packets: Vec<Packet>, max_size: usize) -> Result<Signed, FormError> {
    let literals = packets.iter().filter(|packet| matches!(packet, Packet::Literal(_))).count();
    if literals > 1 {
        return Err(FormError::SeveralLiterals);
    }
    let mut packets = packets.into_iter();
    let mut one_passes = Vec::new();
    let literal = loop {
        match packets.next() {
            Some(Packet::OnePassSig(one_pass)) => one_passes.push(one_pass),
            Some(Packet::Literal(literal)) => break literal,
            Some(_) => return Err(FormError::Trailer),
            None => return Err(FormError::Malformed("it contains no data".to_owned())),
        }
    };
    let mut signatures = detached(packets.collect())?;
    signatures.reverse();
    if one_passes.is_empty() && signatures.is_empty() {
        return Err(FormError::Unsigned);
    }
    let is_last = |index| index + 1 == one_passes.len();
    let are_matching = one_passes.len() == signatures.len()
        && one_passes.iter().zip(&signatures).enumerate().all(|(index, (one_pass, signature))| {
            one_pass.last() == is_last(index) && matches_signature(one_pass, signature)
        });
    if !are_matching {
        return Err(FormError::Mismatch);
    }
    let data = literal.body().to_vec();
    if data.len() > max_size {
        return Err(FormError::TooLarge(max_size));
    }
    Ok(Signed::Message(Signatures(signatures), data))
}

fn matches_signature(one_pass: &OnePassSig, signature: &Signature) -> bool {
    one_pass.hash_algo() == signature.hash_algo()
        && one_pass.typ() == signature.typ()
        && one_pass.pk_algo() == signature.pk_algo()
        && signature.get_issuers().iter().any(|issuer| issuer.aliases(one_pass.issuer()))
}

fn acceptable(signature: &Signature) -> Result<(), FormError> {
    if signature.typ() != SignatureType::Binary {
        return Err(FormError::Kind(signature.typ().to_string()));
    }
    match signature.hash_algo() {
        HashAlgorithm::SHA256
        | HashAlgorithm::SHA384
        | HashAlgorithm::SHA512
        | HashAlgorithm::SHA3_256
        | HashAlgorithm::SHA3_512 => Ok(()),
        weak => Err(FormError::WeakHash(weak.to_string())),
    }
}
