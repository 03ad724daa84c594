//! `tfadir key generate`.

use serde_json::json;

use crate::cli::KeyGenerateArgs;
use crate::exit_code::ExitCode;
use crate::failure::{Result, failure};
use crate::openpgp::expiry::{day, timestamp};
use crate::openpgp::key_files::KeyFiles;
use crate::openpgp::{NewKey, Profile};
use crate::session::clock::time;
use crate::session::console::Console;
use crate::signing::keys::new_passphrase;

/// Creates a key and shows the next steps.
pub(super) fn run(args: &KeyGenerateArgs, console: &Console) -> Result<ExitCode> {
    let at = time()?;
    // Ask for a passphrase only after everything else has been checked.
    let files = KeyFiles::beside(&args.out)?;
    let expiry = args.expires.of_key_made(at)?;
    let email = args.email.to_string();
    let profile = Profile {
        email: &email,
        name: args.name.as_deref(),
        cipher: args.cipher,
        expires: args.expires,
        signing_subkey: args.signing_subkey,
        passphrase: new_passphrase(args)?,
    };
    let is_protected = profile.passphrase.is_some();
    let key = console.patiently("creating the key", || NewKey::generate(profile, at))?;
    files.keep(&key)?;

    let fingerprint = key.certificate.fingerprint();
    let [secret, certificate, revocation] =
        [&files.secret, &files.certificate, &files.revocation].map(|file| file.display());
    let until = expiry.map_or("which does not expire".to_owned(), |expiry| {
        format!("which expires on {}", day(expiry))
    });
    console.structured(&json!({
        "fingerprint": fingerprint,
        "user_ids": key.certificate.user_ids(),
        "expires": expiry.and_then(timestamp),
        "protected": is_protected,
        "secret": files.secret,
        "certificate": files.certificate,
        "revocation": files.revocation,
    }));
    console.status("Created", &format!("the key {fingerprint}, {until}"));
    console.status(
        "Wrote",
        &format!("{secret}: the secret key; store it safely and back it up"),
    );
    console.status(
        "Wrote",
        &format!("{certificate}: the certificate, which is public"),
    );
    console.status(
        "Wrote",
        &format!("{revocation}: revokes the key; store it elsewhere"),
    );
    console.status(
        "Next",
        &format!("build: tfadir build --release --key {secret}"),
    );
    console.status(
        "",
        &format!("publish the key: tfadir key publish {certificate} --out FOLDER"),
    );
    console.status(
        "",
        &format!("every day in CI: tfadir key check {certificate}"),
    );
    if !is_protected {
        console.warn(&failure!(
            "{secret} has no passphrase: anyone who has the file can sign";
            help: "store it where only the build can read it"
        ));
    }
    Ok(ExitCode::Success)
}
