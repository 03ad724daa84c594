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
use super::key_error::KeyError;
use super::parse::Signed;
use super::select;
use super::signatures::{Signatures, is_fully_protected};
use super::signer::Signer;
use crate::process;
use crate::text::visible;

/// A key in gpg.
#[derive(Debug)]
pub(crate) struct Gpg {
    certificate: Certificate,
    key: Fingerprint,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum GpgError {
    #[error("cannot run gpg: {0}\nhelp: install GnuPG, or sign with a key in a file: --key FILE")]
    NoGpg(#[source] io::Error),
    /// Contains gpg's message, like the last variant.
    #[error(
        "gpg does not have the key {0}: {1}\n\
         help: `gpg --list-secret-keys` lists its keys; GNUPGHOME sets where it looks for them"
    )]
    NoKey(String, String),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(
        "gpg cannot sign with the key {0}: {1}\n\
         help: try `gpg --local-user {0} --detach-sign`; gpg's agent asks for a PIN or passphrase \
         (in a terminal, run `export GPG_TTY=$(tty)` first); if the secret of a primary key is \
         stored elsewhere, name its subkey with --key-id"
    )]
    Refused(String, String),
}

impl Gpg {
    /// The key with this fingerprint or 16-digit key ID in gpg's default keyring.
    ///
    /// The ID of a primary key selects the primary key if it can sign, or else its first subkey
    /// that can. A test signature asks for a PIN once, and detects a missing key before any other
    /// work.
    pub(crate) fn open(id: &str, at: SystemTime) -> Result<Self, GpgError> {
        let wanted = key::parse_key_id(id)?;
        let exported = run(&["--export", &wanted.to_hex()], &[]).map_err(GpgError::NoGpg)?;
        let no_key = |message| GpgError::NoKey(wanted.to_hex(), message);
        if exported.stdout.is_empty() {
            return Err(no_key(message(&exported)));
        }
        let cert = Cert::from_bytes(&exported.stdout).map_err(|error| no_key(error.to_string()))?;
        let policy = StandardPolicy::new();
        let valid = select::check(&cert, &policy, at)?;
        // The test signature shows whether gpg has the secret.
        let key = select::signing_key(&valid, Some(&wanted), |key| Ok(key.fingerprint()))?;
        let certificate = Certificate::of(&cert).map_err(|error| no_key(error.to_string()))?;
        let gpg = Self { certificate, key };
        let refused = |message| GpgError::Refused(gpg.key.to_hex(), message);
        gpg.sign(b"", at).map_err(refused)?;
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
        let chosen =
            ["--local-user", &key, "--digest-algo", "SHA512", "--faked-system-time", &time];
        let args = [&chosen, PLAIN].concat();
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
const PLAIN: &[&str] = &[
    "--no-armor",
    "--no-textmode",
    "--no-ask-sig-expire",
    "--default-sig-expire",
    "0",
    "--detach-sign",
];

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

/// The last line of gpg's messages.
fn message(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("no message");
    visible(line.strip_prefix("gpg: ").unwrap_or(line))
}
