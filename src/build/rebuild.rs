//! A second build, from the commit that a signed manifest names. It proves that the published files
//! came from a repository, and not from the build machine or the host.

use std::collections::HashMap;
use std::path::Path;
use std::time::Instant;

use crate::api::{self, Material, Style};
use crate::artifact::Artifact;
use crate::build::assemble;
use crate::build::history::Reading;
use crate::check::{self, Checked, Selection};
use crate::discovery::KEY_FILE;
use crate::failure::{Result, fail};
use crate::finding::{Elsewhere, Finding};
use crate::git;
use crate::lint;
use crate::lint::base::{extract, temporary};
use crate::openpgp::{Certificate, Good, Signed, Verifier};
use crate::publish::Previous;
use crate::publish::manifest::{self, File, Manifest, Source, Tool};
use crate::report::Tally;
use crate::session::Session;
use crate::session::console::Console;
use crate::session::{self, open};
use crate::signing::keys;
use crate::signing::signers::Signers;
use crate::source::Location;

/// What the second build shows.
pub(crate) struct Rebuilt {
    pub(crate) commit: String,
    /// How many files were compared.
    pub(crate) files: usize,
    /// How the published files differ from it.
    pub(crate) findings: Vec<Finding>,
}

/// Builds the commit in the manifest of `dist`, whose files match the manifest, from the repository
/// that contains `root`, and compares every hash. Nothing in the repository changes.
///
/// # Errors
///
/// If the two cannot be compared: the manifest names no commit, or one that the repository does not
/// have, or another version of tfadir.
pub(crate) fn rebuild(
    root: &Path,
    dist: &Path,
    verifier: &Verifier,
    console: &Console,
) -> Result<Rebuilt> {
    let published = Published::read(dist, verifier)?;
    let manifest = &published.manifest;
    let Some(commit) = &manifest.commit else {
        fail!(
            "this manifest names no commit, so the build cannot be repeated";
            help: "the publisher has to build in a git repository"
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
    extract(root, &git::commit_id(root, commit)?, &[], copy.path())?;
    let directory = open(Some(copy.path()))?;
    let session = Session {
        directory,
        at: published.at,
        is_release: true,
        start: Instant::now(),
        console,
    };
    let reading = Reading::start(&session.directory, root, commit)?;
    let rebuild = || build(&session, &published, reading);
    let artifacts = console.patiently("building the commit again", rebuild);
    let settings = &session.directory.settings;
    let own = Manifest::of(
        settings,
        &artifacts?,
        manifest.keys.clone(),
        &Source::default(),
    )?;
    let findings = compare(manifest, &own, commit);
    Ok(Rebuilt {
        commit: commit.clone(),
        files: own.files.len(),
        findings,
    })
}

/// What a published folder says about its build.
struct Published {
    manifest: Manifest,
    signers: Signers,
    /// When the manifest was signed.
    at: std::time::SystemTime,
}

impl Published {
    fn read(dist: &Path, verifier: &Verifier) -> Result<Self> {
        let previous = Previous::named(dist, verifier)?;
        let Some((manifest, bytes)) = &previous.manifest else {
            fail!("`{}` has no signed manifest", dist.display());
        };
        let signature = previous.signature(manifest::FILE, &manifest.signatures.detached);
        let signatures = signature.map(|it| Signed::read(&it, 0)).transpose()?;
        let good: Vec<Good> = match &signatures {
            Some(Signed::Detached(it) | Signed::Message(it, _)) => {
                verifier.verify(it, bytes).into_iter().flatten().collect()
            }
            None => Vec::new(),
        };
        let Some(at) = good.iter().map(|good| good.made).max() else {
            fail!(
                "`{}` has no valid signature",
                dist.join(manifest::FILE).display()
            );
        };
        // Pages show the keys, and which subkey signs.
        let mut certificates = Vec::new();
        let mut keys = Vec::new();
        let key_file = dist.join(KEY_FILE);
        let found = keys::published_certificates(&key_file)?;
        for fingerprint in &manifest.keys {
            let Some(found) = found.iter().find(|it| it.fingerprint() == *fingerprint) else {
                fail!(
                    "`{}` does not contain the key {fingerprint}",
                    key_file.display()
                );
            };
            let signer = good.iter().find(|good| good.certificate == *fingerprint);
            keys.push(signer.map_or_else(|| found.signer(at), |good| Ok(good.key.clone()))?);
            certificates.push(found.clone());
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
            manifest: manifest.clone(),
            signers,
            at,
        })
    }

    fn lists(&self, artifact: &Artifact) -> bool {
        let file = self
            .manifest
            .files
            .iter()
            .find(|file| file.path == artifact.path);
        file.is_some_and(|file| file.sha256 == artifact.sha256())
    }
}

/// All files that a build of the root with the options of the published build would have.
fn build(session: &Session<'_>, published: &Published, reading: Reading) -> Result<Vec<Artifact>> {
    let directory = &session.directory;
    let (tree, validators) = session::load(directory)?;
    let checked = check::check(directory, &tree, &validators.entry, Selection::Errors);
    let Checked { findings, entries } = checked;
    let (refused, _) = lint::refused(directory, findings);
    if !refused.is_empty() {
        let tally = Tally::of(&refused);
        fail!("the commit that the manifest names has {tally}, so no build can come from it");
    }
    let emit = |style| api::artifacts(directory, &entries, &validators, style);
    let listed = |data: &[Artifact]| data.iter().filter(|it| published.lists(it)).count();
    let (mut style, mut data) = (Style::Compact, emit(Style::Compact)?);
    if listed(&data) < data.len() {
        let pretty = emit(Style::Pretty)?;
        if listed(&pretty) > listed(&data) {
            (style, data) = (Style::Pretty, pretty);
        }
    }
    // What was published before proves nothing here.
    let history = reading.finish(session, true, || Ok(Previous::default()))?;
    data.extend(history.artifacts(&entries, style)?);
    let material = Material {
        directory,
        tree: &tree,
        entries: &entries,
        style,
    };
    let is_compressed = published
        .manifest
        .files
        .iter()
        .any(|it| it.path.ends_with(".json.br"));
    assemble::all(session, &material, data, &published.signers, is_compressed)
}

/// How a published manifest differs from one of a second build.
fn compare(published: &Manifest, own: &Manifest, commit: &str) -> Vec<Finding> {
    let finding = |rule: Elsewhere, path: &str, message: String| {
        rule.finding(path, Location::File, message, Some(HELP.to_owned()))
    };
    let short = commit.get(..12).unwrap_or(commit);
    let mut built: HashMap<&str, &File> = own.files.iter().map(|it| (&*it.path, it)).collect();
    let mut findings = Vec::new();
    for file in &published.files {
        findings.extend(match built.remove(&*file.path) {
            Some(own) if own == file => None,
            Some(_) => {
                let message = format!("this file differs from a build of commit {short}");
                Some(finding(Elsewhere::AlteredFile, &file.path, message))
            }
            None => {
                let message = format!("a build of commit {short} has no such file");
                Some(finding(Elsewhere::ExtraFile, &file.path, message))
            }
        });
    }
    let mut missing: Vec<&str> = built.into_keys().collect();
    missing.sort_unstable();
    findings.extend(missing.into_iter().map(|path| {
        let message = format!("a build of commit {short} has this file, but it was not published");
        finding(Elsewhere::MissingFile, path, message)
    }));
    if (&published.schema, &published.signatures) != (&own.schema, &own.signatures) {
        let message = format!("this manifest does not match the settings of commit {short}");
        findings.push(finding(Elsewhere::Manifest, manifest::FILE, message));
    }
    findings
}

const HELP: &str = "What is published did not come from this commit alone. Tell the publisher, and do not use it \
                    until the difference is explained.";
