//! Reading what a signature file holds, strictly: nothing before, between or behind what is signed.
//!
//! Files come from strangers. What is not one of the two kinds, in the one form that each has, is
//! refused before any signature is looked at.

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

/// How many packets a file may hold. A roll-over has two signatures; each takes time to verify.
const MAX_PACKETS: usize = 32;

/// What a signature file holds, told apart by its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// Signatures alone.
    Detached(Signatures),
    /// A signed message: signatures with the data that they are over.
    Message(Signatures, Vec<u8>),
}

/// A file is no signature, or none of the form that it must have. The texts go on after its name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum FormError {
    /// No bytes at all.
    #[error("is empty")]
    Empty,
    /// No OpenPGP data, or a part of it.
    #[error("is no OpenPGP signature, or only a part of one: {0}")]
    Malformed(String),
    /// Readable text with a signature in it.
    #[error(
        "is a text with a signature in it, which is neither a detached signature nor a signed message"
    )]
    Cleartext,
    /// Other OpenPGP data.
    #[error("holds {0} where a signature is expected")]
    Other(&'static str),
    /// Data, but nothing that signs it.
    #[error("holds data without a signature")]
    Unsigned,
    /// More than one file in one message.
    #[error("holds several pieces of data, of which only one can be signed")]
    SeveralLiterals,
    /// Something behind the signed data.
    #[error("holds something besides the signed data and its signatures")]
    Trailer,
    /// The discovery of signatures and the signatures differ.
    #[error("announces other signatures than it holds")]
    Mismatch,
    /// Compressed in compressed data, or in a form that nobody needs.
    #[error("is compressed in a way that tfadir does not read: {0}")]
    Compression(&'static str),
    /// More than anybody needs.
    #[error("holds more than {MAX_PACKETS} packets, which no signature file needs")]
    TooMany,
    /// Packets without a known length.
    #[error("is written in pieces (partial body lengths), which clients of this API cannot read")]
    Partial,
    /// More data than allowed.
    #[error("holds more than {} of data (--max-size allows more)", size(*.0))]
    TooLarge(usize),
    /// The file beside a detached signature has more data than allowed.
    #[error("signs more than {} of data (--max-size allows more)", size(*.0))]
    DataTooLarge(usize),
    /// A hash that can be forged.
    #[error("is made with {0}, which is not secure any more")]
    WeakHash(String),
    /// A signature over text, over a key, or the like.
    #[error("holds a signature that is not over the bytes of a file: {0}")]
    Kind(String),
}

impl Signed {
    /// Reads a signature file, binary or ASCII-armored. A message may hold up to `max_size` bytes
    /// of data.
    ///
    /// # Errors
    ///
    /// [`FormError`] for whatever is not exactly one of the two kinds.
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

    /// The signatures of either kind.
    pub(crate) fn into_signatures(self) -> Signatures {
        let (Self::Detached(signatures) | Self::Message(signatures, _)) = self;
        signatures
    }
}

/// Bytes without the ASCII armor (RFC 9580, section 6) that they may be in.
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
/// inflate it without a limit, and pass over what stands behind the compressed data.
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

/// The body of the first packet, which must be the only one. How long its header is follows from its
/// first two bytes (RFC 9580, section 4.2).
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
        None => Err(FormError::Malformed("it is cut off".to_owned())),
    }
}

/// All packets of some bytes.
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

/// What a packet is, if it has no location in a signature file.
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
    // Signatures and names take some room besides the data.
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
    let mut announced = Vec::new();
    let literal = loop {
        match packets.next() {
            Some(Packet::OnePassSig(one_pass)) => announced.push(one_pass),
            Some(Packet::Literal(literal)) => break literal,
            Some(_) => return Err(FormError::Trailer),
            None => return Err(FormError::Malformed("there is no data in it".to_owned())),
        }
    };
    let mut signatures = detached(packets.collect())?;
    signatures.reverse();
    if announced.is_empty() && signatures.is_empty() {
        return Err(FormError::Unsigned);
    }
    let is_last = |index| index + 1 == announced.len();
    let are_matching = announced.len() == signatures.len()
        && announced.iter().zip(&signatures).enumerate().all(|(index, (one_pass, signature))| {
            one_pass.last() == is_last(index) && announces(one_pass, signature)
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

fn announces(one_pass: &OnePassSig, signature: &Signature) -> bool {
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
