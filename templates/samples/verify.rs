//! Downloads a file and its signature, and uses the file only if the signature is valid.
//! Needs `cargo add anyhow sequoia-openpgp serde_json ureq`.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use sequoia_openpgp::cert::prelude::*;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::parse::stream::{
    DetachedVerifierBuilder, MessageLayer, MessageStructure, VerificationError, VerificationHelper,
};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::RevocationStatus;
use sequoia_openpgp::{Cert, KeyHandle};

const API: &str = "https://api.2fa.directory/";
/// The fingerprint of the key you trust. Store it here; never download it together with the key.
const FINGERPRINT: &str = "0000000000000000000000000000000000000000";
/// Which algorithms are too weak to trust.
const POLICY: &StandardPolicy = &StandardPolicy::new();

struct Pinned(Cert);

impl VerificationHelper for Pinned {
    fn get_certs(&mut self, _: &[KeyHandle]) -> Result<Vec<Cert>> {
        Ok(vec![self.0.clone()])
    }

    fn check(&mut self, structure: MessageStructure) -> Result<()> {
        let Some(MessageLayer::SignatureGroup { results }) = structure.into_iter().next() else {
            bail!("the file has no signature");
        };
        let mut is_good = false;
        for result in results {
            match result {
                Ok(good) => {
                    // The key must be valid now, not only when it signed.
                    let key = good.ka.with_policy(POLICY, None)?;
                    key.valid_cert().alive()?;
                    key.alive()?;
                    let states = [key.valid_cert().revocation_status(), key.revocation_status()];
                    let is_revoked = |state: &_| matches!(state, RevocationStatus::Revoked(_));
                    ensure!(!states.iter().any(is_revoked), "the key is revoked");
                    is_good = true;
                }
                // Ignores signatures from other keys.
                Err(VerificationError::MissingKey { .. }) => {}
                Err(error) => bail!("the signature is not valid: {error}"),
            }
        }
        ensure!(is_good, "the file is not signed by the pinned key");
        Ok(())
    }
}

fn download(path: &str) -> Result<Vec<u8>> {
    let address = format!("{API}{path}");
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(30))).build().into();
    let mut response = agent.get(&address).call().with_context(|| format!("cannot get {address}"))?;
    Ok(response.body_mut().read_to_vec()?)
}

/// Returns a file of the API. Fails unless it is signed by the pinned key.
fn verified(path: &str) -> Result<Vec<u8>> {
    let certs = CertParser::from_bytes(&download("key.asc")?)?.collect::<Result<Vec<_>>>()?;
    let cert = certs.into_iter().find(|cert| cert.fingerprint().to_hex() == FINGERPRINT);
    let cert = cert.context("key.asc does not contain the pinned key")?;
    let data = download(path)?;
    let signature = download(&format!("{path}.sig"))?;
    DetachedVerifierBuilder::from_bytes(&signature)?
        .with_policy(POLICY, None, Pinned(cert))?
        .verify_bytes(&data)?;
    Ok(data)
}

fn main() -> Result<()> {
    let sites: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(&verified("v4/all.json")?)?;
    println!("verified: {} domains", sites.len());
    Ok(())
}
