//! Extends a key: new self-signatures that let it and its signing subkeys expire later.

use std::thread;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::cert::amalgamation::ValidateAmalgamation;
use sequoia_openpgp::crypto::KeyPair;
use sequoia_openpgp::crypto::mem::Protected;
use sequoia_openpgp::packet::Key;
use sequoia_openpgp::packet::Signature;
use sequoia_openpgp::packet::key::{PublicParts, SecretParts, UnspecifiedRole};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::SerializeInto;
use sequoia_openpgp::types::RevocationStatus;
use sequoia_openpgp::{Cert, anyhow};

use super::certificate::Certificate;
use super::expiry::{day, whole_second};
use super::key::with_secret;
use super::passphrase::{Passphrase, Unlocked, unlock};
use super::select::refuse_other_versions;
use super::{LibraryError, keyring};
use crate::failure::{Failure, Result, fail};

/// A secret key that can be extended.
pub(crate) struct KeyToExtend {
    source: String,
    is_armored: bool,
    cert: Cert,
    primary: Key<SecretParts, UnspecifiedRole>,
}

/// A key with its new expiry.
pub(crate) struct ExtendedKey {
    /// The secret key, protected by the same passphrase, in the form of the old file.
    pub(crate) secret: Protected,
    pub(crate) certificate: Certificate,
    /// What to tell the user about the passphrase.
    pub(crate) note: Option<Failure>,
}

impl KeyToExtend {
    /// Reads a secret key, armored or binary. `source` names the file.
    ///
    /// # Errors
    ///
    /// If the file has not exactly one key, if the secret of its primary key is elsewhere, or if the
    /// key is revoked or is not version 4.
    pub(crate) fn parse(source: &str, bytes: &[u8]) -> Result<Self> {
        let certs = keyring::parse(source, bytes)?;
        let [cert] = certs.as_slice() else {
            fail!(
                "`{source}` contains several keys"; help: "extend a file that contains one key"
            );
        };
        if !cert.is_tsk() {
            fail!(
                "`{source}` contains only a certificate, which cannot be extended";
                help: "pass the file of the secret key"
            );
        }
        refuse_other_versions(cert)?;
        let policy = StandardPolicy::new();
        if let RevocationStatus::Revoked(_) = cert.revocation_status(&policy, None) {
            fail!(
                "the key {} has been revoked", cert.fingerprint(); help: "sign with its successor"
            );
        }
        Ok(Self {
            source: source.to_owned(),
            is_armored: bytes.trim_ascii_start().starts_with(b"-----BEGIN PGP"),
            primary: with_secret(source, cert.primary_key().key().role_as_unspecified())?,
            cert: cert.clone(),
        })
    }

    /// The fingerprint of the primary key, in upper-case hexadecimal digits.
    pub(crate) fn fingerprint(&self) -> String {
        self.cert.fingerprint().to_hex()
    }

    /// Whether a passphrase protects the secret of the primary key.
    pub(crate) fn is_protected(&self) -> bool {
        !self.primary.has_unencrypted_secret()
    }

    /// The public side of the key.
    pub(crate) fn certificate(&self) -> Result<Certificate> {
        Ok(Certificate::of(&self.cert)?)
    }

    /// Extends the key and its signing subkeys until a time; `None` means that it never expires. The
    /// result has been parsed and unlocked again.
    ///
    /// # Errors
    ///
    /// If the passphrase is wrong, or the key would not expire later than now.
    pub(crate) fn extend(
        &self,
        passphrase: Option<&Passphrase>,
        expiry: Option<SystemTime>,
    ) -> Result<ExtendedKey> {
        self.refuse_earlier(expiry)?;
        let Unlocked { keypair, note } = unlock(self.primary.clone(), passphrase)?;
        self.wait_for_clock()?;
        let signatures = self.signatures(keypair, passphrase, expiry)?;
        let cert = self.cert.clone();
        let (cert, _) = cert
            .insert_packets(signatures)
            .map_err(LibraryError::from)?;
        let secret = if self.is_armored {
            cert.as_tsk().armored().to_vec()
        } else {
            cert.as_tsk().to_vec()
        };
        let secret = Protected::from(secret.map_err(LibraryError::from)?);

        // The old file is replaced only by one that works.
        let again = Self::parse(&self.source, &secret)?;
        unlock(again.primary.clone(), passphrase)?;
        let certificate = again.certificate()?;
        if expiry_of(&again.cert)? != expiry {
            fail!("the new expiry of the key is not effective"; help: "please report this");
        }
        Ok(ExtendedKey {
            secret,
            certificate,
            note,
        })
    }

    fn refuse_earlier(&self, expiry: Option<SystemTime>) -> Result<()> {
        let fingerprint = self.fingerprint();
        match (expiry_of(&self.cert)?, expiry) {
            (None, _) => fail!("the key {fingerprint} does not expire; nothing was changed"),
            (Some(now), Some(new)) if new <= now => fail!(
                "the key {fingerprint} is valid until {} already; nothing was changed", day(now);
                help: "choose a later time with --for"
            ),
            _ => Ok(()),
        }
    }

    /// Waits until new signatures are newer than all others, because the newest one counts.
    fn wait_for_clock(&self) -> Result<()> {
        let keys = self.cert.keys();
        let newest = keys
            .flat_map(|key| key.self_signatures())
            .chain(self.cert.userids().flat_map(|id| id.self_signatures()))
            .filter_map(|signature| signature.signature_creation_time())
            .max();
        let Some(newest) = newest else {
            return Ok(());
        };
        let now = whole_second(SystemTime::now());
        if newest > now + MAX_WAIT {
            fail!(
                "the key {} was signed in the future", self.fingerprint(); help: "check the clock"
            );
        }
        if newest >= now {
            thread::sleep(newest.duration_since(now).unwrap_or_default() + Duration::from_secs(1));
        }
        Ok(())
    }

    fn signatures(
        &self,
        mut primary: KeyPair,
        passphrase: Option<&Passphrase>,
        expiry: Option<SystemTime>,
    ) -> Result<Vec<Signature>> {
        let policy = StandardPolicy::new();
        let valid = self
            .cert
            .with_policy(&policy, None)
            .map_err(LibraryError::from)?;
        let mut signatures = valid
            .primary_key()
            .set_expiration_time(&mut primary, expiry)
            .map_err(LibraryError::from)?;
        for subkey in valid.keys().subkeys().for_signing().revoked(false) {
            if subkey.key_expiration_time().is_none() {
                continue;
            }
            let key: &Key<PublicParts, UnspecifiedRole> = subkey.key().role_as_unspecified();
            let mut own = unlock(with_secret(&self.source, key)?, passphrase)?.keypair;
            let renewed = subkey.set_expiration_time(&mut primary, Some(&mut own), expiry);
            signatures.extend(renewed.map_err(LibraryError::from)?);
        }
        Ok(signatures)
    }
}

/// How far the newest signature of a key may be in the future, for clocks that differ.
const MAX_WAIT: Duration = Duration::from_secs(5);

/// When a key expires; `None` if it does not.
fn expiry_of(cert: &Cert) -> Result<Option<SystemTime>> {
    let policy = StandardPolicy::new();
    let read = || -> anyhow::Result<Option<SystemTime>> {
        let primary = cert.primary_key().with_policy(&policy, None)?;
        Ok(primary.key_expiration_time())
    };
    Ok(read().map_err(LibraryError::from)?)
}
