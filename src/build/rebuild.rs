//! A second build, from the commit that a signed manifest names. It proves that the published files
//! came from a repository, and not from the build machine or the host.

use std::collections::HashMap;
use std::path::Path;
use std::time::{Instant, SystemTime};

use crate::api::{STATS_FILE, Style};
use crate::artifact::Artifact;
use crate::build::assemble::{Assembly, Recipe, assemble};
use crate::build::checkout::{extract, temporary};
use crate::build::history::{HistoryJob, Needs};
use crate::discovery::KEY_FILE;
use crate::failure::{Result, fail};
use crate::finding::{Finding, Stage};
use crate::git::{self, Extent};
use crate::openpgp::{Certificate, Verifier};
use crate::publish::Verified;
use crate::publish::manifest::{self, File, Manifest, Source, Tool};
use crate::report::Tally;
use crate::session::console::Console;
use crate::session::{Session, open};
use crate::signing::signers::Signers;
use crate::source::Location;
use crate::verify::Contents;

/// The start of the element in `templates/index.html` that says when the data changed.
const TIME_OF_DATA: &str = "<p id=\"built\">";

/// What the second build shows.
pub(crate) struct Rebuilt {
    pub(crate) commit: String,
    /// How many files were compared.
    pub(crate) files: usize,
    /// How the published files differ from it.
    pub(crate) findings: Vec<Finding>,
}

/// Builds the commit that a verified manifest records, from the repository that contains `root`, and
/// compares every hash. Changes nothing in the repository.
///
/// # Errors
///
/// If the two cannot be compared: the manifest has no commit or a different version of tfadir, or the
/// repository lacks the commit or contains altered objects.
pub(crate) fn rebuild(
    root: &Path,
    dist: &Contents,
    verifier: &Verifier,
    console: &Console,
) -> Result<Rebuilt> {
    let published = PublishedBuild::read(dist, verifier)?;
    let manifest = published.manifest.clone();
    let Some(commit) = &manifest.commit else {
        fail!(
            "this manifest contains no commit, so the build cannot be repeated";
            help: "the publisher has to build from a commit, in a git repository without uncommitted changes"
        );
    };
    let (this, other) = (Tool::this(), &manifest.tool);
    if *other != this {
        fail!(
            "this build is by {} {}, but this is {} {}, which may write other bytes", other.name, other.version, this.name, this.version;
            help: "verify it with the same version"
        );
    }
    let copy = temporary()?;
    let id = git::commit_id(root, commit)?;
    git::refuse_altered(root, &id, Extent::Commit)?;
    extract(root, &id, &[], copy.path())?;
    let directory = open(Some(copy.path()))?;
    if directory.settings.feed.enabled || !published.is_undated {
        git::refuse_altered(root, &id, Extent::History)?;
    }
    let session = Session {
        directory,
        at: published.at,
        is_release: true,
        start: Instant::now(),
        console,
    };
    let mut history = HistoryJob::start(&session.directory, root, commit)?;
    if published.is_undated {
        history = history.undated();
    }
    let rebuild = || build(&session, published, history);
    let artifacts = console.patiently("building the commit again", rebuild);
    let settings = &session.directory.settings;
    let own = Manifest::of(
        settings,
        &artifacts?,
        manifest.keys.clone(),
        &Source::default(),
    )?;
    let findings = compare(&manifest, &own, commit);
    Ok(Rebuilt {
        commit: commit.clone(),
        files: own.files.len(),
        findings,
    })
}

/// What a published folder says about its build.
struct PublishedBuild {
    manifest: Verified<Manifest>,
    style: Style,
    /// Whether no page says when the data changed. A shallow clone did not say.
    is_undated: bool,
    signers: Signers,
    /// When the manifest was signed.
    at: SystemTime,
}

impl PublishedBuild {
    fn read(dist: &Contents, verifier: &Verifier) -> Result<Self> {
        let Ok(manifest) = dist.found_manifest()?.verify(verifier) else {
            fail!("no trusted key has signed the manifest");
        };
        let signatures = manifest.signatures();
        let Some(at) = signatures.iter().map(|signature| signature.made).max() else {
            fail!("the manifest has no valid signature");
        };
        // Pages show the keys, and which subkey signs.
        let mut certificates = Vec::new();
        let mut keys = Vec::new();
        let published = Certificate::parse(KEY_FILE, dist.bytes(KEY_FILE)?)?;
        for fingerprint in &manifest.keys {
            let certificate = published
                .iter()
                .find(|certificate| certificate.fingerprint() == *fingerprint);
            let Some(certificate) = certificate else {
                fail!("{KEY_FILE} does not contain the key {fingerprint}");
            };
            let signature = signatures
                .iter()
                .find(|signature| signature.certificate == *fingerprint);
            keys.push(match signature {
                Some(signature) => signature.key.clone(),
                None => certificate.signer(at)?,
            });
            certificates.push(certificate.clone());
        }
        let development = certificates.iter().any(Certificate::is_development);
        let signers = Signers {
            here: Vec::new(),
            fingerprints: manifest.keys.clone(),
            certificates,
            keys,
            development: development.then(String::new),
        };
        Ok(Self {
            manifest,
            style: style(dist.bytes(STATS_FILE)?),
            is_undated: is_undated(dist.bytes("index.html")?),
            signers,
            at,
        })
    }
}

/// How JSON files are laid out, such as the statistics, which every build has.
fn style(json: &[u8]) -> Style {
    match json.get(1) {
        Some(b'\n') => Style::Pretty,
        _ => Style::Compact,
    }
}

/// Whether the first page does not say when the data changed.
fn is_undated(index: &[u8]) -> bool {
    !String::from_utf8_lossy(index).contains(TIME_OF_DATA)
}

/// All files that a build of the root with the options of the published build would have.
fn build(
    session: &Session<'_>,
    published: PublishedBuild,
    history: HistoryJob,
) -> Result<Vec<Artifact>> {
    let recipe = Recipe {
        style: published.style,
        history,
        needs: Needs::AllChanges,
        signers: || Ok(published.signers),
    };
    match assemble(session, recipe)? {
        Assembly::Complete(complete) => Ok(complete.artifacts),
        Assembly::Refused(refused) => {
            let tally = Tally::of(&refused.errors);
            fail!("the commit that the manifest names has {tally}, so no build can come from it")
        }
    }
}

/// How a published manifest differs from one of a second build.
fn compare(published: &Manifest, own: &Manifest, commit: &str) -> Vec<Finding> {
    let finding = |rule: Stage, path: &str, message: String| {
        rule.finding(path, Location::File, message, Some(HELP.to_owned()))
    };
    let short = commit.get(..12).unwrap_or(commit);
    let mut built: HashMap<&str, &File> =
        own.files.iter().map(|file| (&*file.path, file)).collect();
    let mut findings = Vec::new();
    for file in &published.files {
        match built.remove(&*file.path) {
            Some(own) if own == file => {}
            Some(_) => {
                let message = format!("this file differs from a build of commit {short}");
                findings.push(finding(Stage::AlteredFile, &file.path, message));
            }
            None => {
                let message = format!("a build of commit {short} has no such file");
                findings.push(finding(Stage::ExtraFile, &file.path, message));
            }
        }
    }
    let mut missing: Vec<&str> = built.into_keys().collect();
    missing.sort_unstable();
    for path in missing {
        let message = format!("a build of commit {short} has this file, but it was not published");
        findings.push(finding(Stage::MissingFile, path, message));
    }
    if (&published.schema, &published.signatures) != (&own.schema, &own.signatures) {
        let message = format!("this manifest does not match the settings of commit {short}");
        findings.push(finding(Stage::Manifest, manifest::FILE, message));
    }
    findings
}

const HELP: &str = "What is published did not come from this commit alone. Tell the publisher, and do not use it \
                    until the difference is explained.";
