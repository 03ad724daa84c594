//! Signing through gpg, for keys in its agent or on a smart card.

use std::io;
use std::process::Output;
use std::time::{SystemTime, UNIX_EPOCH};

use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::{Cert, Fingerprint};

use super::certificate::Certificate;
use super::key;
use super::parse::Signed;
use super::select;
use super::signatures::{Signatures, is_fully_protected};
use super::signer::Signer;
use crate::failure::{Failure, Result, fail, failure};
use crate::process;
use crate::text::visible;

/// A key in gpg.
#[derive(Debug)]
pub(crate) struct Gpg {
    certificate: Certificate,
    key: Fingerprint,
}

impl Gpg {
    /// The key with this fingerprint or 16-digit key ID in gpg's default keyring.
    ///
    /// The ID of a primary key selects the primary key if it can sign, or else its first subkey
    /// that can. A test signature asks for a PIN once, and detects a missing key before any other
    /// work.
    pub(crate) fn open(id: &str, at: SystemTime) -> Result<Self> {
        let wanted = key::parse_key_id(id)?;
        let exported = run(&["--export", &wanted.to_hex()], &[]).map_err(|error| {
            failure!(
                "cannot run gpg: {error}";
                help: "install GnuPG, or sign with a key in a file: --key FILE"
            )
        })?;
        let cert = Cert::from_bytes(&exported.stdout)
            .map_err(|error| not_exported(&wanted.to_hex(), &exported, &error))?;
        let policy = StandardPolicy::new();
        let valid = select::check(&cert, &policy, at)?;
        // The test signature shows whether gpg has the secret.
        let key = select::signing_key(&valid, Some(&wanted), |key| Ok(key.fingerprint()))?;
        let gpg = Self {
            certificate: Certificate::of(&cert)?,
            key,
        };
        if let Err(reason) = gpg.sign(b"", at) {
            let key = gpg.key.to_hex();
            fail!(
                "gpg cannot sign with the key {key}: {reason}";
                help: "try `gpg --local-user {key} --detach-sign`; gpg's agent asks for a PIN or \
                       passphrase (in a terminal, run `export GPG_TTY=$(tty)` first); if the \
                       secret of a primary key is stored elsewhere, pass its subkey with --key-id"
            );
        }
        Ok(gpg)
    }
}

impl Signer for Gpg {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn fingerprint(&self) -> String {
        self.key.to_hex()
    }

    fn sign(&self, bytes: &[u8], at: SystemTime) -> Result<Signature, String> {
        // The exclamation mark keeps gpg from choosing another key of the certificate.
        let key = format!("{}!", self.key.to_hex());
        let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        // All files have the same date, however long the PIN and the card take.
        let time = format!("{seconds}!");
        let mut args = vec!["--local-user", &key, "--digest-algo", "SHA512"];
        args.extend(
            ["--faked-system-time", &time]
                .into_iter()
                .chain(PLAIN.split(' ')),
        );
        let output = run(&args, bytes).map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(message(&output));
        }
        match Signed::read(&output.stdout, 0) {
            Ok(Signed::Detached(signatures)) if is_plain(&signatures) => {
                signatures.0.into_iter().next().ok_or_else(String::new)
            }
            Ok(_) => Err("gpg adds data to signatures; check gpg.conf".to_owned()),
            Err(error) => Err(format!("the output of gpg {error}")),
        }
    }
}

/// Options for a plain detached signature, whatever gpg.conf contains.
const PLAIN: &str =
    "--no-armor --no-textmode --no-ask-sig-expire --default-sig-expire 0 --detach-sign";

/// Whether there is exactly one signature, which does not expire and has no unprotected content.
fn is_plain(signatures: &Signatures) -> bool {
    matches!(signatures.0.as_slice(), [single]
        if single.signature_validity_period().is_none() && is_fully_protected(single))
}

/// Runs gpg with some input. Only its agent may prompt.
fn run(args: &[&str], input: &[u8]) -> io::Result<Output> {
    let mut gpg = process::command("gpg");
    gpg.args(["--batch", "--no-tty", "--quiet"]).args(args);
    process::output(gpg, input)
}

fn not_exported(key: &str, output: &Output, error: &anyhow::Error) -> Failure {
    let reason = if output.stdout.is_empty() {
        message(output)
    } else {
        error.to_string()
    };
    failure!(
        "gpg does not have the key {key}: {reason}";
        help: "`gpg --list-secret-keys` lists its keys; GNUPGHOME sets where it looks for them"
    )
}

/// The last line of gpg's messages.
fn message(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said
        .lines()
        .rfind(|line| !line.trim().is_empty())
        .unwrap_or("no message");
    visible(line.strip_prefix("gpg: ").unwrap_or(line))
}
