//! The signatures over one file, and the two kinds of files in which they are published.

use std::time::SystemTime;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use sequoia_openpgp::packet::one_pass_sig::OnePassSig3;
use sequoia_openpgp::packet::{Body, CompressedData, Literal, OnePassSig, Signature};
use sequoia_openpgp::serialize::{MarshalInto, Serialize};
use sequoia_openpgp::types::{CompressionAlgorithm, DataFormat};
use sequoia_openpgp::{KeyID, Packet};

use super::LibraryError;
use super::signer::Signer;

/// Takes half the time of the default level; the files are 8% larger.
const COMPRESSION: Compression = Compression::new(4);

/// The signatures over the same bytes, one for each key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatures(pub(super) Vec<Signature>);

impl Signatures {
    /// The signatures of every signer over some bytes, in the order of the signers.
    pub(crate) fn make(
        signers: &[Box<dyn Signer>],
        bytes: &[u8],
        at: SystemTime,
    ) -> Result<Self, String> {
        signers
            .iter()
            .map(|signer| signer.sign(bytes, at))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether bytes are exactly the detached form of these signatures, and no byte can change
    /// without breaking a signature. Only the key ID of the signer may be unprotected.
    pub fn are_written_as(&self, bytes: &[u8]) -> bool {
        self.0.iter().all(is_fully_protected)
            && self.detached().is_ok_and(|expected| expected == bytes)
    }

    /// The detached signature, for `gpg --verify FILE.sig FILE`: binary, one packet for each key.
    pub(crate) fn detached(&self) -> Result<Vec<u8>, LibraryError> {
        let mut detached = Vec::new();
        for signature in &self.0 {
            Packet::from(signature.clone()).serialize(&mut detached)?;
        }
        Ok(detached)
    }

    /// The signed message, for `gpgv --output FILE FILE.gpg`, with the data and its file name.
    ///
    /// It has the layout of `gpg --sign`, because old clients parse it by hand (contract,
    /// section 5): a ZIP-compressed packet with a one-pass signature for each key, one literal
    /// packet in binary form, and the signatures, the last of which belongs to the first one-pass
    /// signature (RFC 9580, section 10.3). No packet has a partial body length. The same
    /// signatures over the same bytes give the same message.
    pub(crate) fn message(&self, file: &str, bytes: &[u8]) -> Result<Vec<u8>, LibraryError> {
        Ok(self.try_message(file, bytes)?)
    }

    fn try_message(&self, file: &str, bytes: &[u8]) -> anyhow::Result<Vec<u8>> {
        let mut deflated = DeflateEncoder::new(Vec::new(), COMPRESSION);
        for (index, signature) in self.0.iter().enumerate() {
            let mut one_pass = OnePassSig3::try_from(signature)?;
            one_pass.set_last(index + 1 == self.0.len());
            Packet::from(OnePassSig::from(one_pass)).serialize(&mut deflated)?;
        }
        let mut literal = Literal::new(DataFormat::Binary);
        literal.set_filename(file)?;
        literal.set_body(bytes.to_vec());
        Packet::from(literal).serialize(&mut deflated)?;
        for signature in self.0.iter().rev() {
            Packet::from(signature.clone()).serialize(&mut deflated)?;
        }
        let mut compressed = CompressedData::new(CompressionAlgorithm::Zip);
        compressed.set_body(Body::Unprocessed(deflated.finish()?));
        let mut message = Vec::new();
        Packet::from(compressed).serialize(&mut message)?;
        Ok(message)
    }
}

/// Whether the unprotected part of a signature is empty, or is the key ID that matches its
/// protected fingerprint (RFC 9580, sections 5.2.3.12 and 5.2.3.35).
pub(super) fn is_fully_protected(signature: &Signature) -> bool {
    let issuer = signature.issuer_fingerprints().next().map(KeyID::from);
    let hint = issuer.map(|id| [&[9, 16], id.as_bytes()].concat());
    match signature.unhashed_area().to_vec() {
        Ok(area) => area.is_empty() || Some(area) == hint,
        Err(_) => false,
    }
}
