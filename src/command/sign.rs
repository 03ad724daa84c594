//! `tfadir sign`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::thread;

use serde_json::json;

use crate::artifact::{Artifact, MediaType};
use crate::cli::{Global, SignCommandArgs};
use crate::exit_code::ExitCode;
use crate::limits;
use crate::openpgp::{Signer, Signing};
use crate::pipeline::console::Console;
use crate::pipeline::report::{self, NoTexts};
use crate::pipeline::{Failure, clock, dist, keys};
use crate::publish::manifest::{self, Manifest, ManifestError};
use crate::publish::marker;
use crate::publish::{Durability, Previous, Target};
use crate::text::{count, enumerate};
use crate::verify::Contents;

/// A folder cannot be signed.
#[derive(Debug, thiserror::Error)]
enum SignCommandError {
    /// Nobody signs.
    #[error(
        "no key is named\n\
         help: name one with --key or PGP_KEY, or one of gpg's with --signer gpg and --key-id"
    )]
    NoKey,
    /// A part of the build got lost on the way.
    #[error(
        "`{0}` lacks its hidden file `{name}`, so hidden files were not copied\n\
         help: copy the whole folder; actions/upload-artifact needs `include-hidden-files: true`", name = marker::FILE
    )]
    NoMarker(PathBuf),
    /// Another build was published while this one was signed.
    #[error(
        "`{0}` was replaced by another build in the meantime, and nothing was signed\nhelp: sign again"
    )]
    Replaced(PathBuf),
    /// The build expects nobody.
    #[error(
        "this build was made for nobody to sign, and its pages say so\n\
         help: build it again and say by whom: `tfadir build --unsigned --cert FILE`, with the public \
         key"
    )]
    ForNobody,
    /// The build expects somebody else.
    #[error(
        "this build is to be signed by {wanted}, and {given} would sign\n\
         help: name the right key, or build again with --cert and its public key"
    )]
    OtherKeys {
        /// The fingerprints in the manifest.
        wanted: String,
        /// The fingerprints of the certificates of the keys.
        given: String,
    },
}

/// Signs what an unsigned build left, after it has been held against its manifest.
pub(super) fn run(
    args: &SignCommandArgs,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, Failure> {
    let at = clock::time()?;
    let folder = dist(args.dist.as_deref(), global)?;
    let chosen = keys::named(&args.signing, true, at)?.ok_or(SignCommandError::NoKey)?;
    // A passphrase is hashed for as long as it takes to read all files; both begin now.
    let unlocking = thread::spawn(|| chosen.unlock());
    let contents = console.patiently("reading the files", || Contents::read(&folder))?;
    if contents.manifest.keys.is_empty() {
        return Err(SignCommandError::ForNobody.into());
    }
    if manifest::is_ahead(contents.manifest.serial, clock::now()) {
        return Err(ManifestError::Ahead(contents.manifest.serial).into());
    }
    let findings = contents.differences();
    if !findings.is_empty() {
        let findings = report::findings(console, &folder, &findings, &NoTexts);
        console.structured(&json!({ "findings": findings }));
        console.status("Stopped", "nothing was signed");
        return Ok(ExitCode::Findings);
    }
    if !contents.files.contains_key(marker::FILE) {
        return Err(SignCommandError::NoMarker(folder).into());
    }
    let signers = console.patiently("unlocking the key", || unlocking.join());
    let signers = signers.map_err(|_| "the key could not be unlocked")??;
    let signers = in_order(signers, &contents.manifest)?;
    for signer in &signers {
        keys::warn_of_expiry(signer.certificate(), &signer.fingerprint(), at, console);
    }

    let previous = match (&args.previous, args.signing.resign) {
        (_, true) => Previous::default(),
        (Some(path), false) => Previous::folder(path),
        (None, false) => Previous::folder(&folder),
    };
    let Contents { manifest, mut files, .. } = contents;
    let mut artifacts = artifacts(&manifest, &mut files);
    let endings = manifest.signatures.pair();
    let kept = |path: &str| previous.signature(path, endings[0]);
    let signing = Signing { signers: &signers, endings, at, previous: &kept };
    let signed = console.patiently("signing", || signing.sign(&artifacts))?;

    let waiting = || console.status("Waiting", "for a build beside this one");
    let target = Target::claim(&folder, waiting)?;
    refuse_replaced(&folder, &artifacts)?;
    artifacts.extend(signed.artifacts);
    target.publish(&artifacts, Durability::Flushed)?;

    let names: Vec<String> = signers.iter().map(|signer| signer.fingerprint()).collect();
    let total = manifest.signed().count();
    console.structured(&json!({
        "out": folder.to_string_lossy(),
        "signed": { "keys": names, "files": total, "new": signed.new },
        "findings": [],
    }));
    let files = count(total, "file", "files");
    let new = match signed.new {
        new if new == total => String::new(),
        new => format!("; {} kept their signatures", total - new),
    };
    console.status(
        "Signed",
        &format!("{files} in {} by {}{new}", folder.display(), names.join(" and ")),
    );
    Ok(ExitCode::Success)
}

/// The signers in the order in which the manifest names their certificates.
fn in_order(
    mut signers: Vec<Box<dyn Signer>>,
    manifest: &Manifest,
) -> Result<Vec<Box<dyn Signer>>, SignCommandError> {
    let position = |fingerprint: &str| manifest.keys.iter().position(|key| key == fingerprint);
    signers.sort_by_key(|signer| position(&signer.certificate().fingerprint()));
    let given: Vec<String> = signers.iter().map(|it| it.certificate().fingerprint()).collect();
    if given == manifest.keys {
        return Ok(signers);
    }
    let list = |keys: &[String]| enumerate(keys.iter().map(String::as_str), "and");
    Err(SignCommandError::OtherKeys { wanted: list(&manifest.keys), given: list(&given) })
}

/// Refuses a folder that another build has replaced since it was read.
fn refuse_replaced(folder: &Path, read: &[Artifact]) -> Result<(), SignCommandError> {
    let before = read.iter().find(|artifact| artifact.path == manifest::FILE);
    let before = before.map_or(&[][..], |artifact| artifact.bytes.as_slice());
    match limits::read_regular(&folder.join(manifest::FILE), before.len()) {
        Ok(now) if now == before => Ok(()),
        _ => Err(SignCommandError::Replaced(folder.to_owned())),
    }
}

/// Every file of the manifest, and the manifest; their bytes are taken out of `files`.
fn artifacts(manifest: &Manifest, files: &mut BTreeMap<String, Vec<u8>>) -> Vec<Artifact> {
    let mut take = |path: &str| files.remove(path).unwrap_or_default();
    let mut artifacts = Vec::with_capacity(manifest.files.len() + 1);
    for file in &manifest.files {
        let media_type = MediaType::named(&file.media_type).unwrap_or(MediaType::Binary);
        let mut artifact = Artifact::new(&*file.path, media_type, "", take(&file.path));
        artifact.count = file.count;
        artifact.is_signed = file.is_signed();
        artifacts.push(artifact);
    }
    artifacts.push(Artifact::new(manifest::FILE, MediaType::Json, "", take(manifest::FILE)));
    artifacts
}
