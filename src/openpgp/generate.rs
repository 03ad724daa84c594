//! New keys, with the certificates that revoke them.

use std::time::SystemTime;

use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::crypto::mem::Protected;
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::serialize::{Serialize, SerializeInto};
use sequoia_openpgp::types::KeyFlags;
use sequoia_openpgp::{Cert, Packet, armor};

use super::LibraryError;
use super::certificate::Certificate;
use super::expiry::{Expires, whole_second};
use crate::failure::{Result, failure};

/// The algorithm of a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Cipher {
    /// `EdDSA` over Ed25519, in the version-4 form that all current clients support.
    Ed25519,
    /// RSA with 4096 bits: for clients that support nothing else
    Rsa4096,
}

/// The parameters of a new key.
pub(crate) struct Profile<'p> {
    pub(crate) email: &'p str,
    pub(crate) name: Option<&'p str>,
    pub(crate) cipher: Cipher,
    pub(crate) expires: Expires,
    /// Whether a subkey signs, and the primary key only certifies.
    pub(crate) signing_subkey: bool,
    pub(crate) passphrase: Option<Password>,
}

/// A new key as the contents of its files, all ASCII-armored.
pub(crate) struct NewKey {
    pub(crate) secret: Protected,
    /// Revokes the key (RFC 9580, section 10.1.3).
    pub(crate) revocation: Vec<u8>,
    pub(crate) certificate: Certificate,
}

impl NewKey {
    /// Creates a key of OpenPGP version 4 (RFC 4880).
    ///
    /// The primary key certifies and signs, since clients pin it; with a signing subkey it only
    /// certifies.
    pub(crate) fn generate(profile: Profile<'_>, at: SystemTime) -> Result<Self> {
        // Mail programs and gpg would misread another user ID.
        let id = UserID::from_address(profile.name, None, profile.email).map_err(|error| {
            failure!(
                "the name and address do not form a user ID: {error}";
                help: "pass --name without line breaks and brackets, or omit it"
            )
        })?;
        // OpenPGP stores whole seconds, also for the validity period of a key.
        let at = whole_second(at);
        let expiry = profile.expires.of_key_made(at)?;
        let validity = expiry.and_then(|expiry| expiry.duration_since(at).ok());
        let generate = || -> anyhow::Result<Self> {
            let mut builder = builder(profile.cipher, at)?
                .set_validity_period(validity)
                .set_password(profile.passphrase)
                .add_userid(id);
            if profile.signing_subkey {
                let certifying = KeyFlags::empty().set_certification();
                builder = builder
                    .set_primary_key_flags(certifying)
                    .add_signing_subkey();
            }
            let (cert, revocation) = builder.generate()?;
            Ok(Self {
                secret: Protected::from(cert.as_tsk().armored().to_vec()?),
                revocation: armored(&cert, &revocation.into())?,
                certificate: Certificate::of(&cert)?,
            })
        };
        Ok(generate().map_err(LibraryError::from)?)
    }
}

/// A builder for a key whose primary key certifies and signs.
pub(super) fn builder(cipher: Cipher, at: SystemTime) -> anyhow::Result<CertBuilder<'static>> {
    Ok(CertBuilder::new()
        .set_profile(sequoia_openpgp::Profile::RFC4880)?
        .set_cipher_suite(match cipher {
            Cipher::Ed25519 => CipherSuite::Cv25519,
            Cipher::Rsa4096 => CipherSuite::RSA4k,
        })
        .set_creation_time(at)
        .set_primary_key_flags(KeyFlags::empty().set_certification().set_signing()))
}

/// A revocation in the form that gpg imports, with a comment that explains it.
fn armored(cert: &Cert, revocation: &Packet) -> anyhow::Result<Vec<u8>> {
    let fingerprint = format!("Revocation certificate of {}", cert.fingerprint());
    let comments = [
        fingerprint.as_str(),
        "Import and publish it only if the key is lost or stolen:",
        "it revokes the key for good. Store it apart from the key.",
    ];
    let headers = comments.map(|comment| ("Comment", comment));
    // There is no armor type for revocations; gpg writes and reads this one.
    let mut writer = armor::Writer::with_headers(Vec::new(), armor::Kind::PublicKey, headers)?;
    revocation.serialize(&mut writer)?;
    Ok(writer.finalize()?)
}
