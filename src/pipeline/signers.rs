//! Who signs a build, here or elsewhere.

use super::keys::{self, ChooseError, Chosen};
use super::{Failure, Session};
use crate::cli::BuildArgs;
use crate::discovery::{self, Discovery};
use crate::openpgp::{Certificate, KeySource, Signer};
use crate::site::Signing;

/// Who signs a build.
#[derive(Debug)]
pub(crate) struct Signers {
    /// What signs here; empty where the build is signed elsewhere or not at all.
    pub(crate) here: Vec<Box<dyn Signer>>,
    /// The certificates of all that sign, here or elsewhere.
    pub(crate) certificates: Vec<Certificate>,
    /// The fingerprints of the certificates.
    pub(crate) fingerprints: Vec<String>,
    /// The fingerprints of the keys that sign: each its certificate's or that of a subkey.
    pub(crate) keys: Vec<String>,
    /// Where the development key comes from, if one signs.
    pub(crate) development: Option<KeySource>,
}

impl Signers {
    /// What signs here, or else the certificates that the command line names. Warns where a key
    /// expires soon.
    ///
    /// # Errors
    ///
    /// Where a certificate cannot be read, cannot sign, or is named twice.
    pub(crate) fn of(
        session: &Session<'_>,
        args: &BuildArgs,
        here: Vec<Box<dyn Signer>>,
        development: Option<KeySource>,
    ) -> Result<Self, Failure> {
        let named = here.iter().map(|it| Ok((it.certificate().clone(), it.fingerprint())));
        let elsewhere = args.cert.iter().map(|path| keys::certificates(path));
        let elsewhere = elsewhere.collect::<Result<Vec<_>, _>>()?.into_iter().flatten();
        let elsewhere = elsewhere.map(|it| it.signer(session.at).map(|key| (it, key)));
        let mut certificates: Vec<Certificate> = Vec::new();
        let mut keys = Vec::new();
        for pair in named.chain(elsewhere) {
            let (certificate, key) = pair?;
            if keys.contains(&key) {
                return Err(ChooseError::Twice(key).into());
            }
            keys::warn_of_expiry(&certificate, &key, session.at, session.console);
            keys.push(key);
            if !certificates.contains(&certificate) {
                certificates.push(certificate);
            }
        }
        let fingerprints = certificates.iter().map(Certificate::fingerprint).collect();
        Ok(Self { here, certificates, fingerprints, keys, development })
    }

    /// What the pages say of them; `discoverable` tells whether clients find the keys by the
    /// publisher's address.
    pub(crate) fn for_pages(&self, discoverable: bool) -> Option<Signing<'_>> {
        let (certificate, others) = self.fingerprints.split_first()?;
        Some(Signing {
            certificate,
            key: self.keys.first()?,
            others,
            development: self.development.is_some(),
            announced: discoverable,
        })
    }

    /// The public keys in all the places where clients look for them.
    ///
    /// # Errors
    ///
    /// Where a certificate cannot be written.
    pub(crate) fn discovery(&self, session: &Session<'_>) -> Result<Discovery, Failure> {
        if self.certificates.is_empty() {
            return Ok(Discovery { artifacts: Vec::new(), problem: None });
        }
        let address = &session.directory.settings.publisher.email;
        let discovery = discovery::artifacts(&self.certificates, address, session.at)?;
        if let (Some(problem), None) = (&discovery.problem, &self.development) {
            session.console.warning(&problem.to_string());
        }
        Ok(discovery)
    }
}

/// A key that is being unlocked on a thread of its own: a passphrase is hashed for as long as it
/// takes to read a directory.
pub(crate) struct Unlocking<'s>(
    Option<
        std::thread::ScopedJoinHandle<'s, Result<Vec<Box<dyn Signer>>, crate::openpgp::KeyError>>,
    >,
);

impl<'s> Unlocking<'s> {
    /// Starts to unlock the keys, if any were chosen.
    pub(crate) fn start<'e>(scope: &'s std::thread::Scope<'s, 'e>, chosen: Option<Chosen>) -> Self {
        Self(chosen.map(|chosen| scope.spawn(|| chosen.unlock())))
    }

    /// Waits for the keys.
    ///
    /// # Errors
    ///
    /// Where a key cannot be unlocked.
    pub(crate) fn wait(self, session: &Session<'_>) -> Result<Vec<Box<dyn Signer>>, Failure> {
        let Some(unlocking) = self.0 else {
            return Ok(Vec::new());
        };
        let unlocked = session.console.patiently("unlocking the key", || unlocking.join());
        Ok(unlocked.map_err(|_| "cannot unlock the key")??)
    }
}
