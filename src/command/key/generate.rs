//! `tfadir key generate`.

use std::io::{self, IsTerminal};

use sequoia_openpgp::crypto::Password;
use serde_json::json;

use crate::cli::{CipherArg, KeyGenerateArgs};
use crate::exit_code::ExitCode;
use crate::openpgp::expiry::{day, timestamp};
use crate::openpgp::key_files::KeyFiles;
use crate::openpgp::{Cipher, NewKey, Profile};
use crate::pipeline::Failure;
use crate::pipeline::clock::time;
use crate::pipeline::console::Console;
use crate::pipeline::keys::{ChooseError, given_passphrase};

/// Why a key has no passphrase.
#[derive(Debug, thiserror::Error)]
enum PassphraseError {
    #[error(
        "no passphrase is given for the key\n\
         help: name a file that holds one with --password-file, or set PGP_PASSWORD; for a key that \
         nothing protects, say --no-passphrase"
    )]
    None,
    #[error(
        "the passphrase is empty\n\
         help: give one, or say --no-passphrase for a key that nothing protects"
    )]
    Empty,
    #[error("the two passphrases differ, and no key was made\nhelp: try again")]
    Different,
}

/// Makes a key and says what to do with it.
pub(super) fn run(args: &KeyGenerateArgs, console: &Console) -> Result<ExitCode, Failure> {
    let at = time()?;
    // Nobody is to be asked for a passphrase in vain.
    let files = KeyFiles::beside(&args.out)?;
    let expiry = args.expires.of_key_made(at)?;
    let email = args.email.to_string();
    let profile = Profile {
        email: &email,
        name: args.name.as_deref(),
        cipher: match args.cipher {
            CipherArg::Ed25519 => Cipher::Ed25519,
            CipherArg::Rsa4096 => Cipher::Rsa4096,
        },
        expires: args.expires,
        signing_subkey: args.signing_subkey,
        passphrase: passphrase(args)?,
    };
    let is_protected = profile.passphrase.is_some();
    let key = console.patiently("making the key", || NewKey::generate(profile, at))?;
    files.keep(&key)?;

    let fingerprint = key.certificate.fingerprint();
    let [secret, certificate, revocation] =
        [&files.secret, &files.certificate, &files.revocation].map(|it| it.display());
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
    console.status("Made", &format!("the key {fingerprint}, {until}"));
    console.status("Wrote", &format!("{secret}: the secret key, to keep and to back up"));
    console.status("Wrote", &format!("{certificate}: the certificate, for everybody"));
    console.status("Wrote", &format!("{revocation}: what revokes the key, to keep elsewhere"));
    console.status("Next", &format!("tfadir build --release --key {secret}"));
    console.status("", &format!("tfadir key publish {certificate} --out DIR"));
    console.status("", &format!("tfadir key check {certificate}, every day in CI"));
    if !is_protected {
        console.warning(&format!(
            "nothing protects {secret}: whoever has the file can sign\n\
             help: keep it where only the build can read it"
        ));
    }
    Ok(ExitCode::Success)
}

fn passphrase(args: &KeyGenerateArgs) -> Result<Option<Password>, Failure> {
    if args.no_passphrase {
        return Ok(None);
    }
    let passphrase = match given_passphrase(args.password_file.as_deref())? {
        Some(given) => given,
        None if io::stdin().is_terminal() => {
            let ask = |prompt| rpassword::prompt_password(prompt).map_err(ChooseError::Prompt);
            let first = Password::from(ask("Passphrase of the new key: ")?);
            let second = Password::from(ask("The same passphrase again: ")?);
            if first != second {
                return Err(PassphraseError::Different.into());
            }
            first
        }
        None => return Err(PassphraseError::None.into()),
    };
    match passphrase.map(|bytes| bytes.is_empty()) {
        true => Err(PassphraseError::Empty.into()),
        false => Ok(Some(passphrase)),
    }
}
