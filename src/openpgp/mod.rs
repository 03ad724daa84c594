//! The secret key, signing and verifying (OpenPGP, RFC 9580 and its forerunner RFC 4880).
//!
//! This room does not know what it signs: it takes bytes and gives signatures.

mod artifacts;
mod certificate;
pub(crate) mod development;
pub(crate) mod expiry;
mod generate;
mod gpg;
pub(crate) mod inspect;
mod key;
mod key_error;
pub(crate) mod key_files;
mod keyring;
mod parse;
mod select;
mod signatures;
mod signer;
mod verify;

pub(crate) use artifacts::Signing;
pub use certificate::Certificate;
pub(crate) use certificate::CertificateError;
pub(crate) use generate::{Cipher, NewKey, Profile};
pub(crate) use gpg::{Gpg, GpgError};
pub(crate) use key::LockedKey;
pub(crate) use key_error::KeyError;
pub use key_error::KeySource;
pub use parse::{FormError, Signed};
pub(crate) use signatures::Signatures;
pub(crate) use signer::Signer;
pub use verify::{Good, SignatureError, Verifier};

/// The name and version of the cryptographic library in use.
pub(crate) fn backend() -> String {
    sequoia_openpgp::crypto::backend()
}
