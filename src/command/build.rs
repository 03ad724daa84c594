//! `tfadir build`.

use std::env;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use super::publication::{self, Publication, Published};
use super::signatories::Signatories;
use super::signing::{self, Signers};
use super::{Failure, Report, clock, emit};
use crate::api::{self, Style};
use crate::artifact::{Artifact, MediaType};
use crate::check::{self, Extent};
use crate::cli::{BuildArgs, Global};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::hosting;
use crate::project::Project;
use crate::report::Tally;
use crate::wording::{count, size};

/// Reads and checks all entries, makes the API and its pages of them, signs, and publishes.
pub fn run(args: &BuildArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let reached = |stage: &str| {
        console.detail("", &format!("{stage} after {:.1} ms", start.elapsed().as_secs_f64() * 1e3));
    };
    let at = clock::time()?;
    let is_release = args.release || env::var_os("CI").is_some_and(|value| value == "true");
    let project = Project::open(global.root.as_deref())?;
    let chosen = match args.unsigned {
        true => None,
        false => Some(signing::choose(&args.signing, is_release, &project.root, at, console)?),
    };
    let development = chosen.as_ref().and_then(|chosen| chosen.development.clone());

    // A passphrase is hashed for as long as it takes to read a directory; both begin now.
    thread::scope(|scope| {
        let unlocking = chosen.map(|chosen| scope.spawn(|| chosen.unlock()));
        let source = scope.spawn(|| publication::source(args, &project));

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
        let signatories = Signatories::of(args, signers, development, at, console)?;
        emit::warn_of_ignored(&project, console);
        let announcement = signatories.announcement(&project, at, console)?;
        let signing = signatories.for_pages(announcement.problem.is_none());
        artifacts.extend(emit::surroundings(&project, &artifacts, signing)?);
        artifacts.extend(announcement.artifacts);
        if args.precompress {
            let compressed =
                console.patiently("compressing", || hosting::compressed(&artifacts))?;
            artifacts.extend(compressed);
        }
        reached("documented");

        let out = match &args.out {
            Some(out) => out.clone(),
            None => project.root.join(&project.settings.paths.dist),
        };
        let source = source.join().map_err(|_| "git could not be asked")??;
        let (project, signatories) = (&project, &signatories);
        let publication = Publication { args, project, signatories, is_release, at, console };
        let published = publication.publish(&mut artifacts, &out, &source)?;
        reached("published");

        let built = Built {
            out,
            entries: tree.files.len(),
            artifacts: &artifacts,
            signatories,
            published,
            seconds: start.elapsed().as_secs_f64(),
        };
        console.structured(&built.to_json(&findings));
        built.tell(console);
        Ok(ExitCode::Success)
    })
}

/// What a build has to tell at its end.
struct Built<'b> {
    out: PathBuf,
    entries: usize,
    artifacts: &'b [Artifact],
    signatories: &'b Signatories,
    published: Published,
    seconds: f64,
}

impl Built<'_> {
    fn is_signed(&self) -> bool {
        !self.signatories.signers.is_empty()
    }

    fn tell(&self, console: &Console) {
        for artifact in self.artifacts {
            console.detail("", &format!("{} ({})", artifact.path, size(artifact.bytes.len())));
        }
        let keys = self.signatories.keys.join(" and ");
        match (self.is_signed(), keys.is_empty()) {
            (true, _) => {
                let json = self.artifacts.iter().filter(|it| it.media_type == MediaType::Json);
                let kept = json.count() - self.published.new;
                let kept = match kept {
                    0 => String::new(),
                    kept => format!("; {} kept their signatures", count(kept, "file", "files")),
                };
                console.status("Signed", &format!("by {keys}{kept}"));
            }
            (false, true) => console.status("Unsigned", "as asked for"),
            (false, false) => {
                console.status("Unsigned", &format!("`tfadir sign` is next, with {keys}"));
            }
        }
        if let Some(source) = &self.signatories.development {
            console.warning(&format!(
                "this is the development key in {source}: do not publish this\n\
                 help: name your key with --key or PGP_KEY"
            ));
        }
        if self.published.is_kept {
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
        let Signatories { fingerprints, keys, development, .. } = self.signatories;
        let signed = self.is_signed().then(|| {
            json!({
                "certificates": fingerprints,
                "keys": keys,
                "new": self.published.new,
                "development": development.is_some(),
            })
        });
        json!({
            "out": self.out.to_string_lossy(),
            "entries": self.entries,
            "signed": signed,
            "files": files,
            "findings": findings,
            "seconds": self.seconds,
        })
    }
}
