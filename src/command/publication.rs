//! The last stages of a build: from all files to a published folder with its manifest and
//! signatures.

use std::path::Path;
use std::time::SystemTime;

use super::signatories::Signatories;
use super::{Failure, clock};
use crate::artifact::Artifact;
use crate::cli::BuildArgs;
use crate::console::Console;
use crate::git::Commit;
use crate::openpgp::{Signing, Verifier};
use crate::project::Project;
use crate::publish::manifest::{Manifest, Source, Succession};
use crate::publish::{Durability, Previous, Target};

/// What these stages need to know of a build.
pub struct Publication<'r> {
    /// The command line.
    pub args: &'r BuildArgs,
    /// The project.
    pub project: &'r Project,
    /// By whom it is signed.
    pub signatories: &'r Signatories,
    /// Whether it is for publication.
    pub is_release: bool,
    /// The time of signing.
    pub at: SystemTime,
    /// Where to tell of it.
    pub console: &'r Console,
}

/// What these stages left.
#[derive(Debug)]
pub struct Published {
    /// How many files have been signed anew.
    pub new: usize,
    /// Whether nothing has changed since the previous manifest.
    pub is_kept: bool,
}

impl Publication<'_> {
    /// Adds the manifest and the signatures to all other files, and publishes them at `out`.
    ///
    /// `source` says where the serial comes from.
    pub fn publish(
        &self,
        artifacts: &mut Vec<Artifact>,
        out: &Path,
        source: &Source,
    ) -> Result<Published, Failure> {
        let waiting = || self.console.status("Waiting", "for another build beside this one");
        let target = Target::claim(out, waiting)?;
        let mut previous = self.previous(out)?;
        let is_kept = self.list(artifacts, &previous, source)?;
        if self.args.signing.resign {
            previous.forget_signatures();
        }
        let new = self.sign(artifacts, &previous)?;
        let durability = if self.is_release { Durability::Flushed } else { Durability::Relaxed };
        target.publish(artifacts, durability)?;
        Ok(Published { new, is_kept })
    }

    /// What was published before, where one of the keys of this build vouches for it.
    fn previous(&self, out: &Path) -> Result<Previous, Failure> {
        let certificates = self.signatories.certificates.clone();
        let verifier = Verifier::new(certificates, self.at);
        if let Some(path) = &self.args.previous {
            return Ok(Previous::named(path, &verifier)?);
        }
        match Previous::replaced(out, &verifier) {
            Ok(previous) if previous.is_by_others && self.is_release => {
                self.console.warning(&format!(
                    "no key of this build vouches for the manifest in `{}`, so this one begins anew\n\
                     help: where a development key signed it, that is right; during a roll-over, sign by the old key as well",
                    out.display()
                ));
                Ok(previous)
            }
            // A release may not go back, so it must know from where.
            Err(error) if !self.is_release => {
                self.console.warning(&format!("{error}\nhelp: it is replaced all the same"));
                Ok(Previous::default())
            }
            previous => Ok(previous?),
        }
    }

    /// Adds the manifest; says whether it is the previous one.
    fn list(
        &self,
        artifacts: &mut Vec<Artifact>,
        previous: &Previous,
        source: &Source,
    ) -> Result<bool, Failure> {
        let keys = self.signatories.fingerprints.clone();
        if self.is_release && !keys.is_empty() {
            source.for_release(clock::now())?;
        }
        let manifest = Manifest::of(&self.project.settings, artifacts, keys, source)?;
        let Some((before, bytes)) = &previous.manifest else {
            artifacts.push(manifest.artifact()?);
            return Ok(false);
        };
        let mut succession = manifest.after(before, bytes, source.serial.is_some());
        if self.is_release {
            succession = succession.for_release()?;
        }
        let is_kept = matches!(succession, Succession::Kept(_));
        artifacts.push(succession.artifact()?);
        Ok(is_kept)
    }

    /// Adds the signatures, if this build signs; says how many files got new ones.
    fn sign(&self, artifacts: &mut Vec<Artifact>, previous: &Previous) -> Result<usize, Failure> {
        if self.signatories.signers.is_empty() {
            return Ok(0);
        }
        let endings = self.project.settings.signatures.pair();
        let kept = |path: &str| previous.signature(path, endings[0]);
        let signers = self.signatories.signers.as_slice();
        let signing = Signing { signers, endings, at: self.at, previous: &kept };
        let signed = self.console.patiently("signing", || signing.sign(artifacts))?;
        artifacts.extend(signed.artifacts);
        Ok(signed.new)
    }
}

/// Where the serial and the time of the manifest come from.
pub fn source(args: &BuildArgs, project: &Project) -> Result<Source, Failure> {
    let commit = Commit::of(&project.root);
    let seconds = clock::source_date()?.or(commit.as_ref().map(|commit| commit.seconds));
    Ok(Source { serial: args.serial, seconds, commit: commit.map(|commit| commit.id) })
}
