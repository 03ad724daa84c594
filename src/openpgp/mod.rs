//! Keys, signatures and their verification (OpenPGP: version 4 of RFC 4880, as in RFC 9580).
//!
//! This module is independent of what it signs: it takes bytes and returns signatures.

mod certificate;
pub(crate) mod development;
pub(crate) mod expiry;
mod extend;
mod generate;
mod gpg;
pub(crate) mod inspect;
mod key;
pub(crate) mod key_files;
mod keyring;
mod parse;
mod passphrase;
mod select;
mod signatures;
mod signer;
mod verify;

pub use certificate::Certificate;
pub(crate) use extend::{ExtendedKey, KeyToExtend};
pub(crate) use generate::{Cipher, NewKey, Profile};
pub(crate) use gpg::Gpg;
pub(crate) use key::{LockedKey, hex_digits, is_key_id};
pub(crate) use passphrase::Passphrase;

pub use parse::{FormError, Signed};
pub(crate) use signatures::Signatures;
pub(crate) use signer::Signer;
pub use verify::{Good, SignatureError, Verifier};

use crate::failure::{Failure, failure};

/// The OpenPGP library could not do its part, such as write what it had read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct LibraryError(#[source] Failure);

impl From<anyhow::Error> for LibraryError {
    fn from(error: anyhow::Error) -> Self {
        Self(failure!("the OpenPGP library failed: {error:#}"; help: "please report this"))
    }
}

/// The name and version of the cryptographic library.
pub(crate) fn backend() -> String {
    sequoia_openpgp::crypto::backend()
}
