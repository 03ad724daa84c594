//! The secret key, signing and verifying (OpenPGP, RFC 9580 and its forerunner RFC 4880).
//!
//! This room does not know what it signs: it takes bytes and gives signatures.

mod artifacts;
mod certificate;
mod choice;
pub mod development;
mod generate;
mod gpg;
pub mod inspect;
pub mod keep;
mod key;
mod key_error;
mod keyring;
mod read;
mod rsa;
mod signatures;
mod signer;
pub mod validity;
mod verify;

pub use artifacts::{SignedFiles, Signing, SigningError};
pub use certificate::{Certificate, CertificateError};
pub use generate::{Cipher, GenerateError, NewKey, Profile};
pub use gpg::{Gpg, GpgError};
pub use key::{LockedKey, SigningKey};
pub use key_error::{KeyError, KeySource};
pub use keyring::KeyringError;
pub use read::{FormError, Signed};
pub use signatures::Signatures;
pub use signer::{SignError, Signer};
pub use verify::{Good, SignatureError, Verifier};

/// The name and version of the cryptographic library in use.
pub fn backend() -> String {
    sequoia_openpgp::crypto::backend()
}
