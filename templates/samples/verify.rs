//! Downloads a file with its signature, verifies it, and only then uses it.
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
/// The fingerprint of the key that you trust. Keep it here; never download it together with the key.
const FINGERPRINT: &str = "0000000000000000000000000000000000000000";
/// What is too weak to be believed.
const POLICY: &StandardPolicy = &StandardPolicy::new();

struct Pinned(Cert);

impl VerificationHelper for Pinned {
    fn get_certs(&mut self, _: &[KeyHandle]) -> Result<Vec<Cert>> {
        Ok(vec![self.0.clone()])
    }

    fn check(&mut self, structure: MessageStructure) -> Result<()> {
        let Some(MessageLayer::SignatureGroup { results }) = structure.into_iter().next() else {
            bail!("there is no signature");
        };
        let mut is_good = false;
        for result in results {
            match result {
                Ok(good) => {
                    // The key must be valid today, too, not only when it signed.
                    let key = good.ka.with_policy(POLICY, None)?;
                    key.valid_cert().alive()?;
                    key.alive()?;
                    let states = [key.valid_cert().revocation_status(), key.revocation_status()];
                    let is_revoked = |state: &_| matches!(state, RevocationStatus::Revoked(_));
                    ensure!(!states.iter().any(is_revoked), "the key is revoked");
                    is_good = true;
                }
                // Another key may have signed too.
                Err(VerificationError::MissingKey { .. }) => {}
                Err(error) => bail!("the signature is not good: {error}"),
            }
        }
        ensure!(is_good, "the signature is by another key");
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

/// The bytes of a file of the API; an error unless the pinned key has signed them.
fn verified(path: &str) -> Result<Vec<u8>> {
    let certs = CertParser::from_bytes(&download("key.asc")?)?.collect::<Result<Vec<_>>>()?;
    let cert = certs.into_iter().find(|cert| cert.fingerprint().to_hex() == FINGERPRINT);
    let cert = cert.context("this is another key")?;
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
