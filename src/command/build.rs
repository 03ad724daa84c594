//! `tfadir build`.

use std::env;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Instant, SystemTime};

use serde_json::{Value, json};

use super::signing::{self, Signers};
use super::{Failure, Report, emit};
use crate::announce;
use crate::api::{self, Style};
use crate::artifact::{Artifact, MediaType};
use crate::check::{self, Extent};
use crate::cli::{BuildArgs, Global};
use crate::console::Console;
use crate::docs;
use crate::exit_code::ExitCode;
use crate::git::Commit;
use crate::hosting;
use crate::openpgp::{Certificate, KeySource, Signing, Verifier};
use crate::project::Project;
use crate::publish::manifest::{Manifest, Source};
use crate::publish::{Durability, Previous, Target};
use crate::report::Tally;
use crate::wording::{count, size};

/// Reads and checks all entries, makes the API and its pages of them, signs, and publishes.
pub fn run(args: &BuildArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let reached = |stage: &str| {
        console.detail("", &format!("{stage} after {:.1} ms", start.elapsed().as_secs_f64() * 1e3));
    };
    let at = signing::time()?;
    let is_release = args.release || env::var_os("CI").is_some_and(|value| value == "true");
    let project = Project::open(global.root.as_deref())?;
    let named = certificates(&args.cert)?;
    let chosen = match args.unsigned {
        true => None,
        false => Some(signing::choose(&args.signing, is_release, &project.root, at, console)?),
    };
    let development = chosen.as_ref().and_then(|chosen| chosen.development.clone());

    // A passphrase is hashed for as long as it takes to read a directory; both begin now.
    thread::scope(|scope| {
        let unlocking = chosen.map(|chosen| scope.spawn(|| chosen.unlock()));
        let source = scope.spawn(|| source(args, &project));

        let (tree, validators) =
            console.patiently("reading the entries", || emit::load(&project))?;
        reached("read");

        let checked = check::check(&project, &tree, &validators.entry, Extent::Build);
        let tally = Tally::of(&checked.findings);
        reached("checked");
        let entries = count(tree.files.len(), "entry", "entries");
        let root = project.root.display();
        match tally.errors {
            0 => console.status("Checked", &format!("{entries} in {root}: no errors")),
            _ => console.status("Checked", &format!("{entries} in {root}: {tally}")),
        }
        let report = Report { project: &project, tree: &tree };
        let findings = report.of(console, &checked.findings);
        if tally.errors > 0 {
            console.structured(&json!({ "entries": tree.files.len(), "findings": findings }));
            console.status("Stopped", "nothing was written");
            let is_failure = tally.failures > 0;
            return Ok(if is_failure { ExitCode::Failure } else { ExitCode::Findings });
        }

        let style = if args.pretty { Style::Pretty } else { Style::Compact };
        let mut artifacts = api::artifacts(&project, &checked.entries, &validators, style)?;
        reached("emitted");

        let signers = match unlocking {
            None => Signers::new(),
            Some(unlocking) => {
                let unlocked = console.patiently("unlocking the key", || unlocking.join());
                unlocked.map_err(|_| "the key could not be unlocked")??
            }
        };
        signers.iter().for_each(|it| signing::warn_of_expiry(it.as_ref(), at, console));
        let signed = Signed::by(&signers, &named, development);
        let surroundings = emit::surroundings(&project, &artifacts, signed.for_pages())?;
        artifacts.extend(surroundings);
        artifacts.extend(announcement(&signed, &project, at, console)?);
        if args.precompress {
            let compressed =
                console.patiently("compressing", || hosting::compressed(&artifacts))?;
            artifacts.extend(compressed);
        }

        let out = match &args.out {
            Some(out) => out.clone(),
            None => project.root.join(&project.settings.paths.dist),
        };
        let waiting = || console.status("Waiting", "for another build beside this one");
        let target = Target::claim(&out, waiting)?;
        let verifier = signed.verifier(at);
        let previous = match &args.previous {
            Some(path) => Previous::named(path, verifier.as_ref())?,
            None => previous_at(&out, verifier.as_ref(), is_release, console)?,
        };
        let source = source.join().map_err(|_| "git could not be asked")??;
        let keys = signed.certificates.iter().map(Certificate::fingerprint).collect();
        let before =
            previous.manifest.as_ref().map(|(manifest, bytes)| (manifest, bytes.as_slice()));
        let settings = &project.settings;
        let manifest = Manifest::artifact(settings, &artifacts, keys, &source, before, is_release)?;
        let is_kept = before.is_some_and(|(_, bytes)| bytes == manifest.bytes);
        artifacts.push(manifest);
        reached("documented");

        let mut new = 0;
        if !signers.is_empty() {
            let endings = &settings.signatures;
            let endings = [endings.detached.as_str(), endings.inline.as_str()];
            let kept = |path: &str| match args.signing.resign {
                true => None,
                false => previous.signature(path, endings[0]),
            };
            let signing = Signing { signers: &signers, endings, at, previous: &kept };
            let files = console.patiently("signing", || signing.sign(&artifacts))?;
            artifacts.extend(files.artifacts);
            new = files.new;
        }
        reached("signed");

        let durability = if is_release { Durability::Flushed } else { Durability::Relaxed };
        target.publish(&artifacts, durability)?;
        reached("published");

        let built = Built {
            out,
            entries: tree.files.len(),
            artifacts: &artifacts,
            signed,
            new,
            is_kept,
            seconds: start.elapsed().as_secs_f64(),
        };
        console.structured(&built.to_json(&findings));
        built.tell(console);
        Ok(ExitCode::Success)
    })
}

/// The certificates in some files.
fn certificates(paths: &[PathBuf]) -> Result<Vec<Certificate>, Failure> {
    let mut certificates = Vec::new();
    for path in paths {
        certificates.extend(signing::certificates(path)?);
    }
    Ok(certificates)
}

/// Where the serial and the time of the manifest come from.
fn source(args: &BuildArgs, project: &Project) -> Result<Source, Failure> {
    let commit = Commit::of(&project.root);
    let seconds = signing::source_date()?.or(commit.as_ref().map(|commit| commit.seconds));
    Ok(Source { serial: args.serial, seconds, commit: commit.map(|commit| commit.id) })
}

/// What is in the folder that is to be replaced. Only a release needs to know.
fn previous_at(
    out: &Path,
    verifier: Option<&Verifier>,
    is_release: bool,
    console: &Console,
) -> Result<Previous, Failure> {
    if verifier.is_none() {
        // A build for nobody to sign is the same wherever it is put.
        return Ok(Previous::default());
    }
    match Previous::replaced(out, verifier) {
        Err(error) if !is_release => {
            console.warning(&format!("{error}\nhelp: it is replaced all the same"));
            Ok(Previous::default())
        }
        previous => Ok(previous?),
    }
}

/// What tells clients of the keys.
fn announcement(
    signed: &Signed,
    project: &Project,
    at: SystemTime,
    console: &Console,
) -> Result<Vec<Artifact>, Failure> {
    if signed.certificates.is_empty() {
        return Ok(Vec::new());
    }
    let address = &project.settings.publisher.email;
    let announced = announce::artifacts(&signed.certificates, address, at)?;
    if let (Some(problem), None) = (&announced.problem, &signed.development) {
        console.warning(&problem.to_string());
    }
    Ok(announced.artifacts)
}

/// By whom a build is signed, here or elsewhere.
#[derive(Debug)]
struct Signed {
    certificates: Vec<Certificate>,
    /// The fingerprints of the certificate and of the key that signs, for each signer.
    keys: Vec<[String; 2]>,
    is_here: bool,
    development: Option<KeySource>,
}

impl Signed {
    fn by(signers: &Signers, named: &[Certificate], development: Option<KeySource>) -> Self {
        let mut certificates: Vec<Certificate> = named.to_vec();
        for signer in signers {
            if !certificates.contains(signer.certificate()) {
                certificates.push(signer.certificate().clone());
            }
        }
        let of_signers =
            signers.iter().map(|it| [it.certificate().fingerprint(), it.fingerprint()]);
        let of_named = named.iter().map(|it| [it.fingerprint(), it.fingerprint()]);
        let keys = of_signers.chain(of_named).collect();
        Self { certificates, keys, is_here: !signers.is_empty(), development }
    }

    fn verifier(&self, at: SystemTime) -> Option<Verifier> {
        let certificates = self.certificates.clone();
        (!certificates.is_empty()).then(|| Verifier::new(certificates, at))
    }

    fn for_pages(&self) -> Option<docs::Signing<'_>> {
        let [certificate, key] = self.keys.first()?;
        Some(docs::Signing { certificate, key, development: self.development.is_some() })
    }
}

/// What a build has to tell at its end.
struct Built<'b> {
    out: PathBuf,
    entries: usize,
    artifacts: &'b [Artifact],
    signed: Signed,
    /// How many files have been signed anew.
    new: usize,
    /// Whether nothing has changed since the previous manifest.
    is_kept: bool,
    seconds: f64,
}

impl Built<'_> {
    fn tell(&self, console: &Console) {
        for artifact in self.artifacts {
            console.detail("", &format!("{} ({})", artifact.path, size(artifact.bytes.len())));
        }
        let keys: Vec<&str> = self.signed.keys.iter().map(|[_, key]| key.as_str()).collect();
        let keys = keys.join(" and ");
        match (self.signed.is_here, keys.is_empty()) {
            (true, _) => {
                let json = self.artifacts.iter().filter(|it| it.media_type == MediaType::Json);
                let kept = json.count() - self.new;
                let kept = match kept {
                    0 => String::new(),
                    kept => format!("; {} kept their signatures", count(kept, "file", "files")),
                };
                console.status("Signed", &format!("by {keys}{kept}"));
            }
            (false, true) => console.status("Unsigned", "as asked for"),
            (false, false) => {
                console.status("Unsigned", &format!("`tfadir sign` is next, with {keys}"))
            }
        }
        if let Some(source) = &self.signed.development {
            console.warning(&format!(
                "this is the development key in {source}: do not publish this\n\
                 help: name your key with --key or PGP_KEY"
            ));
        }
        if self.is_kept {
            console.status("Unchanged", "since the previous build; its manifest is kept");
        }
        let files = count(self.artifacts.len(), "file", "files");
        let total = size(self.artifacts.iter().map(|it| it.bytes.len()).sum());
        let out = self.out.display();
        console.status("Built", &format!("{out}: {files}, {total}, in {:.2} s", self.seconds));
    }

    fn to_json(&self, findings: &Value) -> Value {
        let files: Vec<Value> = self
            .artifacts
            .iter()
            .map(|artifact| {
                json!({
                    "path": artifact.path,
                    "size": artifact.bytes.len(),
                    "media_type": artifact.media_type.name(),
                    "count": artifact.count,
                })
            })
            .collect();
        let first = self.signed.keys.first().filter(|_| self.signed.is_here);
        let signed = first.map(|[certificate, key]| {
            json!({
                "certificate": certificate,
                "key": key,
                "keys": self.signed.keys.iter().map(|[_, key]| key).collect::<Vec<_>>(),
                "new": self.new,
                "development": self.signed.development.is_some(),
            })
        });
        json!({
            "out": self.out,
            "entries": self.entries,
            "signed": signed,
            "files": files,
            "findings": findings,
            "seconds": self.seconds,
        })
    }
}
