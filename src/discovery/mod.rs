//! Where people and programs find the key: as a file, in the Web Key Directory, in the DNS.

mod address;
mod dns;
mod wkd;

use std::time::SystemTime;

pub(crate) use address::{Address, AddressError};

use crate::artifact::{Artifact, MediaType};
use crate::openpgp::{Certificate, CertificateError};
use crate::text::{enumerate, quote};

/// The file of the certificates, ASCII-armored.
pub(crate) const KEY_FILE: &str = "key.asc";

/// What announces a key.
#[derive(Debug)]
pub(crate) struct Discovery {
    /// The files: `key.asc`, and those of the Web Key Directory and the DNS.
    pub(crate) artifacts: Vec<Artifact>,
    /// Why those of the Web Key Directory and the DNS are not among them.
    pub(crate) problem: Option<Unannounced>,
}

/// Why a key cannot be found by an e-mail address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unannounced {
    /// The address fits no domain name.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A certificate is not about the address.
    #[error(
        "the key {fingerprint} has no user id with the address {address}, so it cannot be found by \
         it; its user ids are {user_ids}\n\
         help: add one with `gpg --quick-add-uid`, or name another address: the publisher's `email` \
         in the settings, or --email of `tfadir key publish`"
    )]
    NoUserId {
        /// The certificate.
        fingerprint: String,
        /// The address, quoted.
        address: String,
        /// The user ids, quoted.
        user_ids: String,
    },
}

/// A key cannot be announced at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AnnounceError {
    /// A certificate cannot be written.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// A library cannot do its part.
    #[error("the key cannot be announced: {0}")]
    Library(String),
}

/// The files that announce certificates under the publisher's e-mail address.
///
/// Several certificates are those of a roll-over: clients find the old and the new one. What is
/// found by the address holds no other user id. Where the address cannot be used, or is in no user
/// id of one of the certificates, there is `key.asc` only, and the problem.
///
/// # Errors
///
/// [`AnnounceError`] where a certificate cannot be written.
pub(crate) fn artifacts(
    certificates: &[Certificate],
    address: &str,
    at: SystemTime,
) -> Result<Discovery, AnnounceError> {
    let about = "The public key, ASCII-armored.";
    let armored = Certificate::armored(certificates)?;
    let mut artifacts = vec![Artifact::new(KEY_FILE, MediaType::PgpKeys, about, armored)];
    let unannounced = |artifacts, problem| Ok(Discovery { artifacts, problem: Some(problem) });

    let address: Address = match address.parse() {
        Ok(address) => address,
        Err(error) => return unannounced(artifacts, Unannounced::Address(error)),
    };
    let mut keys = Vec::with_capacity(certificates.len());
    for certificate in certificates {
        let Some(found) = certificate.for_address(&address.to_string(), at)? else {
            return unannounced(artifacts, no_user_id(certificate, &address));
        };
        let bytes = found.binary()?;
        keys.push((found, bytes));
    }
    let all: Vec<u8> = keys.iter().flat_map(|(_, bytes)| bytes).copied().collect();
    artifacts.extend(wkd::artifacts(&address, &all)?);
    artifacts.extend(dns::artifacts(&address, &keys));
    Ok(Discovery { artifacts, problem: None })
}

fn no_user_id(certificate: &Certificate, address: &Address) -> Unannounced {
    let ids = certificate.user_ids();
    let ids: Vec<&str> = ids.iter().take(5).map(String::as_str).collect();
    Unannounced::NoUserId {
        fingerprint: certificate.fingerprint(),
        address: quote(&address.to_string()),
        user_ids: if ids.is_empty() { "none".to_owned() } else { enumerate(ids, "and") },
    }
}
