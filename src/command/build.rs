//! `tfadir build`.

use std::path::PathBuf;
use std::thread;
use std::time::{Instant, SystemTime};

use serde_json::{Value, json};

use super::key;
use super::{Failure, Report};
use crate::api::{self, Style, Validators};
use crate::artifact::{Artifact, MediaType};
use crate::check::{self, Extent};
use crate::cli::{BuildArgs, Global};
use crate::console::Console;
use crate::docs::{self, Signing};
use crate::exit_code::ExitCode;
use crate::openpgp::{self, KeySource, SigningKey};
use crate::project::Project;
use crate::publish::{Durability, Target};
use crate::report::Tally;
use crate::wording::{count, size};

/// Reads and checks all entries, makes the API and its pages of them, signs, and publishes.
pub fn run(args: &BuildArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let reached = |stage: &str| {
        console.detail("", &format!("{stage} after {:.1} ms", start.elapsed().as_secs_f64() * 1e3));
    };
    let at = key::time()?;
    let project = Project::open(global.root.as_deref())?;
    let chosen = match args.unsigned {
        true => None,
        false => Some(key::choose(args, &project.root, at, console)?),
    };
    let development = chosen.as_ref().and_then(|chosen| chosen.development.clone());

    // A passphrase is hashed for as long as it takes to read a directory; both begin now.
    thread::scope(|scope| {
        let unlocking = chosen.map(|chosen| scope.spawn(|| chosen.unlock()));

        let (tree, validators) = console.patiently("reading the entries", || {
            rayon::join(|| project.load(), || Validators::new(&project.schemas))
        });
        let (tree, validators) = (tree?, validators?);
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

        let key = match unlocking {
            None => None,
            Some(unlocking) => {
                let unlocked = console.patiently("unlocking the key", || unlocking.join());
                Some(unlocked.map_err(|_| "the key could not be unlocked")??)
            }
        };
        let signed = key.as_ref().map(|key| Signed::by(key, development.clone()));
        let pages = docs::artifacts(&project, &artifacts, signed.as_ref().map(Signed::for_pages))?;
        artifacts.extend(pages);
        if let Some(key) = &key {
            let sign = || sign(&project, &artifacts, key, at);
            let signatures = console.patiently("signing", sign)?;
            artifacts.extend(signatures);
        }
        reached("signed");

        let out = match &args.out {
            Some(out) => out.clone(),
            None => project.root.join(&project.settings.paths.dist),
        };
        let durability = match key::is_release(args) {
            true => Durability::Flushed,
            false => Durability::Relaxed,
        };
        let waiting = || console.status("Waiting", "for another build beside this one");
        Target::claim(&out, waiting)?.publish(&artifacts, durability)?;
        reached("published");

        let built = Built {
            out,
            entries: tree.files.len(),
            artifacts: &artifacts,
            signed,
            seconds: start.elapsed().as_secs_f64(),
        };
        console.structured(&built.to_json(&findings));
        built.tell(console);
        Ok(ExitCode::Success)
    })
}

fn sign(
    project: &Project,
    artifacts: &[Artifact],
    key: &SigningKey,
    at: SystemTime,
) -> Result<Vec<Artifact>, Failure> {
    let endings = &project.settings.signatures;
    let endings = [endings.detached.as_str(), endings.inline.as_str()];
    let mut signatures = openpgp::sign(artifacts, key, endings, at)?;
    let about = "The public key, ASCII-armored.";
    let certificate = key.armored_certificate()?;
    signatures.push(Artifact::new("key.asc", MediaType::PgpKeys, about, certificate));
    Ok(signatures)
}

/// Who signed.
#[derive(Debug)]
struct Signed {
    certificate: String,
    key: String,
    development: Option<KeySource>,
}

impl Signed {
    fn by(key: &SigningKey, development: Option<KeySource>) -> Self {
        Self { certificate: key.certificate_fingerprint(), key: key.fingerprint(), development }
    }

    fn for_pages(&self) -> Signing<'_> {
        Signing {
            certificate: &self.certificate,
            key: &self.key,
            development: self.development.is_some(),
        }
    }
}

/// What a build has to tell at its end.
struct Built<'b> {
    out: PathBuf,
    entries: usize,
    artifacts: &'b [Artifact],
    signed: Option<Signed>,
    seconds: f64,
}

impl Built<'_> {
    fn tell(&self, console: &Console) {
        for artifact in self.artifacts {
            console.detail("", &format!("{} ({})", artifact.path, size(artifact.bytes.len())));
        }
        match &self.signed {
            None => console.status("Unsigned", "as asked for"),
            Some(Signed { key, development: None, .. }) => {
                console.status("Signed", &format!("by {key}"));
            }
            Some(Signed { key, development: Some(source), .. }) => {
                console.status("Signed", &format!("by {key}"));
                console.warning(&format!(
                    "this is the development key in {source}: do not publish this\n\
                     help: name your key with --key or PGP_KEY"
                ));
            }
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
        let signed = self.signed.as_ref().map(|signed| {
            json!({
                "certificate": signed.certificate,
                "key": signed.key,
                "development": signed.development.is_some(),
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
