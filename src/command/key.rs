//! Which key signs a build, and what opens it; below it, the commands of `tfadir key`.

mod generate;
mod publish;
mod show;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::crypto::mem::Protected;

use super::Failure;
use crate::cli::{BuildArgs, Global, KeyArgs, KeyCommand};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::openpgp::development::{self, DevelopmentKeyError};
use crate::openpgp::inspect;
use crate::openpgp::{KeyError, KeySource, LockedKey, SigningKey};

/// A key that was chosen, with what opens it.
#[derive(Debug)]
pub struct Chosen {
    key: LockedKey,
    passphrase: Option<Password>,
    /// Where the development key comes from, where that is to sign.
    pub development: Option<KeySource>,
}

/// Why no key was chosen.
#[derive(Debug, thiserror::Error)]
pub enum ChooseError {
    /// A release needs a key.
    #[error(
        "a release must be signed, and no key is configured\n\
         help: name one with --key or PGP_KEY; to build without signatures, say --unsigned"
    )]
    ReleaseWithoutKey,
    /// It is said how to use a key, but not which.
    #[error(
        "a key id or a file with a passphrase is given, but no key\n\
         help: name the key with --key or PGP_KEY"
    )]
    NoKey,
    /// A release needs a real key.
    #[error(
        "a release must not be signed with a development key\n\
         help: name another key with --key or PGP_KEY"
    )]
    ReleaseWithDevelopmentKey,
    /// A file with a secret cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The time of signing is no number.
    #[error("SOURCE_DATE_EPOCH is no number of seconds since 1970")]
    BadTime,
    /// An id is no text.
    #[error("PGP_KEY_ID is no fingerprint and no key id")]
    BadKeyId,
    /// The prompt failed.
    #[error("cannot ask for the passphrase: {0}")]
    Prompt(io::Error),
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The development key cannot be made or used.
    #[error(transparent)]
    Development(#[from] DevelopmentKeyError),
}

/// Runs the command about keys that the command line names.
pub fn run(args: &KeyArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    match &args.command {
        KeyCommand::Generate(args) => generate::run(args, console),
        KeyCommand::Show(args) => show::show(args, console),
        KeyCommand::Check(args) => show::check(args, console),
        KeyCommand::Publish(args) => publish::run(args, global, console),
    }
}

/// Warns where the key of a build expires soon.
pub fn warn_of_expiry(key: &SigningKey, at: SystemTime, console: &Console) {
    if let Some(when) = inspect::expiring_soon(key.expiry(at), at) {
        console.warning(&format!(
            "the key {} {when}\n\
             help: prolong it with `gpg --quick-set-expire {} 1y` and export it again, or make its \
             successor with `tfadir key generate`",
            key.fingerprint(),
            key.certificate_fingerprint(),
        ));
    }
}

/// Whether this build is for publication.
pub fn is_release(args: &BuildArgs) -> bool {
    args.release || env::var_os("CI").is_some_and(|value| value == "true")
}

/// The time of signing: `SOURCE_DATE_EPOCH` (reproducible-builds.org), or else now.
pub fn time() -> Result<SystemTime, ChooseError> {
    let Some(value) = variable("SOURCE_DATE_EPOCH") else {
        return Ok(SystemTime::now());
    };
    value
        .to_str()
        .and_then(|text| text.parse().ok())
        .and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
        .ok_or(ChooseError::BadTime)
}

/// Chooses the key that the command line or the environment names, or else the development key of
/// the root. Asks for a passphrase where one is needed and somebody is there to be asked.
pub fn choose(
    args: &BuildArgs,
    root: &Path,
    at: SystemTime,
    console: &Console,
) -> Result<Chosen, ChooseError> {
    let is_release = is_release(args);
    let Some((source, bytes)) = configured(args)? else {
        if is_release {
            return Err(ChooseError::ReleaseWithoutKey);
        }
        if args.key_id.is_some() || args.password_file.is_some() || variable("PGP_KEY_ID").is_some()
        {
            return Err(ChooseError::NoKey);
        }
        // A root that cannot be written, such as one that is only there to be read, is no
        // obstacle to trying things out.
        let folders = [root.join(".tfadir"), PathBuf::from(".tfadir")];
        let kept = development::load_or_make(&folders, at)?;
        if kept.is_new {
            console.status("Made", &format!("a development key in {}", kept.path.display()));
        }
        let development = Some(KeySource::File(kept.path));
        return Ok(Chosen { key: kept.key, passphrase: None, development });
    };
    let key_id = match (&args.key_id, variable("PGP_KEY_ID")) {
        (Some(id), _) => Some(id.clone()),
        (None, Some(id)) => Some(id.into_string().map_err(|_| ChooseError::BadKeyId)?),
        (None, None) => None,
    };
    let key = LockedKey::choose(&source, &bytes, key_id.as_deref(), at)?;
    let development = key.is_development().then_some(source);
    if is_release && development.is_some() {
        return Err(ChooseError::ReleaseWithDevelopmentKey);
    }
    let passphrase = if key.is_protected() { passphrase(args, &key)? } else { None };
    Ok(Chosen { key, passphrase, development })
}

impl Chosen {
    /// Unlocks the key, which takes a while.
    pub fn unlock(self) -> Result<SigningKey, KeyError> {
        self.key.unlock(self.passphrase.as_ref())
    }
}

/// The bytes of the configured key, in memory that is overwritten when it is given back.
fn configured(args: &BuildArgs) -> Result<Option<(KeySource, Protected)>, ChooseError> {
    match (&args.key, variable("PGP_KEY")) {
        (Some(path), _) => {
            let bytes = read(path)?;
            Ok(Some((KeySource::File(path.clone()), bytes)))
        }
        (None, Some(text)) => {
            Ok(Some((KeySource::Environment, Protected::from(text.into_encoded_bytes()))))
        }
        (None, None) => Ok(None),
    }
}

/// The passphrase that a file or the environment gives.
fn given_passphrase(file: Option<&Path>) -> Result<Option<Password>, ChooseError> {
    if let Some(path) = file {
        let bytes = read(path)?;
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        return Ok(Some(Password::from(line.strip_suffix(b"\r").unwrap_or(line))));
    }
    Ok(variable("PGP_PASSWORD").map(|text| Password::from(text.into_encoded_bytes())))
}

fn passphrase(args: &BuildArgs, key: &LockedKey) -> Result<Option<Password>, ChooseError> {
    if let Some(given) = given_passphrase(args.password_file.as_deref())? {
        return Ok(Some(given));
    }
    if !io::stdin().is_terminal() {
        return Err(KeyError::NoPassphrase(key.fingerprint()).into());
    }
    let prompt = format!("Passphrase of the key {}: ", key.fingerprint());
    let entered = rpassword::prompt_password(prompt).map_err(ChooseError::Prompt)?;
    Ok(Some(Password::from(entered)))
}

fn read(path: &Path) -> Result<Protected, ChooseError> {
    fs::read(path)
        .map(Protected::from)
        .map_err(|source| ChooseError::Unreadable { path: path.to_owned(), source })
}

/// An environment variable; one that is set but empty counts as unset, since that is what a CI
/// gives for a secret that does not exist.
fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
