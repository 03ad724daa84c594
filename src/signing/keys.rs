//! Which keys sign, and how they are unlocked.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use data_encoding::BASE64;
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::crypto::mem::Protected;

use crate::cli::{KeyGenerateArgs, SignArgs, SignerKind};
use crate::failure::{Failure, Result, fail, failure};
use crate::limits::{self, MAX_KEY_BYTES, MAX_PUBLISHED_KEY_BYTES};
use crate::openpgp::expiry::WARN_DAYS;
use crate::openpgp::inspect::expiring;
use crate::openpgp::{
    Certificate, Gpg, KeyToExtend, LockedKey, Passphrase, Signer, development, is_key_id,
};
use crate::process::variable;
use crate::session::Session;
use crate::session::console::Console;
use crate::staging::FOLDER;
use crate::text::count;

/// The keys that sign, with their passphrases.
pub(crate) struct Chosen {
    keys: Vec<ChosenKey>,
    /// Where the development key is stored, if it signs.
    pub(crate) development: Option<String>,
}

/// Keys that can sign.
#[derive(Default)]
pub(crate) struct UnlockedKeys {
    pub(crate) signers: Vec<Box<dyn Signer>>,
    /// What to tell the user about their passphrases.
    pub(crate) notes: Vec<Failure>,
}

enum ChosenKey {
    Locked(Box<LockedKey>, Option<Passphrase>),
    Elsewhere(Box<Gpg>),
}

impl Chosen {
    /// These keys, if none is a development key.
    pub(crate) fn for_release(self) -> Result<Self> {
        if self.development.is_some() {
            fail!(
                "a release must not be signed with a development key";
                help: "pass another key with --key or PGP_KEY"
            );
        }
        Ok(self)
    }
}

/// The keys that the command line or the environment names; `None` if there are none. Asks for a
/// passphrase in a terminal.
pub(crate) fn named(args: &SignArgs, at: SystemTime) -> Result<Option<Chosen>> {
    let ids = key_ids(args)?;
    if args.signer == SignerKind::Gpg {
        return of_gpg(&ids, at).map(Some);
    }
    let sources = configured(args)?;
    if !sources.is_empty() {
        return of_sources(args, &sources, &ids, at).map(Some);
    }
    if !ids.is_empty() || !args.password_file.is_empty() {
        fail!(
            "a key ID or passphrase file was given without a key";
            help: "pass --key or set PGP_KEY"
        );
    }
    Ok(None)
}

fn of_gpg(ids: &[String], at: SystemTime) -> Result<Chosen> {
    if ids.is_empty() {
        fail!(
            "--signer gpg needs a key";
            help: "pass --key-id; `gpg --list-secret-keys --keyid-format long` lists all"
        );
    }
    let mut keys = Vec::new();
    for id in ids {
        keys.push(ChosenKey::Elsewhere(Box::new(Gpg::open(id, at)?)));
    }
    Ok(Chosen {
        keys,
        development: None,
    })
}

/// One key from each source, or the keys with the given IDs in a single source.
fn of_sources(
    args: &SignArgs,
    sources: &[(String, Protected)],
    ids: &[String],
    at: SystemTime,
) -> Result<Chosen> {
    let number = if sources.len() == 1 {
        ids.len().max(1)
    } else {
        sources.len()
    };
    let files = args.password_file.len();
    for (given, option, fits) in [
        (ids.len(), "--key-id", ids.is_empty()),
        (files, "--password-file", files <= 1),
    ] {
        if !fits && given != number {
            let (times, keys) = (count(given, "time", "times"), count(number, "key", "keys"));
            fail!(
                "{option} was given {times}, but there are {keys}";
                help: "pass it for every key, in the order of the keys; a single passphrase file \
                       can serve all"
            );
        }
    }
    let mut chosen = Chosen {
        keys: Vec::new(),
        development: None,
    };
    for index in 0..number {
        let Some((source, bytes)) = nth(sources, index) else {
            continue;
        };
        let key = LockedKey::choose(source, bytes, ids.get(index).map(String::as_str), at)?;
        if key.is_development() {
            chosen.development = Some(source.clone());
        }
        let passphrase = match key.is_protected() {
            true => Some(passphrase(args, index, &key)?),
            false => None,
        };
        chosen
            .keys
            .push(ChosenKey::Locked(Box::new(key), passphrase));
    }
    Ok(chosen)
}

/// The given keys, or else the development key of the root.
pub(crate) fn choose(session: &Session<'_>, args: &SignArgs) -> Result<Chosen> {
    match named(args, session.at)? {
        Some(chosen) if session.is_release => chosen.for_release(),
        Some(chosen) => Ok(chosen),
        None if session.is_release => fail!(
            "a release must be signed, but no key is configured";
            help: "pass --key or set PGP_KEY, or build with --unsigned"
        ),
        None => development_of(session),
    }
}

/// The development key of the root, created if there is none.
pub(crate) fn development_of(session: &Session<'_>) -> Result<Chosen> {
    let Session {
        directory,
        at,
        console,
        ..
    } = session;
    // Development builds also work in a read-only root.
    let folders = [directory.root.join(FOLDER), PathBuf::from(FOLDER)];
    let (key, path, is_new) = development::load_or_create(folders, *at)?;
    let shown = path.display().to_string();
    if is_new {
        console.status("Created", &format!("a development key in {shown}"));
    }
    Ok(Chosen {
        keys: vec![ChosenKey::Locked(Box::new(key), None)],
        development: Some(shown),
    })
}

impl Chosen {
    /// Deliberately slow: passphrases are hashed many times.
    pub(crate) fn unlock(self) -> Result<UnlockedKeys> {
        let mut unlocked = UnlockedKeys::default();
        for key in self.keys {
            match key {
                ChosenKey::Locked(locked, passphrase) => {
                    let (signer, note) = locked.unlock(passphrase.as_ref())?;
                    unlocked.signers.push(Box::new(signer));
                    unlocked.notes.extend(note);
                }
                ChosenKey::Elsewhere(gpg) => unlocked.signers.push(gpg),
            }
        }
        Ok(unlocked)
    }
}

/// Warns if a key that signs, or its certificate, expires soon.
pub(crate) fn warn_of_expiry(
    certificate: &Certificate,
    key: &str,
    at: SystemTime,
    console: &Console,
) {
    if let Some(when) = expiring(certificate.expiry_of(key, at), at, WARN_DAYS) {
        console.warn(&failure!(
            "the key {key} {when}";
            help: "extend it with `tfadir key extend KEY --for 2y`, or create its successor with \
                   `tfadir key generate`"
        ));
    }
}

/// The certificates in some files, armored or binary, with those of the same fingerprint merged.
pub(crate) fn certificates(files: &[PathBuf]) -> Result<Vec<Certificate>> {
    let mut certificates = Vec::new();
    for path in files {
        certificates.extend(Certificate::parse(
            &path.display().to_string(),
            &read(path)?,
        )?);
    }
    Ok(Certificate::merged(certificates)?)
}

/// The certificates in a published `key.asc`, which is untrusted.
pub(crate) fn published_certificates(path: &Path) -> Result<Vec<Certificate>> {
    let bytes = limits::read_regular(path, MAX_PUBLISHED_KEY_BYTES)?;
    Certificate::parse(&path.display().to_string(), &bytes)
}

/// The IDs from the command line, or else from the environment.
fn key_ids(args: &SignArgs) -> Result<Vec<String>> {
    if !args.key_id.is_empty() {
        return Ok(args.key_id.clone());
    }
    let Some(value) = variable("PGP_KEY_ID") else {
        return Ok(Vec::new());
    };
    let text = value.to_string_lossy();
    let ids: Vec<String> = text.split(',').map(|id| id.trim().to_owned()).collect();
    if !ids.iter().all(|id| is_key_id(id)) {
        fail!(
            "PGP_KEY_ID is not a fingerprint or key ID; its value is not shown, in case it is a \
             secret";
            help: "set it to 40 or 16 hexadecimal digits, or to several such IDs with commas \
                   between them"
        );
    }
    Ok(ids)
}

/// The bytes of the configured keys, in memory that is overwritten when it is freed.
fn configured(args: &SignArgs) -> Result<Vec<(String, Protected)>> {
    if !args.key.is_empty() {
        let mut files = Vec::new();
        for path in &args.key {
            files.push((path.display().to_string(), read(path)?));
        }
        return Ok(files);
    }
    let Some(text) = variable("PGP_KEY") else {
        return Ok(Vec::new());
    };
    let key = from_base64(Protected::from(text.into_encoded_bytes()));
    Ok(vec![("PGP_KEY".to_owned(), key)])
}

/// The key in an environment variable, which may be the base64 of the armored or binary key.
fn from_base64(text: Protected) -> Protected {
    let digits = text
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace());
    match BASE64.decode(&Protected::from(digits.collect::<Vec<u8>>())) {
        Ok(key) => Protected::from(key),
        Err(_) => text,
    }
}

/// The item for the key at an index: its own item, or the only item.
fn nth<T>(of_keys: &[T], index: usize) -> Option<&T> {
    if of_keys.len() == 1 {
        of_keys.first()
    } else {
        of_keys.get(index)
    }
}

/// The passphrase from a file, or else from the environment.
fn given_passphrase(file: Option<&Path>) -> Result<Option<Passphrase>> {
    if let Some(path) = file {
        let bytes = read(path)?;
        let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let passphrase = line.strip_suffix(b"\r").unwrap_or(line);
        return Ok(Some(Passphrase::new(passphrase)));
    }
    let text = variable("PGP_PASSWORD").map(OsString::into_encoded_bytes);
    Ok(text.map(|bytes| Passphrase::new(&Protected::from(bytes))))
}

fn passphrase(args: &SignArgs, index: usize, key: &LockedKey) -> Result<Passphrase> {
    let file = nth(&args.password_file, index);
    if let Some(given) = given_passphrase(file.map(PathBuf::as_path))? {
        return Ok(given);
    }
    if !io::stdin().is_terminal() {
        return Err(key.no_passphrase().into());
    }
    ask(&format!("Passphrase of the key {}: ", key.fingerprint()))
}

/// The passphrase of a key that is extended; a terminal is asked. `None` if none is given.
pub(crate) fn passphrase_of(key: &KeyToExtend, file: Option<&Path>) -> Result<Option<Passphrase>> {
    if !key.is_protected() {
        return Ok(None);
    }
    match given_passphrase(file)? {
        None if io::stdin().is_terminal() => {
            let prompt = format!("Passphrase of the key {}: ", key.fingerprint());
            Ok(Some(ask(&prompt)?))
        }
        given => Ok(given),
    }
}

/// The passphrase of a new key; a terminal is asked twice. `None` if the user does not want one.
pub(crate) fn new_passphrase(args: &KeyGenerateArgs) -> Result<Option<Password>> {
    if args.no_passphrase {
        return Ok(None);
    }
    let passphrase = match given_passphrase(args.password_file.as_deref())? {
        Some(given) => given.into_given(),
        None if io::stdin().is_terminal() => {
            let first = ask("Passphrase of the new key: ")?.into_given();
            if first != ask("The same passphrase again: ")?.into_given() {
                fail!("the two passphrases differ; no key was created"; help: "try again");
            }
            first
        }
        None => fail!(
            "no passphrase is given for the key";
            help: "pass a file that contains one with --password-file, or set PGP_PASSWORD; for a \
                   key without one, use --no-passphrase"
        ),
    };
    if passphrase.map(|bytes| bytes.is_empty()) {
        fail!(
            "the passphrase is empty";
            help: "enter one, or use --no-passphrase for a key without one"
        );
    }
    Ok(Some(passphrase))
}

fn ask(prompt: &str) -> Result<Passphrase> {
    match rpassword::prompt_password(prompt) {
        Ok(answer) => Ok(Passphrase::new(&Protected::from(answer.into_bytes()))),
        Err(error) => fail!("cannot ask for the passphrase: {error}"),
    }
}

/// The bytes of a file that may contain a secret, in memory that is overwritten when it is freed.
pub(crate) fn read(path: &Path) -> Result<Protected> {
    Ok(Protected::from(limits::read(path, MAX_KEY_BYTES)?))
}
