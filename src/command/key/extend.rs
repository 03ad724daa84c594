//! `tfadir key extend`.

use std::path::Path;
use std::time::SystemTime;

use serde_json::json;

use super::publish::{address, publish};
use crate::cli::{Global, KeyExtendArgs};
use crate::exit_code::ExitCode;
use crate::failure::{Result, fail};
use crate::limits::ReadError;
use crate::openpgp::expiry::{day, timestamp, whole_second};
use crate::openpgp::key_files::{KeyFiles, replace};
use crate::openpgp::{Certificate, ExtendedKey, KeyToExtend};
use crate::session::console::Console;
use crate::signing::keys::{certificates, passphrase_of, read};

/// Lets a key expire later, in place.
pub(super) fn run(args: &KeyExtendArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    // A link stays a link to the file that is replaced.
    let file = args
        .key
        .canonicalize()
        .map_err(|error| ReadError::new(&args.key, error))?;
    if !file.is_file() {
        fail!("`{}` is not a file", args.key.display());
    }
    let key = KeyToExtend::parse(&args.key.display().to_string(), &read(&file)?)?;
    let certificate_file = KeyFiles::certificate_of(&file)?;
    let published = published(&certificate_file, &key)?;
    let target = match &args.publish {
        Some(out) => Some((out, address(args.email.as_ref(), out, global)?)),
        None => None,
    };
    let expiry = args.until.of_key_made(whole_second(SystemTime::now()))?;
    let passphrase = passphrase_of(&key, args.password_file.as_deref())?;

    let ExtendedKey {
        secret,
        certificate,
        note,
    } = console.patiently("extending the key", || {
        key.extend(passphrase.as_ref(), expiry)
    })?;
    if let Some(note) = &note {
        console.warn(note);
    }
    // The old certificate may know a revocation that the secret key does not.
    let all = published.into_iter().chain([certificate]).collect();
    let merged = Certificate::merged(all)?;
    for certificate in &merged {
        certificate.signer(SystemTime::now())?;
    }
    replace(&file, &secret)?;
    replace(&certificate_file, &Certificate::armored(&merged)?)?;

    let until = expiry.map_or("does not expire".to_owned(), |expiry| {
        format!("expires on {}", day(expiry))
    });
    let fingerprint = key.fingerprint();
    console.status("Extended", &format!("the key {fingerprint}, which {until}"));
    console.status("Wrote", &format!("{}: the secret key", file.display()));
    let shown = certificate_file.display();
    console.status("Wrote", &format!("{shown}: the certificate"));
    let mut discovery = None;
    if let Some((out, address)) = target {
        discovery = Some(publish(&merged, &address, out, console)?);
    } else {
        console.status(
            "Next",
            &format!("publish it: build again, or run `tfadir key publish {shown} --out FOLDER`"),
        );
    }
    console.structured(&json!({
        "fingerprint": fingerprint,
        "expires": expiry.and_then(timestamp),
        "secret": file,
        "certificate": certificate_file,
        "published": discovery,
    }));
    Ok(ExitCode::Success)
}

/// The certificate that is next to the key; it must be of the same key.
fn published(file: &Path, key: &KeyToExtend) -> Result<Option<Certificate>> {
    if file.symlink_metadata().is_err() {
        return Ok(None);
    }
    let mut found = certificates(&[file.to_owned()])?;
    if found.len() != 1 || found[0].fingerprint() != key.fingerprint() {
        fail!(
            "`{}` is not the certificate of the key {}, and would be replaced",
            file.display(), key.fingerprint();
            help: "move it away, or rename the key's file"
        );
    }
    Ok(found.pop())
}
