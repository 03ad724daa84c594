//! Shows what a key file contains and whether it is valid, without a passphrase.

use std::fmt::Write;
use std::time::{Duration, SystemTime};

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::ValidCert;
use sequoia_openpgp::cert::amalgamation::key::{
    ErasedKeyAmalgamation, PrimaryKey, ValidKeyAmalgamation,
};
use sequoia_openpgp::cert::amalgamation::{
    UserIDAmalgamation, ValidAmalgamation, ValidateAmalgamation,
};
use sequoia_openpgp::packet::key::{PublicParts, SecretKeyMaterial};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::types::{HashAlgorithm, KeyFlags, RevocationStatus};
use serde::{Serialize, Serializer};

use super::certificate::Certificate;
use super::expiry::{day, days_until, timestamp};
use super::key::{is_elsewhere, with_secret};
use super::keyring::{self, cause};
use super::select::{check, is_revoked, signing_key};
use crate::failure::Result;
use crate::text::{quote, visible};

/// A certificate or secret key at a given time. Its JSON form and its text show the same data.
#[derive(Debug, Serialize)]
pub(crate) struct Inspected {
    /// The fingerprint of the primary key, in upper-case hexadecimal digits.
    fingerprint: String,
    /// Whether there is any secret.
    secret: bool,
    user_ids: Vec<UserId>,
    /// The primary key and its subkeys.
    keys: Vec<InspectedKey>,
    /// The fingerprint of the key that would sign a build; of a certificate, if its secret were
    /// there.
    signer: Option<String>,
    /// Why no key can sign.
    signer_error: Option<String>,
    /// When the signer or the certificate expires, whichever is first.
    #[serde(serialize_with = "as_timestamp")]
    pub(crate) expires: Option<SystemTime>,
}

#[derive(Debug, Serialize)]
struct UserId {
    /// Bytes that are not UTF-8 are replaced. The creator of the key controls this text.
    #[serde(rename = "user_id")]
    text: String,
    state: KeyState,
    /// Why it is not accepted.
    reason: Option<String>,
}

#[derive(Debug, Serialize)]
struct InspectedKey {
    fingerprint: String,
    primary: bool,
    /// The algorithm, such as `EdDSA 256` or `RSA 4096`.
    algorithm: String,
    capabilities: Vec<&'static str>,
    #[serde(serialize_with = "as_timestamp")]
    created: Option<SystemTime>,
    #[serde(serialize_with = "as_timestamp")]
    expires: Option<SystemTime>,
    secret: Secret,
    state: KeyState,
    /// Why it is not accepted.
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Secret {
    None,
    /// There is a packet for the secret, but the secret was left out.
    Elsewhere,
    Protected,
    /// The secret is not protected by a passphrase.
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum KeyState {
    Good,
    Expired,
    Revoked,
    /// Today's policy does not accept the signature that binds this part to the primary key.
    #[serde(rename = "not accepted")]
    NotAccepted,
}

#[expect(clippy::ref_option, reason = "serde gives the field so")]
fn as_timestamp<S: Serializer>(time: &Option<SystemTime>, to: S) -> Result<S::Ok, S::Error> {
    time.and_then(timestamp).serialize(to)
}

/// What the bytes of a key file contain; `source` names them.
pub(crate) fn inspect(source: &str, bytes: &[u8], at: SystemTime) -> Result<Vec<Inspected>> {
    let certs = keyring::parse(source, bytes)?;
    Ok(certs
        .iter()
        .map(|cert| Inspected::of(source, cert, at))
        .collect())
}

impl Inspected {
    pub(crate) fn of_certificate(certificate: &Certificate, at: SystemTime) -> Self {
        // Only a missing secret is reported with its source, and a certificate has no secrets.
        Self::of("", &certificate.cert, at)
    }

    fn of(source: &str, cert: &Cert, at: SystemTime) -> Self {
        let policy = StandardPolicy::new();
        let signer = check(cert, &policy, at).and_then(|valid| signer(source, &valid));
        let (signer, signer_error) = match signer {
            Ok(signer) => (Some(signer), None),
            Err(error) => (None, Some(error.to_string())),
        };
        let keys: Vec<InspectedKey> = cert.keys().map(|key| InspectedKey::of(&key, at)).collect();
        let signs = |key: &&InspectedKey| key.primary || signer.as_ref() == Some(&key.fingerprint);
        let expires = keys
            .iter()
            .filter(signs)
            .filter_map(|key| key.expires)
            .min();
        let user_ids = cert.userids().map(|id| UserId::of(&id, &policy, at));
        Self {
            fingerprint: cert.fingerprint().to_hex(),
            secret: cert.is_tsk(),
            user_ids: user_ids.collect(),
            keys,
            signer,
            signer_error,
            expires,
        }
    }

    /// What needs attention, as sentences: no key can sign, the signer expires within some days,
    /// or today's policy does not accept a part. An expired or revoked subkey next to a good one
    /// does not.
    pub(crate) fn problems(&self, at: SystemTime, warn_days: u32) -> Vec<String> {
        let error = self.signer_error.as_deref().unwrap_or_default();
        let mut problems: Vec<String> = error.lines().take(1).map(str::to_owned).collect();
        if let Some(when) = expiring(self.expires, at, warn_days) {
            problems.push(match &self.signer {
                Some(signer) => format!("the key {signer} {when}"),
                None => format!("the certificate {} {when}", self.fingerprint),
            });
        }
        if self.user_ids.is_empty() && self.signer_error.is_none() {
            problems.push(format!(
                "the certificate {} is not complete: it has no user ID; key servers leave user IDs out \
                 until their address is confirmed",
                self.fingerprint
            ));
        }
        for id in &self.user_ids {
            if let Some(reason) = &id.reason {
                let name = quote(&id.text);
                problems.push(format!("the user ID {name} is not accepted: {reason}"));
            }
        }
        for key in &self.keys {
            let name = &key.fingerprint;
            if let Some(reason) = &key.reason
                && !error.contains(name)
            {
                problems.push(format!("the key {name} is not accepted: {reason}"));
            }
        }
        problems
    }

    /// Several lines of human-readable text, safe to print.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let mut line = |label: &str, value: &str| {
            let _ = writeln!(
                text,
                "{}",
                format!("{label:<9} {}", visible(value)).trim_end()
            );
        };
        line(
            if self.secret { "Secret" } else { "Public" },
            &self.fingerprint,
        );
        for id in &self.user_ids {
            line(
                "User ID",
                &with_state(&id.text, id.state, id.reason.as_deref()),
            );
        }
        for key in &self.keys {
            line(
                if key.primary { "Primary" } else { "Subkey" },
                &key.fingerprint,
            );
            line("", &key.facts());
            line(
                "",
                &with_state(key.secret.text(), key.state, key.reason.as_deref()),
            );
        }
        let signer = match (&self.signer_error, &self.signer) {
            (Some(error), _) => format!("nothing: {error}"),
            (None, Some(signer)) => signer.clone(),
            (None, None) => String::new(),
        };
        for (index, part) in signer.lines().enumerate() {
            line(if index == 0 { "Signs" } else { "" }, part);
        }
        text
    }
}

/// `expires on …, in 12 days`, for a future time within some days.
pub(crate) fn expiring(
    expiry: Option<SystemTime>,
    at: SystemTime,
    warn_days: u32,
) -> Option<String> {
    let expiry = expiry?;
    let warned = Duration::from_hours(24 * u64::from(warn_days));
    if expiry <= at || expiry > at + warned {
        return None;
    }
    let days = match days_until(at, expiry) {
        0 => "in less than a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    };
    Some(format!("expires on {}, {days}", day(expiry)))
}

/// The key that would sign, chosen as in a build if there are secrets.
fn signer(source: &str, cert: &ValidCert<'_>) -> Result<String> {
    let is_tsk = cert.cert().is_tsk();
    let key = signing_key(cert, None, |key| {
        if is_tsk {
            with_secret(source, key)?;
        }
        Ok(key.fingerprint().to_hex())
    });
    Ok(key?)
}

impl UserId {
    fn of(id: &UserIDAmalgamation<'_>, policy: &StandardPolicy<'_>, at: SystemTime) -> Self {
        let binding = id.binding_signature(policy, at);
        let (state, reason) = match (id.revocation_status(policy, at), binding) {
            (RevocationStatus::Revoked(_), _) => (KeyState::Revoked, None),
            (_, Ok(_)) => (KeyState::Good, None),
            (_, Err(error)) => (KeyState::NotAccepted, Some(cause(&error))),
        };
        Self {
            text: String::from_utf8_lossy(id.userid().value()).into_owned(),
            state,
            reason,
        }
    }
}

impl InspectedKey {
    fn of(key: &ErasedKeyAmalgamation<'_, PublicParts>, at: SystemTime) -> Self {
        let lenient = lenient();
        let parts = key.key();
        let bits = parts
            .mpis()
            .bits()
            .map_or_else(String::new, |bits| format!(" {bits}"));
        // Parts that are not accepted are shown too.
        let seen = key.clone().with_policy(&lenient, at).ok();
        let flags = seen
            .as_ref()
            .and_then(ValidKeyAmalgamation::key_flags)
            .unwrap_or_else(KeyFlags::empty);
        let all = [
            ("certify", flags.for_certification()),
            ("sign", flags.for_signing()),
            (
                "encrypt",
                flags.for_transport_encryption() || flags.for_storage_encryption(),
            ),
            ("authenticate", flags.for_authentication()),
        ];
        let (state, reason) = state(key, at);
        Self {
            fingerprint: parts.fingerprint().to_hex(),
            primary: key.primary(),
            algorithm: format!("{}{bits}", parts.pk_algo()),
            capabilities: all
                .iter()
                .filter(|capability| capability.1)
                .map(|capability| capability.0)
                .collect(),
            created: Some(parts.creation_time()),
            expires: seen
                .as_ref()
                .and_then(ValidKeyAmalgamation::key_expiration_time),
            secret: match parts.optional_secret() {
                None => Secret::None,
                Some(_) if is_elsewhere(parts) => Secret::Elsewhere,
                Some(SecretKeyMaterial::Encrypted(_)) => Secret::Protected,
                Some(SecretKeyMaterial::Unencrypted(_)) => Secret::Open,
            },
            state,
            reason,
        }
    }

    fn facts(&self) -> String {
        let can = match self.capabilities.as_slice() {
            [] => "no capabilities".to_owned(),
            capabilities => format!("can {}", capabilities.join(" and ")),
        };
        let expires = match (self.expires.map(day), self.state) {
            (None, _) => "does not expire".to_owned(),
            (Some(day), KeyState::Expired) => format!("expired {day}"),
            (Some(day), _) => format!("expires {day}"),
        };
        let created = self.created.map(day).unwrap_or_default();
        format!("{}, {can}, created {created}, {expires}", self.algorithm)
    }
}

impl Secret {
    fn text(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Elsewhere => "secret not in this file",
            Self::Protected => "protected by a passphrase",
            Self::Open => "not protected by a passphrase",
        }
    }
}

fn with_state(text: &str, state: KeyState, reason: Option<&str>) -> String {
    let state = match (state, reason) {
        (KeyState::Good, _) => "valid".to_owned(),
        (KeyState::Expired, _) => "expired".to_owned(),
        (KeyState::Revoked, _) => "revoked".to_owned(),
        (KeyState::NotAccepted, reason) => format!("not accepted: {}", reason.unwrap_or_default()),
    };
    if text.is_empty() {
        state
    } else {
        format!("{text} ({state})")
    }
}

fn state(
    key: &ErasedKeyAmalgamation<'_, PublicParts>,
    at: SystemTime,
) -> (KeyState, Option<String>) {
    let policy = StandardPolicy::new();
    if is_revoked(&key.cert().revocation_status(&policy, at)) {
        return (KeyState::Revoked, None);
    }
    let state = match key.clone().with_policy(&policy, at) {
        Err(error) => return (KeyState::NotAccepted, Some(cause(&error))),
        Ok(valid) if is_revoked(&valid.revocation_status()) => KeyState::Revoked,
        Ok(valid) if valid.alive().is_err() => KeyState::Expired,
        Ok(_) => KeyState::Good,
    };
    (state, None)
}

/// Accepts old hashes, to show the content of old signatures. It is not used for trust.
fn lenient() -> StandardPolicy<'static> {
    let mut policy = StandardPolicy::new();
    for hash in [
        HashAlgorithm::SHA1,
        HashAlgorithm::MD5,
        HashAlgorithm::RipeMD,
    ] {
        policy.accept_hash(hash);
    }
    policy
}
