//! Signing bytes, once for both kinds of signatures.

use std::time::SystemTime;

use flate2::Compression;
use flate2::write::DeflateEncoder;
use sequoia_openpgp::Packet;
use sequoia_openpgp::packet::one_pass_sig::OnePassSig3;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::{Body, CompressedData, Literal, OnePassSig, Signature};
use sequoia_openpgp::serialize::Serialize;
use sequoia_openpgp::types::{CompressionAlgorithm, DataFormat, HashAlgorithm, SignatureType};

use super::key::SigningKey;

/// Half the time of the default level, for files that are 8 % larger.
const COMPRESSION: Compression = Compression::new(4);

/// Both kinds of signatures over the same bytes, in binary form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signatures {
    /// The signature alone: what `gpg --verify FILE.sig FILE` takes.
    pub detached: Vec<u8>,
    /// A signed message that contains the bytes: what `gpgv --output FILE FILE.gpg` takes.
    pub inline: Vec<u8>,
}

/// A signature could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot sign `{file}`: {reason}")]
pub struct SignError {
    file: String,
    reason: String,
}

impl SigningKey {
    /// Signs bytes at a time; `file` is the name that a signed message gives them.
    ///
    /// One signature of type 0x00 with SHA-512 serves both kinds. The signed message is laid out
    /// as `gpg --sign` does it, since old clients parse it by hand: a ZIP-compressed packet with a
    /// one-pass signature, one literal packet in binary form, and the signature. No packet has a
    /// partial body length. The signature does not expire.
    ///
    /// # Errors
    ///
    /// [`SignError`] where the library refuses.
    pub fn sign(&self, file: &str, bytes: &[u8], at: SystemTime) -> Result<Signatures, SignError> {
        self.try_sign(file, bytes, at)
            .map_err(|error| SignError { file: file.to_owned(), reason: error.to_string() })
    }

    fn try_sign(
        &self,
        file: &str,
        bytes: &[u8],
        at: SystemTime,
    ) -> sequoia_openpgp::Result<Signatures> {
        let mut keypair = self.keypair.clone();
        let signature = SignatureBuilder::new(SignatureType::Binary)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(at)?
            .sign_message(&mut keypair, bytes)?;

        let mut detached = Vec::new();
        Packet::from(signature.clone()).serialize(&mut detached)?;
        let mut inline = Vec::new();
        message(file, bytes, signature)?.serialize(&mut inline)?;
        Ok(Signatures { detached, inline })
    }
}

fn message(file: &str, bytes: &[u8], signature: Signature) -> sequoia_openpgp::Result<Packet> {
    let mut one_pass = OnePassSig3::try_from(&signature)?;
    one_pass.set_last(true);
    let mut literal = Literal::new(DataFormat::Binary);
    literal.set_filename(file)?;
    literal.set_body(bytes.to_vec());

    let mut deflated = DeflateEncoder::new(Vec::new(), COMPRESSION);
    Packet::from(OnePassSig::from(one_pass)).serialize(&mut deflated)?;
    Packet::from(literal).serialize(&mut deflated)?;
    Packet::from(signature).serialize(&mut deflated)?;
    let mut compressed = CompressedData::new(CompressionAlgorithm::Zip);
    compressed.set_body(Body::Unprocessed(deflated.finish()?));
    Ok(compressed.into())
}
