//! Which keys sign, and how they are unlocked.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use data_encoding::BASE64;
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::crypto::mem::Protected;

use super::Session;
use crate::cli::{KeyGenerateArgs, SignArgs, SignerKind};
use crate::limits::{self, MAX_KEY_BYTES, MAX_PUBLISHED_KEY_BYTES, ReadError};
use crate::openpgp::development::{self, DevelopmentKeyError};
use crate::openpgp::{
    Certificate, Gpg, GpgError, KeyError, KeySource, LockedKey, Signer, inspect, is_key_id,
};
use crate::pipeline::console::Console;
use crate::text::count;

/// The keys that sign, with their passphrases.
#[derive(Debug)]
pub(crate) struct Chosen {
    keys: Vec<Key>,
    /// Where the development key is stored, if it signs.
    pub(crate) development: Option<KeySource>,
}

#[derive(Debug)]
enum Key {
    Locked(Box<LockedKey>, Option<Password>),
    Elsewhere(Box<Gpg>),
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum ChooseError {
    #[error(
        "a release must be signed, but no key is configured\n\
         help: name one with --key or PGP_KEY, or build with --unsigned"
    )]
    ReleaseWithoutKey,
    #[error(
        "a key ID or passphrase file is given, but no key\n\
         help: name the key with --key or PGP_KEY"
    )]
    NoKey,
    #[error(
        "--signer gpg needs a key\n\
         help: name it with --key-id; `gpg --list-secret-keys --keyid-format long` lists all"
    )]
    NoKeyOfGpg,
    #[error(
        "a release must not be signed with a development key\n\
         help: name another key with --key or PGP_KEY"
    )]
    ReleaseWithDevelopmentKey,
    #[error(
        "{option} is given {}, but there are {}\n\
         help: give it for every key, in the order of the keys; a single passphrase file can serve all",
        count(*.others, "time", "times"), count(*.keys, "key", "keys")
    )]
    Numbers { keys: usize, others: usize, option: &'static str },
    #[error(
        "the key {0} is named twice\nhelp: name it once; during a roll-over, name the old and the new key"
    )]
    Twice(String),
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The value is not shown: it may be a secret that was put into the wrong variable.
    #[error(
        "PGP_KEY_ID is not a fingerprint or key ID; its value is not shown, in case it is a secret\n\
         help: set it to 40 or 16 hexadecimal digits, or to several such IDs with commas between them"
    )]
    BadKeyId,
    #[error("cannot ask for the passphrase: {0}")]
    Prompt(io::Error),
    #[error(
        "no passphrase is given for the key\n\
         help: name a file that contains one with --password-file, or set PGP_PASSWORD; for a key \
         without one, use --no-passphrase"
    )]
    NoNewPassphrase,
    #[error(
        "the passphrase is empty\nhelp: give one, or use --no-passphrase for a key without one"
    )]
    EmptyPassphrase,
    #[error("the two passphrases differ; no key was created\nhelp: try again")]
    DifferentPassphrases,
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Gpg(#[from] GpgError),
    #[error(transparent)]
    Development(#[from] DevelopmentKeyError),
}

/// The keys that the command line or the environment names; `None` if there are none. Asks for a
/// passphrase in a terminal.
pub(crate) fn named(
    args: &SignArgs,
    is_release: bool,
    at: SystemTime,
) -> Result<Option<Chosen>, ChooseError> {
    let ids = key_ids(args)?;
    if args.signer == SignerKind::Gpg {
        return of_gpg(&ids, at).map(Some);
    }
    let sources = configured(args)?;
    if !sources.is_empty() {
        return of_sources(args, &sources, &ids, is_release, at).map(Some);
    }
    match ids.is_empty() && args.password_file.is_empty() {
        true => Ok(None),
        false => Err(ChooseError::NoKey),
    }
}

fn of_gpg(ids: &[String], at: SystemTime) -> Result<Chosen, ChooseError> {
    if ids.is_empty() {
        return Err(ChooseError::NoKeyOfGpg);
    }
    let open = |id: &String| Ok(Key::Elsewhere(Box::new(Gpg::open(id, at)?)));
    let keys = ids.iter().map(open).collect::<Result<_, ChooseError>>()?;
    Ok(Chosen { keys, development: None })
}

/// One key from each source, or the keys with the given IDs in a single source.
fn of_sources(
    args: &SignArgs,
    sources: &[(KeySource, Protected)],
    ids: &[String],
    is_release: bool,
    at: SystemTime,
) -> Result<Chosen, ChooseError> {
    let number = if sources.len() == 1 { ids.len().max(1) } else { sources.len() };
    if !ids.is_empty() && ids.len() != number {
        return Err(ChooseError::Numbers { keys: number, others: ids.len(), option: "--key-id" });
    }
    let (others, option) = (args.password_file.len(), "--password-file");
    if others > 1 && others != number {
        return Err(ChooseError::Numbers { keys: number, others, option });
    }
    let mut chosen = Chosen { keys: Vec::new(), development: None };
    for index in 0..number {
        let Some((source, bytes)) = nth(sources, index) else { continue };
        let key = LockedKey::choose(source, bytes, ids.get(index).map(String::as_str), at)?;
        if key.is_development() {
            if is_release {
                return Err(ChooseError::ReleaseWithDevelopmentKey);
            }
            chosen.development = Some(source.clone());
        }
        let passphrase = match key.is_protected() {
            true => Some(passphrase(args, index, &key)?),
            false => None,
        };
        chosen.keys.push(Key::Locked(Box::new(key), passphrase));
    }
    Ok(chosen)
}

/// The given keys, or else the development key of the root.
pub(crate) fn choose(session: &Session<'_>, args: &SignArgs) -> Result<Chosen, ChooseError> {
    let Session { directory, at, is_release, console, .. } = session;
    if let Some(chosen) = named(args, *is_release, *at)? {
        return Ok(chosen);
    }
    if *is_release {
        return Err(ChooseError::ReleaseWithoutKey);
    }
    // Development builds also work in a read-only root.
    let folders = [directory.root.join(".tfadir"), PathBuf::from(".tfadir")];
    let kept = development::load_or_create(folders, *at)?;
    if kept.is_new {
        console.status("Created", &format!("a development key in {}", kept.path.display()));
    }
    let development = Some(KeySource::File(kept.path));
    Ok(Chosen { keys: vec![Key::Locked(Box::new(kept.key), None)], development })
}

impl Chosen {
    /// Deliberately slow: passphrases are hashed many times.
    pub(crate) fn unlock(self) -> Result<Vec<Box<dyn Signer>>, KeyError> {
        let unlock = |key| -> Result<Box<dyn Signer>, KeyError> {
            Ok(match key {
                Key::Locked(key, passphrase) => Box::new(key.unlock(passphrase.as_ref())?),
                Key::Elsewhere(gpg) => gpg,
            })
        };
        self.keys.into_iter().map(unlock).collect()
    }
}

/// Warns if a key that signs, or its certificate, expires soon.
pub(crate) fn warn_of_expiry(
    certificate: &Certificate,
    key: &str,
    at: SystemTime,
    console: &Console,
) {
    if let Some(when) = inspect::expiring_soon(certificate.expiry_of(key, at), at) {
        console.warning(&format!(
            "the key {key} {when}\n\
             help: extend it with `gpg --quick-set-expire {} 1y` and export it again, or create its \
             successor with `tfadir key generate`",
            certificate.fingerprint(),
        ));
    }
}

/// The certificates in some files, armored or binary, with those of the same fingerprint merged.
pub(crate) fn certificates(files: &[PathBuf]) -> Result<Vec<Certificate>, ChooseError> {
    let mut certificates = Vec::new();
    for path in files {
        certificates.extend(Certificate::parse(&KeySource::File(path.clone()), &read(path)?)?);
    }
    Ok(Certificate::merged(certificates).map_err(KeyError::from)?)
}

/// The certificates in a published `key.asc`, which is untrusted.
pub(crate) fn published_certificates(path: &Path) -> Result<Vec<Certificate>, ChooseError> {
    let bytes = limits::read_regular(path, MAX_PUBLISHED_KEY_BYTES)?;
    Ok(Certificate::parse(&KeySource::File(path.to_owned()), &bytes)?)
}

/// The IDs from the command line, or else from the environment.
fn key_ids(args: &SignArgs) -> Result<Vec<String>, ChooseError> {
    if !args.key_id.is_empty() {
        return Ok(args.key_id.clone());
    }
    let Some(ids) = variable("PGP_KEY_ID") else {
        return Ok(Vec::new());
    };
    let ids = ids.into_string().map_err(|_| ChooseError::BadKeyId)?;
    let ids: Vec<String> = ids.split(',').map(|id| id.trim().to_owned()).collect();
    if ids.iter().all(|id| is_key_id(id)) { Ok(ids) } else { Err(ChooseError::BadKeyId) }
}

/// The bytes of the configured keys, in memory that is overwritten when it is freed.
fn configured(args: &SignArgs) -> Result<Vec<(KeySource, Protected)>, ChooseError> {
    if !args.key.is_empty() {
        let file = |path: &PathBuf| Ok((KeySource::File(path.clone()), read(path)?));
        return args.key.iter().map(file).collect();
    }
    let text = variable("PGP_KEY").map(|it| Protected::from(it.into_encoded_bytes()));
    Ok(text.map(|text| (KeySource::Environment, from_base64(text))).into_iter().collect())
}

/// The key in an environment variable, which may be the base64 of the armored or binary key.
fn from_base64(text: Protected) -> Protected {
    let digits = text.iter().copied().filter(|byte| !byte.is_ascii_whitespace());
    match BASE64.decode(&Protected::from(digits.collect::<Vec<u8>>())) {
        Ok(key) => Protected::from(key),
        Err(_) => text,
    }
}

/// The item for the key at an index: its own item, or the only item.
fn nth<T>(of_keys: &[T], index: usize) -> Option<&T> {
    if of_keys.len() == 1 { of_keys.first() } else { of_keys.get(index) }
}

/// The passphrase from a file, or else from the environment.
fn given_passphrase(file: Option<&Path>) -> Result<Option<Password>, ChooseError> {
    if let Some(path) = file {
        let bytes = read(path)?;
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        return Ok(Some(Password::from(line.strip_suffix(b"\r").unwrap_or(line))));
    }
    Ok(variable("PGP_PASSWORD").map(|text| Password::from(text.into_encoded_bytes())))
}

fn passphrase(args: &SignArgs, index: usize, key: &LockedKey) -> Result<Password, ChooseError> {
    let file = nth(&args.password_file, index);
    if let Some(given) = given_passphrase(file.map(PathBuf::as_path))? {
        return Ok(given);
    }
    if !io::stdin().is_terminal() {
        return Err(KeyError::NoPassphrase(key.fingerprint()).into());
    }
    ask(&format!("Passphrase of the key {}: ", key.fingerprint()))
}

/// The passphrase of a new key; a terminal is asked twice. `None` if the user does not want one.
pub(crate) fn new_passphrase(args: &KeyGenerateArgs) -> Result<Option<Password>, ChooseError> {
    if args.no_passphrase {
        return Ok(None);
    }
    let passphrase = match given_passphrase(args.password_file.as_deref())? {
        Some(given) => given,
        None if io::stdin().is_terminal() => {
            let first = ask("Passphrase of the new key: ")?;
            if first != ask("The same passphrase again: ")? {
                return Err(ChooseError::DifferentPassphrases);
            }
            first
        }
        None => return Err(ChooseError::NoNewPassphrase),
    };
    match passphrase.map(|bytes| bytes.is_empty()) {
        true => Err(ChooseError::EmptyPassphrase),
        false => Ok(Some(passphrase)),
    }
}

fn ask(prompt: &str) -> Result<Password, ChooseError> {
    rpassword::prompt_password(prompt).map(Password::from).map_err(ChooseError::Prompt)
}

/// The bytes of a file that may contain a secret, in memory that is overwritten when it is freed.
pub(crate) fn read(path: &Path) -> Result<Protected, ChooseError> {
    Ok(Protected::from(limits::read(path, MAX_KEY_BYTES)?))
}

/// An environment variable that is not empty. CI systems set a secret that does not exist to an
/// empty string.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
