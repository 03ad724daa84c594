//! Signing by a gpg, for keys that live in its agent or on a smart card.

use std::io::{self, Write};
use std::process::{Output, Stdio};
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

/// A key that gpg keeps.
#[derive(Debug)]
pub(crate) struct Gpg {
    certificate: Certificate,
    key: Fingerprint,
}

/// gpg cannot sign.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GpgError {
    /// There is no gpg.
    #[error("cannot run gpg: {0}\nhelp: install GnuPG, or sign with a key in a file: --key FILE")]
    NoGpg(#[source] io::Error),
    /// It does not know the key.
    #[error(
        "gpg knows no key {key}: {message}\n\
         help: `gpg --list-secret-keys` shows those that it knows; GNUPGHOME says where it looks"
    )]
    NoKey {
        /// What was asked for.
        key: String,
        /// What gpg said.
        message: String,
    },
    /// The key is not fit to sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// It could not make a first signature.
    #[error(
        "gpg does not sign with the key {key}: {message}\n\
         help: try `gpg --local-user {key} --detach-sign` by hand; a PIN or passphrase is asked for \
         by gpg's own agent (in a terminal, `export GPG_TTY=$(tty)` first); where the secret of a \
         primary key is kept elsewhere, name its subkey with --key-id"
    )]
    Refused {
        /// The fingerprint of the key.
        key: String,
        /// What gpg said.
        message: String,
    },
}

impl Gpg {
    /// The key with this fingerprint or 16-digit key id, of the keyring that gpg uses by itself.
    ///
    /// A primary key's id means the primary key where that can sign, and else its first subkey
    /// that can. A first signature is made at once: a PIN is asked for one time, and a key that is
    /// not there is found out before anything else is done.
    ///
    /// # Errors
    ///
    /// [`GpgError`] where gpg is missing, does not know the key, or does not sign with it.
    pub(crate) fn open(id: &str, at: SystemTime) -> Result<Self, GpgError> {
        let wanted = key::parse_key_id(id)?;
        let exported = run(&["--export", &wanted.to_hex()], &[]).map_err(GpgError::NoGpg)?;
        let no_key = |message| GpgError::NoKey { key: wanted.to_hex(), message };
        if exported.stdout.is_empty() {
            return Err(no_key(message(&exported)));
        }
        let cert = Cert::from_bytes(&exported.stdout).map_err(|error| no_key(error.to_string()))?;
        let policy = StandardPolicy::new();
        let valid = select::check(&cert, &policy, at)?;
        // Whether gpg has the secret is found out by the first signature.
        let key = select::signing_key(&valid, Some(&wanted), |key| Ok(key.fingerprint()))?;
        let certificate = Certificate::of(&cert).map_err(|error| no_key(error.to_string()))?;
        let gpg = Self { certificate, key };
        let refused = |message| GpgError::Refused { key: gpg.key.to_hex(), message };
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
        // All files have one date, however long a person takes over a PIN or a card over a signature.
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
            Ok(_) => {
                Err("gpg adds to signatures what does not belong there, which its settings in \
                          gpg.conf may ask for"
                    .to_owned())
            }
            Err(error) => Err(format!("what gpg made {error}")),
        }
    }
}

/// What makes a detached signature and nothing more, whatever gpg's settings say.
const PLAIN: &[&str] = &[
    "--no-armor",
    "--no-textmode",
    "--no-ask-sig-expire",
    "--default-sig-expire",
    "0",
    "--detach-sign",
];

/// Whether there is one signature that does not expire, with nothing in it that anybody could alter.
fn is_plain(signatures: &Signatures) -> bool {
    matches!(signatures.0.as_slice(), [single]
        if single.signature_validity_period().is_none() && is_fully_protected(single))
}

/// Runs gpg with some input. Its agent may ask a person; gpg itself asks nothing.
fn run(args: &[&str], input: &[u8]) -> io::Result<Output> {
    let mut gpg = process::command("gpg")
        .args(["--batch", "--no-tty", "--quiet"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // gpg writes nothing to standard output before it has read everything, so this cannot block.
    // If it ends early, its exit code says more than the broken pipe.
    if let Some(mut stdin) = gpg.stdin.take() {
        let _ = stdin.write_all(input);
    }
    gpg.wait_with_output()
}

/// The last line that gpg said.
fn message(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
    visible(line.strip_prefix("gpg: ").unwrap_or(line))
}
