//! Verifying what was signed, before anything is published.

use std::io::Read;
use std::time::SystemTime;

use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::parse::stream::{
    DetachedVerifierBuilder, MessageLayer, MessageStructure, VerificationHelper, VerifierBuilder,
};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::{Cert, KeyHandle, anyhow};

use super::certificate::Certificate;
use super::key::SigningKey;
use super::sign::Signatures;

/// Verifies signatures against one certificate.
#[derive(Debug)]
pub struct Verifier {
    cert: Cert,
    policy: StandardPolicy<'static>,
    at: SystemTime,
}

/// A signature is not what it should be.
#[derive(Debug, thiserror::Error)]
#[error("the {kind} signature of `{file}` does not verify: {reason}")]
pub struct VerifyError {
    kind: &'static str,
    file: String,
    reason: String,
}

impl Verifier {
    /// Verifies at a time against the certificate of a key.
    pub fn of_key(key: &SigningKey, at: SystemTime) -> Self {
        Self { cert: key.cert.clone(), policy: StandardPolicy::new(), at }
    }

    /// Verifies at a time against a certificate.
    pub fn of_certificate(certificate: &Certificate, at: SystemTime) -> Self {
        Self { cert: certificate.cert().clone(), policy: StandardPolicy::new(), at }
    }

    /// Verifies both kinds of signatures over a file's bytes.
    ///
    /// # Errors
    ///
    /// [`VerifyError`] where one of them is not by the certificate, or not over these bytes.
    pub fn verify(
        &self,
        file: &str,
        bytes: &[u8],
        signatures: &Signatures,
    ) -> Result<(), VerifyError> {
        let error = |kind| {
            move |error: anyhow::Error| VerifyError {
                kind,
                file: file.to_owned(),
                reason: error.to_string(),
            }
        };
        self.verify_detached(bytes, &signatures.detached).map_err(error("detached"))?;
        self.verify_inline(bytes, &signatures.inline).map_err(error("inline"))
    }

    fn verify_detached(&self, bytes: &[u8], signature: &[u8]) -> anyhow::Result<()> {
        DetachedVerifierBuilder::from_bytes(signature)?
            .with_policy(&self.policy, self.at, Helper { cert: &self.cert })?
            .verify_bytes(bytes)
    }

    fn verify_inline(&self, bytes: &[u8], message: &[u8]) -> anyhow::Result<()> {
        let mut verifier = VerifierBuilder::from_bytes(message)?.with_policy(
            &self.policy,
            self.at,
            Helper { cert: &self.cert },
        )?;
        let mut contained = Vec::with_capacity(bytes.len());
        verifier.read_to_end(&mut contained)?;
        anyhow::ensure!(contained == bytes, "it contains other bytes");
        Ok(())
    }
}

struct Helper<'c> {
    cert: &'c Cert,
}

impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> anyhow::Result<Vec<Cert>> {
        Ok(vec![self.cert.clone()])
    }

    fn check(&mut self, structure: MessageStructure<'_>) -> anyhow::Result<()> {
        let mut signed = false;
        for layer in structure {
            if let MessageLayer::SignatureGroup { results } = layer {
                for result in results {
                    result.map_err(|error| anyhow::anyhow!("{error}"))?;
                    signed = true;
                }
            }
        }
        anyhow::ensure!(signed, "there is no signature");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openpgp::development;

    fn signed() -> (SigningKey, SystemTime, Signatures) {
        let at = SystemTime::now();
        let key = development::generate(at).unwrap().unlock(None).unwrap();
        let signatures = key.sign("a.json", b"{}", at).unwrap();
        (key, at, signatures)
    }

    #[test]
    fn both_kinds_verify_over_the_signed_bytes_and_over_no_others() {
        let (key, at, signatures) = signed();
        let verifier = Verifier::of_key(&key, at);
        verifier.verify("a.json", b"{}", &signatures).unwrap();
        assert!(verifier.verify("a.json", b"[]", &signatures).is_err());
        let with_other_data =
            Signatures { inline: key.sign("a.json", b"[]", at).unwrap().inline, ..signatures };
        let error = verifier.verify("a.json", b"{}", &with_other_data).unwrap_err();
        assert!(error.to_string().contains("inline"), "{error}");
    }

    #[test]
    fn signatures_of_another_key_are_refused() {
        let (_, _, signatures) = signed();
        let (other, at, _) = signed();
        let verifier = Verifier::of_key(&other, at);
        assert!(verifier.verify("a.json", b"{}", &signatures).is_err());
    }
}
