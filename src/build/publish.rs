//! The last stages of a build: from all files to a published folder with its manifest and
//! signatures.

use std::collections::BTreeSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::artifact::Artifact;
use crate::build::assemble::Complete;
use crate::cli::BuildArgs;
use crate::directory::{Directory, Settings, examples};
use crate::failure::{Failure, Result, fail, failure};
use crate::git::{self, Commit};
use crate::limits::unwritable;
use crate::openpgp::Verifier;
use crate::publish::manifest::{self, Manifest, Serial, Source};
use crate::publish::{Durability, Previous, Target};
use crate::session::Session;
use crate::session::clock;
use crate::signing::Signing;
use crate::signing::signers::Signers;
use crate::staging::FOLDER;
use crate::text::{count, enumerate, quote};

#[derive(Debug)]
pub(crate) struct Published {
    /// How many files have new signatures.
    pub(crate) new: usize,
    /// Whether nothing has changed since the previous manifest.
    pub(crate) is_kept: bool,
}

/// The folder to publish to.
pub(crate) fn out(session: &Session<'_>, args: &BuildArgs) -> Result<PathBuf> {
    let Directory { root, settings, .. } = &session.directory;
    let Some(out) = &args.out else {
        return Ok(root.join(&settings.paths.dist));
    };
    refuse_overlap(&session.directory, out)?;
    Ok(out.clone())
}

/// Fails if a folder that will be replaced is or contains a part of the root, or is inside one.
pub(crate) fn refuse_overlap(directory: &Directory, out: &Path) -> Result<()> {
    let Directory { root, settings, .. } = directory;
    let resolved = resolved(out).map_err(unwritable(out))?;
    let shown = out.display();
    let help = "choose a folder that tfadir can own, outside the directory's own folders";
    if root.starts_with(&resolved) {
        fail!("`{shown}` contains the directory itself, and would be replaced"; help: "{help}");
    }
    for part in settings.inputs().into_iter().chain([".git", FOLDER]) {
        let named = root.join(part);
        let folder = named.canonicalize().unwrap_or(named);
        if resolved.starts_with(&folder) || folder.starts_with(&resolved) {
            fail!(
                "`{shown}` and the directory's `{part}` overlap, and `{shown}` would be replaced";
                help: "{help}"
            );
        }
    }
    Ok(())
}

/// A path without links, `.` and `..`; what it names need not exist.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut resolved = PathBuf::new();
    for component in std::path::absolute(path)?.components() {
        match component {
            Component::ParentDir => drop(resolved.pop()),
            component => resolved.push(component),
        }
        if let Ok(canonical) = resolved.canonicalize() {
            resolved = canonical;
        }
    }
    Ok(resolved)
}

/// Adds the manifest and the signatures to all other files, and publishes them at `out`. On
/// errors, the published folder does not change.
pub(crate) fn publish(
    session: &Session<'_>,
    args: &BuildArgs,
    complete: &mut Complete,
    out: &Path,
    source: &Source,
) -> Result<Published> {
    let Complete {
        artifacts, signers, ..
    } = complete;
    let waiting = || {
        session
            .console
            .status("Waiting", "for another build of this folder");
    };
    let target = Target::claim(out, waiting)?;
    let mut previous = previous(session, args, signers, out)?;
    let is_kept = add_manifest(session, args, signers, artifacts, &previous, source)?;
    if args.signing.resign {
        previous.folder = None;
    }
    let new = add_signatures(session, signers, artifacts, &previous)?;
    let durability = if session.is_release {
        Durability::Flushed
    } else {
        Durability::Relaxed
    };
    target.publish(artifacts, durability)?;
    Ok(Published { new, is_kept })
}

/// The source of the manifest's serial and time. A signed release must have a good serial.
pub(crate) fn source(session: &Session<'_>, args: &BuildArgs) -> Result<Source> {
    let date = clock::source_date()?;
    let commit = match Commit::of(&session.directory.root) {
        Err(error) if error.is_exhaustion() => return Err(error.into()),
        Err(error) if is_for_clients(session, args) && args.serial.or(date).is_none() => {
            let mut failure = Failure::of(&error.into());
            failure.message = format!(
                "a release needs a serial, but git cannot say when the commit was made\n{failure}"
            );
            failure
                .help
                .push("without git, set a serial with --serial".to_owned());
            return Err(failure.into());
        }
        Err(error) => {
            session
                .console
                .warning(&format!("the manifest contains no commit: {error}"));
            None
        }
        Ok(commit) => commit,
    };
    let seconds = date.or(commit.as_ref().map(|commit| commit.seconds));
    let mut commit_id = commit.map(|commit| commit.id);
    let Directory { root, settings, .. } = &session.directory;
    let changed = match &commit_id {
        Some(id) if session.is_release => git::differing(root, id, &settings.inputs())?,
        _ => BTreeSet::new(),
    };
    if let (Some(id), Some(first)) = (&commit_id, changed.first()) {
        let first = quote(&first.to_string_lossy());
        let what = match changed.len() - 1 {
            0 => format!("{first} differs"),
            more => format!(
                "{first} and {} differ",
                count(more, "more file", "more files")
            ),
        };
        session.console.warn(&failure!(
            "the manifest contains no commit, because {what} from commit {id}";
            help: "commit the changes first; then `tfadir verify --source` can repeat the build";
            help: "if `git status` shows none, git converted the files when it checked them out, \
                   or does not look at them: see core.autocrlf, .gitattributes, sparse-checkout, \
                   and `git ls-files -v`"
        ));
        commit_id = None;
    }
    let source = Source {
        serial: args.serial,
        seconds,
        commit: commit_id,
    };
    if is_for_clients(session, args) {
        source.for_release(clock::now())?;
        refuse_examples(&session.directory.settings)?;
    }
    Ok(source)
}

/// Fails if settings still have the example values that `tfadir init` wrote: they lead to hosts and
/// addresses that do not exist.
fn refuse_examples(settings: &Settings) -> Result<()> {
    let left = examples::unchanged(settings);
    if !left.is_empty() {
        let keys = enumerate(left.iter().map(String::as_str), "and");
        fail!(
            "directory.toml still has the example values of `tfadir init` for {keys}";
            help: "replace them with your own values before a release"
        );
    }
    Ok(())
}

/// Whether this is a release that clients get: an unsigned build is only a preview, unless its keys
/// sign it elsewhere.
pub(crate) fn is_for_clients(session: &Session<'_>, args: &BuildArgs) -> bool {
    session.is_release && !(args.unsigned && args.cert.is_empty())
}

/// What was published before, if a key of this build signed it.
pub(crate) fn previous(
    session: &Session<'_>,
    args: &BuildArgs,
    signers: &Signers,
    out: &Path,
) -> Result<Previous> {
    let verifier = Verifier::new(signers.certificates.clone(), session.at);
    if let Some(path) = &args.previous {
        return Previous::named(path, &verifier);
    }
    match Previous::replaced(out, &verifier) {
        Ok(previous) if previous.is_by_others && session.is_release => {
            session.console.warn(&failure!(
                "the manifest in `{}` is not signed by a key of this build; starting a new serial \
                 history", out.display();
                help: "after a development build, this is expected; otherwise clients refuse the \
                       build until they trust its key: during a roll-over, also sign with the old \
                       key"
            ));
            Ok(previous)
        }
        // The serial of a release must increase, so the previous serial must be known.
        Err(error) if !session.is_release => {
            session
                .console
                .warn(&failure!("{error}"; help: "the build replaces it anyway"));
            Ok(Previous::default())
        }
        previous => previous,
    }
}

/// Adds the manifest; returns whether it is the unchanged previous one.
fn add_manifest(
    session: &Session<'_>,
    args: &BuildArgs,
    signers: &Signers,
    artifacts: &mut Vec<Artifact>,
    previous: &Previous,
    source: &Source,
) -> Result<bool> {
    let keys = signers.fingerprints.clone();
    let manifest = Manifest::of(&session.directory.settings, artifacts, keys, source)?;
    if let Some(before) = &previous.manifest
        && session.is_release
        && !args.change_extensions
    {
        manifest.with_extensions_of(before)?;
    }
    let origin = match source.serial {
        Some(_) => Serial::Chosen,
        None => Serial::OfSource,
    };
    let mut next = manifest;
    if let Some(before) = &previous.manifest {
        let Some(successor) = next.after(before, origin) else {
            artifacts.push(manifest::artifact(before.bytes().to_vec()));
            return Ok(true);
        };
        next = successor;
    }
    let is_known = next.serial > 0
        || next
            .previous
            .as_ref()
            .is_none_or(|previous| previous.serial == 0);
    if session.is_release || !is_known {
        next.for_release()?;
    }
    artifacts.push(next.artifact()?);
    Ok(false)
}

/// Adds the signatures, if this build signs; returns how many files got new ones.
pub(crate) fn add_signatures(
    session: &Session<'_>,
    signers: &Signers,
    artifacts: &mut Vec<Artifact>,
    previous: &Previous,
) -> Result<usize> {
    if signers.here.is_empty() {
        return Ok(0);
    }
    let extensions = session.directory.settings.signatures.pair();
    let kept = |path: &str| previous.signature(path, extensions[0]);
    let signing = Signing {
        signers: &signers.here,
        extensions,
        at: session.at,
        previous: &kept,
    };
    session
        .console
        .patiently("signing", || signing.sign(artifacts))
}
