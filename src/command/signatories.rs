//! By whom a build is signed, here or elsewhere.

use std::time::SystemTime;

use super::Failure;
use super::signing::{self, ChooseError, Signers};
use crate::announce::{self, Announcement};
use crate::cli::BuildArgs;
use crate::console::Console;
use crate::docs::Signing;
use crate::openpgp::{Certificate, KeySource};
use crate::project::Project;

/// By whom a build is signed.
#[derive(Debug)]
pub struct Signatories {
    /// What signs here; nothing where the build is signed elsewhere or not at all.
    pub signers: Signers,
    /// The certificates of those who sign, here or elsewhere.
    pub certificates: Vec<Certificate>,
    /// The fingerprints of the certificates.
    pub fingerprints: Vec<String>,
    /// The fingerprints of the keys that sign, each its certificate's or that of a subkey.
    pub keys: Vec<String>,
    /// Where the development key comes from, where one signs.
    pub development: Option<KeySource>,
}

impl Signatories {
    /// What signs here, or else those whom the command line names. Warns where a key expires soon.
    pub fn of(
        args: &BuildArgs,
        signers: Signers,
        development: Option<KeySource>,
        at: SystemTime,
        console: &Console,
    ) -> Result<Self, Failure> {
        let named = signers.iter().map(|it| Ok((it.certificate().clone(), it.fingerprint())));
        let elsewhere = args.cert.iter().map(|path| signing::certificates(path));
        let elsewhere = elsewhere.collect::<Result<Vec<_>, _>>()?.into_iter().flatten();
        let elsewhere = elsewhere.map(|it| it.signer(at).map(|key| (it, key)));
        let mut certificates: Vec<Certificate> = Vec::new();
        let mut keys = Vec::new();
        for pair in named.chain(elsewhere) {
            let (certificate, key) = pair?;
            if keys.contains(&key) {
                return Err(ChooseError::Twice(key).into());
            }
            signing::warn_of_expiry(&certificate, &key, at, console);
            keys.push(key);
            if !certificates.contains(&certificate) {
                certificates.push(certificate);
            }
        }
        let fingerprints = certificates.iter().map(Certificate::fingerprint).collect();
        Ok(Self { signers, certificates, fingerprints, keys, development })
    }

    /// What the pages say of them, who may be `announced` under the publisher's address.
    pub fn for_pages(&self, announced: bool) -> Option<Signing<'_>> {
        let (certificate, others) = self.fingerprints.split_first()?;
        Some(Signing {
            certificate,
            key: self.keys.first()?,
            others,
            development: self.development.is_some(),
            announced,
        })
    }

    /// What tells clients of the keys: the public key in all the places where clients look for it.
    pub fn announcement(
        &self,
        project: &Project,
        at: SystemTime,
        console: &Console,
    ) -> Result<Announcement, Failure> {
        if self.certificates.is_empty() {
            return Ok(Announcement { artifacts: Vec::new(), problem: None });
        }
        let address = &project.settings.publisher.email;
        let announced = announce::artifacts(&self.certificates, address, at)?;
        if let (Some(problem), None) = (&announced.problem, &self.development) {
            console.warning(&problem.to_string());
        }
        Ok(announced)
    }
}
