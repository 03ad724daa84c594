//! New keys, with the certificate that revokes them.

use std::time::SystemTime;

use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::crypto::mem::Protected;
use sequoia_openpgp::packet::UserID;
use sequoia_openpgp::serialize::{Serialize, SerializeInto};
use sequoia_openpgp::types::KeyFlags;
use sequoia_openpgp::{Cert, Packet, anyhow, armor};

use super::certificate::Certificate;
use super::expiry::{Expires, ExpiresError, whole_second};

/// The algorithm of a new key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cipher {
    /// `EdDSA` over Ed25519, in the form of version 4 that all clients in use know.
    Ed25519,
    /// RSA with 4096 bits.
    Rsa4096,
}

/// What a new key is to be.
pub(crate) struct Profile<'p> {
    /// The e-mail address of its user id.
    pub(crate) email: &'p str,
    /// The name in its user id.
    pub(crate) name: Option<&'p str>,
    /// Its algorithm.
    pub(crate) cipher: Cipher,
    /// When it expires.
    pub(crate) expires: Expires,
    /// Whether a subkey signs, and the primary key only certifies.
    pub(crate) signing_subkey: bool,
    /// What protects it; without a passphrase, whoever has the file has the key.
    pub(crate) passphrase: Option<Password>,
}

impl std::fmt::Debug for Profile<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Profile").field("email", &self.email).finish_non_exhaustive()
    }
}

/// A key cannot be made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GenerateError {
    /// It cannot expire as wanted.
    #[error(transparent)]
    Expires(#[from] ExpiresError),
    /// The user id has a form that mail programs and gpg would misread.
    #[error(
        "the name and address make no user id: {0}\n\
         help: give a name without line breaks and brackets with --name, or leave it out"
    )]
    UserId(String),
    /// The library refuses.
    #[error("cannot make a key: {0}")]
    Library(String),
}

/// A new key in the files that are to be kept, all ASCII-armored.
pub(crate) struct NewKey {
    /// The secret key, protected by its passphrase.
    pub(crate) secret: Protected,
    /// The certificate that revokes it (RFC 9580, section 10.1.3).
    pub(crate) revocation: Vec<u8>,
    /// The certificate, for everybody.
    pub(crate) certificate: Certificate,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("NewKey").field(&self.certificate.fingerprint()).finish()
    }
}

impl NewKey {
    /// Makes a key of OpenPGP version 4 (RFC 4880, the `rfc4880` profile) at a time.
    ///
    /// The primary key certifies and signs, since it is what clients pin; with a signing subkey it
    /// certifies only.
    ///
    /// # Errors
    ///
    /// [`GenerateError`] where the user id or the expiry cannot be, or the library refuses.
    pub(crate) fn generate(profile: Profile<'_>, at: SystemTime) -> Result<Self, GenerateError> {
        let id = UserID::from_address(profile.name, None, profile.email)
            .map_err(|error| GenerateError::UserId(error.to_string()))?;
        // OpenPGP has whole seconds, of the life of a key too.
        let at = whole_second(at);
        let expiry = profile.expires.of_key_made(at)?;
        let validity = expiry.and_then(|expiry| expiry.duration_since(at).ok());
        let make = || -> anyhow::Result<Self> {
            let certifying = KeyFlags::empty().set_certification();
            let mut builder = CertBuilder::new()
                .set_profile(sequoia_openpgp::Profile::RFC4880)?
                .set_cipher_suite(match profile.cipher {
                    Cipher::Ed25519 => CipherSuite::Cv25519,
                    Cipher::Rsa4096 => CipherSuite::RSA4k,
                })
                .set_creation_time(at)
                .set_validity_period(validity)
                .set_password(profile.passphrase)
                .add_userid(id);
            builder = match profile.signing_subkey {
                true => builder.set_primary_key_flags(certifying).add_signing_subkey(),
                false => builder.set_primary_key_flags(certifying.set_signing()),
            };
            let (cert, revocation) = builder.generate()?;
            Ok(Self {
                secret: Protected::from(cert.as_tsk().armored().to_vec()?),
                revocation: armored(&cert, &revocation.into())?,
                certificate: Certificate::of(&cert)?,
            })
        };
        make().map_err(|error| GenerateError::Library(error.to_string()))
    }
}

/// A revocation in the form in which gpg takes it, with a comment on what it does.
fn armored(cert: &Cert, revocation: &Packet) -> anyhow::Result<Vec<u8>> {
    let fingerprint = format!("Revocation certificate of {}", cert.fingerprint());
    let comments = [
        fingerprint.as_str(),
        "Import and publish it only if the key is lost or stolen:",
        "it makes the key void for ever. Keep it away from the key.",
    ];
    let headers = comments.map(|comment| ("Comment", comment));
    // There is no armor of its own for revocations; gpg takes and makes this one.
    let mut writer = armor::Writer::with_headers(Vec::new(), armor::Kind::PublicKey, headers)?;
    revocation.serialize(&mut writer)?;
    Ok(writer.finalize()?)
}
