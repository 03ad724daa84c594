//! Signers: a key in this process, or gpg.

use std::time::SystemTime;

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::types::{HashAlgorithm, SignatureType};

use super::certificate::Certificate;
use super::key::SigningKey;

/// A signer with one key.
pub(crate) trait Signer: Send + Sync {
    fn certificate(&self) -> &Certificate;

    /// The fingerprint of the key that signs, which is the certificate's primary key or one of its
    /// subkeys, in upper-case hexadecimal digits.
    fn fingerprint(&self) -> String;

    /// A signature of type 0x00 with SHA-512 over bytes, without an expiry. An error is part of a
    /// sentence.
    fn sign(&self, bytes: &[u8], at: SystemTime) -> Result<Signature, String>;
}

impl Signer for SigningKey {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn fingerprint(&self) -> String {
        self.keypair.public().fingerprint().to_hex()
    }

    fn sign(&self, bytes: &[u8], at: SystemTime) -> Result<Signature, String> {
        SignatureBuilder::new(SignatureType::Binary)
            .set_hash_algo(HashAlgorithm::SHA512)
            .set_signature_creation_time(at)
            .and_then(|builder| builder.sign_message(&mut self.keypair.clone(), bytes))
            .map_err(|error| error.to_string())
    }
}
