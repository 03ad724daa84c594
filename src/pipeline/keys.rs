//! Which keys sign, and what opens them.

use std::env;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::crypto::mem::Protected;

use super::Session;
use crate::cli::{SignArgs, SignerKind};
use crate::limits;
use crate::openpgp::development::{self, DevelopmentKeyError};
use crate::openpgp::inspect;
use crate::openpgp::{Certificate, Gpg, GpgError, KeyError, KeySource, LockedKey, Signer};
use crate::pipeline::console::Console;
use crate::text::count;

/// Keys that were chosen, with what opens them.
#[derive(Debug)]
pub(crate) struct Chosen {
    keys: Vec<Key>,
    /// Where the development key comes from, where one is to sign.
    pub(crate) development: Option<KeySource>,
}

#[derive(Debug)]
enum Key {
    Locked(Box<LockedKey>, Option<Password>),
    Elsewhere(Box<Gpg>),
}

/// Why no key was chosen.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChooseError {
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
    /// gpg needs to be told which key.
    #[error(
        "gpg is to sign, but not by which key\n\
         help: name it with --key-id; `gpg --list-secret-keys --keyid-format long` shows all"
    )]
    NoKeyOfGpg,
    /// A release needs a real key.
    #[error(
        "a release must not be signed with a development key\n\
         help: name another key with --key or PGP_KEY"
    )]
    ReleaseWithDevelopmentKey,
    /// It is not clear which option belongs to which key.
    #[error(
        "{option} is given {}, but {} sign\n\
         help: give it for every key, in the order of the keys; a single passphrase file may serve all", count(*.others, "time", "times"), count(*.keys, "key", "keys")
    )]
    Numbers {
        /// How many keys there are.
        keys: usize,
        /// How often the option is given.
        others: usize,
        /// The option.
        option: &'static str,
    },
    /// The same key would sign twice.
    #[error(
        "the key {0} is named twice\nhelp: name it once; during a roll-over, name the old key and the new one"
    )]
    Twice(String),
    /// A file with a secret cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// An id is no text.
    #[error("PGP_KEY_ID is no fingerprint and no key id")]
    BadKeyId,
    /// The prompt failed.
    #[error("cannot ask for the passphrase: {0}")]
    Prompt(io::Error),
    /// The key cannot sign.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// gpg cannot sign.
    #[error(transparent)]
    Gpg(#[from] GpgError),
    /// The development key cannot be made or used.
    #[error(transparent)]
    Development(#[from] DevelopmentKeyError),
}

/// Chooses the keys that the command line or the environment names. Asks for a passphrase where one
/// is needed and somebody is there to be asked. `None` where no key is named.
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

/// One key of each source, or several of a single one, as the ids say.
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

/// Chooses the keys that are named, or else the development key of the root.
pub(crate) fn choose(session: &Session<'_>, args: &SignArgs) -> Result<Chosen, ChooseError> {
    let Session { directory, at, is_release, console, .. } = session;
    if let Some(chosen) = named(args, *is_release, *at)? {
        return Ok(chosen);
    }
    if *is_release {
        return Err(ChooseError::ReleaseWithoutKey);
    }
    // A root that cannot be written, such as one that is only there to be read, is no obstacle to
    // trying things out.
    let folders = [directory.root.join(".tfadir"), PathBuf::from(".tfadir")];
    let kept = development::load_or_make(&folders, *at)?;
    if kept.is_new {
        console.status("Made", &format!("a development key in {}", kept.path.display()));
    }
    let development = Some(KeySource::File(kept.path));
    Ok(Chosen { keys: vec![Key::Locked(Box::new(kept.key), None)], development })
}

impl Chosen {
    /// Unlocks the keys, which takes a while.
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

/// Warns where a key that signs expires soon, by itself or with its certificate.
pub(crate) fn warn_of_expiry(
    certificate: &Certificate,
    key: &str,
    at: SystemTime,
    console: &Console,
) {
    if let Some(when) = inspect::expiring_soon(certificate.expiry_of(key, at), at) {
        console.warning(&format!(
            "the key {key} {when}\n\
             help: prolong it with `gpg --quick-set-expire {} 1y` and export it again, or make its \
             successor with `tfadir key generate`",
            certificate.fingerprint(),
        ));
    }
}

/// The certificates in a file, armored or binary.
pub(crate) fn certificates(path: &Path) -> Result<Vec<Certificate>, ChooseError> {
    let source = KeySource::File(path.to_owned());
    Ok(Certificate::parse(&source, &read(path)?).map_err(KeyError::from)?)
}

/// The certificates in a file that lies beside others.
pub(crate) fn certificates_beside(path: &Path) -> Result<Vec<Certificate>, ChooseError> {
    let source = KeySource::File(path.to_owned());
    let bytes = limits::read_regular(path, limits::MAX_KEY_BYTES)
        .map_err(|source| ChooseError::Unreadable { path: path.to_owned(), source })?;
    Ok(Certificate::parse(&source, &bytes).map_err(KeyError::from)?)
}

/// The ids that were given, by the command line or else by the environment.
fn key_ids(args: &SignArgs) -> Result<Vec<String>, ChooseError> {
    if !args.key_id.is_empty() {
        return Ok(args.key_id.clone());
    }
    let Some(ids) = variable("PGP_KEY_ID") else {
        return Ok(Vec::new());
    };
    let ids = ids.into_string().map_err(|_| ChooseError::BadKeyId)?;
    Ok(ids.split(',').map(|id| id.trim().to_owned()).collect())
}

/// The bytes of the configured keys, in memory that is overwritten when it is given back.
fn configured(args: &SignArgs) -> Result<Vec<(KeySource, Protected)>, ChooseError> {
    if !args.key.is_empty() {
        let file = |path: &PathBuf| Ok((KeySource::File(path.clone()), read(path)?));
        return args.key.iter().map(file).collect();
    }
    let text = variable("PGP_KEY");
    let key = text.map(|it| (KeySource::Environment, Protected::from(it.into_encoded_bytes())));
    Ok(key.into_iter().collect())
}

/// What belongs to the key at an index: something of its own, or the single one there is.
fn nth<T>(of_keys: &[T], index: usize) -> Option<&T> {
    if of_keys.len() == 1 { of_keys.first() } else { of_keys.get(index) }
}

/// The passphrase that a file or else the environment gives.
pub(crate) fn given_passphrase(file: Option<&Path>) -> Result<Option<Password>, ChooseError> {
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
    let prompt = format!("Passphrase of the key {}: ", key.fingerprint());
    let entered = rpassword::prompt_password(prompt).map_err(ChooseError::Prompt)?;
    Ok(Password::from(entered))
}

/// The bytes of a file that may hold a secret, in memory that is overwritten when it is given back.
pub(crate) fn read(path: &Path) -> Result<Protected, ChooseError> {
    limits::read(path, limits::MAX_KEY_BYTES)
        .map(Protected::from)
        .map_err(|source| ChooseError::Unreadable { path: path.to_owned(), source })
}

/// An environment variable; one that is set but empty counts as unset, since that is what a CI
/// gives for a secret that does not exist.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
