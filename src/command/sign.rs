//! `tfadir sign`.

use std::path::Path;

use serde_json::json;

use crate::cli::{Global, SignCommandArgs};
use crate::exit_code::ExitCode;
use crate::failure::{Result, fail};
use crate::publish::{Durability, Previous, Target, manifest, marker};
use crate::session::clock;
use crate::session::console::Console;
use crate::session::dist;
use crate::session::report::{self, NoTexts};
use crate::signing::Signing;
use crate::signing::keys;
use crate::signing::signers::{UnlockJob, in_order};
use crate::text::count;
use crate::verify::Contents;

/// Signs an unsigned build after comparing it with its manifest.
pub(super) fn run(args: &SignCommandArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let at = clock::time()?;
    let folder = dist(args.dist.as_deref(), global)?;
    let Some(chosen) = keys::named(&args.signing, at)? else {
        fail!(
            "no signing key";
            help: "pass --key or set PGP_KEY; for a key in gpg, pass --signer gpg and --key-id"
        );
    };
    let unlocking = UnlockJob::start(Some(chosen.for_release()?))?;
    if !folder.exists() {
        fail!(
            "there is no build in `{}`", folder.display();
            help: "run `tfadir build --unsigned --cert FILE` first, or pass the folder of the build"
        );
    }
    let contents = console.patiently("reading the files", || Contents::read(&folder))?;
    let manifest = &contents.manifest;
    if manifest.keys.is_empty() {
        fail!(
            "this build has no signing key, and its pages say so";
            help: "build it again with the public key: `tfadir build --unsigned --cert FILE`"
        );
    }
    manifest::refuse_ahead(manifest.serial, clock::now())?;
    let findings = contents.differences();
    if !findings.is_empty() {
        let records = report::findings(console, &folder, &findings, &NoTexts);
        console.structured(&json!({ "findings": records }));
        console.status("Failed", "nothing was signed");
        return Ok(ExitCode::Findings);
    }
    if !contents.files.contains_key(marker::FILE) {
        fail!(
            "`{}` lacks its hidden file `{}`, so hidden files were not copied", folder.display(), marker::FILE;
            help: "copy the whole folder; actions/upload-artifact needs `include-hidden-files: \
                   true`"
        );
    }
    let target = Target::claim(&folder, || console.status("Waiting", "for another build"))?;
    if !contents.is_current(&folder) {
        let folder = folder.display();
        fail!("another build replaced `{folder}`; nothing was signed"; help: "sign again");
    }
    let unsigned: Vec<&str> = contents.unsigned().collect();
    // The unsigned files are staged while the keys are being unlocked.
    let staged = target.stage(&unsigned)?;
    let signers = in_order(unlocking.wait(console)?, manifest)?;
    for signer in &signers {
        keys::warn_of_expiry(signer.certificate(), &signer.fingerprint(), at, console);
    }

    let folder_before = args.previous.clone().unwrap_or_else(|| folder.clone());
    let previous = Previous {
        folder: (!args.signing.resign).then_some(folder_before),
        ..Previous::default()
    };
    let extensions = manifest.signatures.pair();
    let kept = |path: &str| previous.signature(path, extensions[0]);
    let signing = Signing {
        signers: &signers,
        extensions,
        at,
        previous: &kept,
    };
    let mut artifacts = contents.signed();
    let new = console.patiently("signing", || signing.sign(&mut artifacts))?;
    staged.publish(&artifacts, Durability::Flushed)?;

    let keys: Vec<String> = signers.iter().map(|signer| signer.fingerprint()).collect();
    report_signed(console, &folder, &keys, manifest.signed().count(), new);
    Ok(ExitCode::Success)
}

fn report_signed(console: &Console, folder: &Path, keys: &[String], total: usize, new: usize) {
    console.structured(&json!({
        "out": folder.to_string_lossy(),
        "signed": { "keys": keys, "files": total, "new": new },
        "findings": [],
    }));
    let kept = match total - new {
        0 => String::new(),
        kept => format!("; {kept} kept their signatures"),
    };
    let files = count(total, "file", "files");
    let (folder, names) = (folder.display(), keys.join(" and "));
    console.status("Signed", &format!("{files} in {folder} by {names}{kept}"));
}
