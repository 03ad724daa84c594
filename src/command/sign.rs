//! `tfadir sign`.

use std::path::PathBuf;

use serde_json::json;

use crate::cli::{Global, SignCommandArgs};
use crate::exit_code::ExitCode;
use crate::openpgp::Signing;
use crate::pipeline::console::Console;
use crate::pipeline::report::{self, NoTexts};
use crate::pipeline::signers::{SignersError, Unlocking, in_order};
use crate::pipeline::{Failure, clock, dist, keys};
use crate::publish::manifest::{self, ManifestError};
use crate::publish::marker;
use crate::publish::{Durability, Previous, Target};
use crate::text::count;
use crate::verify::Contents;

#[derive(Debug, thiserror::Error)]
enum SignCommandError {
    #[error(
        "no key is named\n\
         help: name one with --key or PGP_KEY, or one of gpg's with --signer gpg and --key-id"
    )]
    NoKey,
    #[error(
        "`{0}` lacks its hidden file `{name}`, so hidden files were not copied\n\
         help: copy the whole folder; actions/upload-artifact needs `include-hidden-files: true`",
        name = marker::FILE
    )]
    NoMarker(PathBuf),
    #[error("another build replaced `{0}`; nothing was signed\nhelp: sign again")]
    Replaced(PathBuf),
}

/// Signs an unsigned build after comparing it with its manifest.
pub(super) fn run(
    args: &SignCommandArgs,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, Failure> {
    let at = clock::time()?;
    let folder = dist(args.dist.as_deref(), global)?;
    let chosen = keys::named(&args.signing, true, at)?.ok_or(SignCommandError::NoKey)?;
    let unlocking = Unlocking::start(Some(chosen));
    let contents = console.patiently("reading the files", || Contents::read(&folder))?;
    let manifest = &contents.manifest;
    if manifest.keys.is_empty() {
        return Err(SignersError::Unsigned.into());
    }
    if manifest::is_ahead(manifest.serial, clock::now()) {
        return Err(ManifestError::Ahead(manifest.serial).into());
    }
    let findings = contents.differences();
    if !findings.is_empty() {
        let findings = report::findings(console, &folder, &findings, &NoTexts);
        console.structured(&json!({ "findings": findings }));
        console.status("Failed", "nothing was signed");
        return Ok(ExitCode::Findings);
    }
    if !contents.files.contains_key(marker::FILE) {
        return Err(SignCommandError::NoMarker(folder).into());
    }
    let signers = in_order(unlocking.wait(console)?, manifest)?;
    for signer in &signers {
        keys::warn_of_expiry(signer.certificate(), &signer.fingerprint(), at, console);
    }

    let previous = match args.signing.resign {
        true => Previous::default(),
        false => Previous::folder(args.previous.as_deref().unwrap_or(&folder)),
    };
    let endings = manifest.signatures.pair();
    let kept = |path: &str| previous.signature(path, endings[0]);
    let signing = Signing { signers: &signers, endings, at, previous: &kept };
    let mut artifacts = contents.artifacts();
    let signed = console.patiently("signing", || signing.sign(&artifacts))?;
    artifacts.extend(signed.artifacts);

    let target = Target::claim(&folder, || console.status("Waiting", "for another build"))?;
    if !contents.is_current(&folder) {
        return Err(SignCommandError::Replaced(folder).into());
    }
    target.publish(&artifacts, Durability::Flushed)?;

    let names: Vec<String> = signers.iter().map(|signer| signer.fingerprint()).collect();
    let (total, new) = (manifest.signed().count(), signed.new);
    console.structured(&json!({
        "out": folder.to_string_lossy(),
        "signed": { "keys": names, "files": total, "new": new },
        "findings": [],
    }));
    let kept = match total - new {
        0 => String::new(),
        kept => format!("; {kept} kept their signatures"),
    };
    let (files, names) = (count(total, "file", "files"), names.join(" and "));
    console.status("Signed", &format!("{files} in {} by {names}{kept}", folder.display()));
    Ok(ExitCode::Success)
}
