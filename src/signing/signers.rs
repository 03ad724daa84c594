//! The keys that sign a build, here or elsewhere.

use std::path::PathBuf;
use std::thread::JoinHandle;

use crate::discovery::{self, Discovery};
use crate::failure::{Result, fail, failure};
use crate::openpgp::{Certificate, Signer};
use crate::process;
use crate::publish::manifest::Manifest;
use crate::session::Session;
use crate::session::console::Console;
use crate::signing::keys::{self, Chosen, UnlockedKeys};
use crate::site::SignerInfo;
use crate::text::enumerate;

/// The keys and certificates that sign a build.
pub(crate) struct Signers {
    /// Empty if the build is signed elsewhere or not signed.
    pub(crate) here: Vec<Box<dyn Signer>>,
    /// The certificates of all keys that sign, here or elsewhere.
    pub(crate) certificates: Vec<Certificate>,
    /// Of the certificates.
    pub(crate) fingerprints: Vec<String>,
    /// The fingerprints of the keys that sign: primary keys or subkeys.
    pub(crate) keys: Vec<String>,
    /// Where the development key is stored, if it signs.
    pub(crate) development: Option<String>,
}

impl Signers {
    /// The signers here, and the certificates in these files, whose keys sign elsewhere. Warns if a
    /// key expires soon.
    pub(crate) fn of(
        session: &Session<'_>,
        certificates: &[PathBuf],
        here: Vec<Box<dyn Signer>>,
        development: Option<String>,
    ) -> Result<Self> {
        let named = here
            .iter()
            .map(|key| Ok((key.certificate().clone(), key.fingerprint())));
        let elsewhere = keys::certificates(certificates)?.into_iter();
        let elsewhere = elsewhere
            .map(|certificate| certificate.signer(session.at).map(|key| (certificate, key)));
        let mut certificates: Vec<Certificate> = Vec::new();
        let mut keys = Vec::new();
        for pair in named.chain(elsewhere) {
            let (certificate, key) = pair?;
            if keys.contains(&key) {
                fail!(
                    "key {key} was given twice";
                    help: "pass it once; during a roll-over, pass the old and the new key"
                );
            }
            keys::warn_of_expiry(&certificate, &key, session.at, session.console);
            keys.push(key);
            certificates.push(certificate);
        }
        let certificates = Certificate::merged(certificates)?;
        let fingerprints = certificates.iter().map(Certificate::fingerprint).collect();
        Ok(Self {
            here,
            certificates,
            fingerprints,
            keys,
            development,
        })
    }

    /// The development key, to try signatures in a preview; none, with a warning, if it cannot be
    /// stored.
    pub(crate) fn of_preview(session: &Session<'_>) -> Result<Self> {
        let (here, development) = match keys::development_of(session) {
            Ok(chosen) => {
                let development = chosen.development.clone();
                (chosen.unlock()?.signers, development)
            }
            Err(error) => {
                session
                    .console
                    .warn(&failure!("{error}"; help: "the preview is not signed"));
                (Vec::new(), None)
            }
        };
        Self::of(session, &[], here, development)
    }

    /// The signing information on the pages.
    pub(crate) fn for_pages(&self, discovery: &Discovery) -> Option<SignerInfo<'_>> {
        let (certificate, others) = self.fingerprints.split_first()?;
        Some(SignerInfo {
            certificate,
            key: self.keys.first()?,
            others,
            development: self.development.is_some(),
            discoverable: discovery.problem.is_none(),
        })
    }

    /// The certificates as files, for all places where clients look for them.
    pub(crate) fn discovery(&self, session: &Session<'_>) -> Result<Discovery> {
        if self.certificates.is_empty() {
            return Ok(Discovery {
                artifacts: Vec::new(),
                problem: None,
            });
        }
        let address = &session.directory.settings.publisher.email;
        let discovery = discovery::artifacts(&self.certificates, address, session.at)?;
        if let (Some(problem), None) = (&discovery.problem, &self.development) {
            session.console.warn(problem);
        }
        Ok(discovery)
    }
}

/// Keys that are being unlocked on a separate thread, because hashing a passphrase takes as long
/// as reading a directory.
pub(crate) struct UnlockJob(Option<JoinHandle<Result<UnlockedKeys>>>);

impl UnlockJob {
    pub(crate) fn start(chosen: Option<Chosen>) -> Result<Self> {
        let Some(chosen) = chosen else {
            return Ok(Self(None));
        };
        Ok(Self(Some(process::thread(|| chosen.unlock())?)))
    }

    /// Waits for the keys, and says what is odd about their passphrases.
    pub(crate) fn wait(self, console: &Console) -> Result<Vec<Box<dyn Signer>>> {
        let Some(job) = self.0 else {
            return Ok(Vec::new());
        };
        let joined = console.patiently("unlocking the key", || job.join());
        let unlocked = joined.map_err(|_| failure!("cannot unlock the key"))??;
        for note in &unlocked.notes {
            console.warn(note);
        }
        Ok(unlocked.signers)
    }
}

/// Sorts signers in the order in which the manifest names their certificates, all of which must
/// sign.
pub(crate) fn in_order(
    mut signers: Vec<Box<dyn Signer>>,
    manifest: &Manifest,
) -> Result<Vec<Box<dyn Signer>>> {
    let position = |fingerprint: &str| manifest.keys.iter().position(|key| key == fingerprint);
    signers.sort_by_key(|signer| position(&signer.certificate().fingerprint()));
    let given: Vec<String> = signers
        .iter()
        .map(|signer| signer.certificate().fingerprint())
        .collect();
    if given != manifest.keys {
        let [wanted, given] =
            [&manifest.keys, &given].map(|keys| enumerate(keys.iter().map(String::as_str), "and"));
        fail!(
            "this build must be signed by {wanted}, but these keys would sign: {given}";
            help: "pass the right key, or build again and pass its certificate with --cert"
        );
    }
    Ok(signers)
}
