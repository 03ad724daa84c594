//! Passphrases, and keys that they unlock.

use sequoia_openpgp::crypto::{KeyPair, Password};
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::key::{SecretParts, UnspecifiedRole};

use super::LibraryError;
use crate::failure::{Failure, Result, failure};

/// A passphrase as it was given.
pub(crate) struct Passphrase {
    given: Password,
    /// The same without line breaks at its end, if it has some: a shell or an editor may have added
    /// them.
    trimmed: Option<Password>,
}

/// A key that can sign.
pub(crate) struct Unlocked {
    pub(crate) keypair: KeyPair,
    /// What to tell the user about the passphrase.
    pub(crate) note: Option<Failure>,
}

impl Passphrase {
    /// A passphrase of these bytes.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let end = bytes
            .iter()
            .rposition(|byte| !matches!(byte, b'\r' | b'\n'))
            .map_or(0, |last| last + 1);
        Self {
            given: Password::from(bytes),
            trimmed: (end < bytes.len()).then(|| Password::from(&bytes[..end])),
        }
    }

    /// The passphrase as it was given, for a new key.
    pub(crate) fn into_given(self) -> Password {
        self.given
    }
}

/// Unlocks a key. This is deliberately slow: a passphrase is hashed many times. If the passphrase ends
/// in a line break and is wrong, it is tried without.
pub(super) fn unlock(
    key: Key<SecretParts, UnspecifiedRole>,
    passphrase: Option<&Passphrase>,
) -> Result<Unlocked> {
    let fingerprint = key.fingerprint().to_hex();
    let (unlocked, note) = match passphrase {
        _ if key.has_unencrypted_secret() => (key, None),
        None => return Err(missing(&fingerprint).into()),
        Some(passphrase) => decrypt(&key, passphrase).ok_or_else(|| wrong(&fingerprint))?,
    };
    Ok(Unlocked {
        keypair: unlocked.into_keypair().map_err(LibraryError::from)?,
        note,
    })
}

/// A key without its protection, and what to tell the user about the passphrase.
fn decrypt(
    key: &Key<SecretParts, UnspecifiedRole>,
    passphrase: &Passphrase,
) -> Option<(Key<SecretParts, UnspecifiedRole>, Option<Failure>)> {
    if let Ok(unlocked) = key.clone().decrypt_secret(&passphrase.given) {
        return Some((unlocked, None));
    }
    let trimmed = passphrase.trimmed.as_ref()?;
    let unlocked = key.clone().decrypt_secret(trimmed).ok()?;
    Some((unlocked, Some(without_break(&key.fingerprint().to_hex()))))
}

/// The error for a key without its passphrase.
pub(super) fn missing(fingerprint: &str) -> Failure {
    failure!(
        "the key {fingerprint} needs a passphrase";
        help: "set PGP_PASSWORD, or pass a file that contains it with --password-file"
    )
}

fn wrong(fingerprint: &str) -> Failure {
    failure!(
        "wrong passphrase for the key {fingerprint}";
        help: "check what you typed, PGP_PASSWORD, or the file given with --password-file"
    )
}

fn without_break(fingerprint: &str) -> Failure {
    failure!(
        "the passphrase of the key {fingerprint} was given with a line break at its end, and is right \
         without it";
        help: "remove the line break from PGP_PASSWORD or the passphrase file"
    )
}
