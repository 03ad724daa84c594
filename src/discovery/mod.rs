//! Key discovery: where people and programs find the certificate, as a file, in the Web Key
//! Directory, and in the DNS.

mod address;
mod dns;
mod wkd;

use std::time::SystemTime;

pub(crate) use address::Address;

use crate::artifact::{Artifact, MediaType};
use crate::failure::{Failure, Result, failure};
use crate::openpgp::Certificate;
use crate::text::{enumerate, quote};

/// The file of the certificates, ASCII-armored.
pub(crate) const KEY_FILE: &str = "key.asc";

#[derive(Debug)]
pub(crate) struct Discovery {
    /// `key.asc`, and the files for the Web Key Directory and the DNS.
    pub(crate) artifacts: Vec<Artifact>,
    /// Why there is only `key.asc`.
    pub(crate) problem: Option<Failure>,
}

/// The files that publish certificates under the publisher's e-mail address.
///
/// During a roll-over there are several: clients find the old and the new certificate. Certificates
/// found by the address contain no other user IDs.
pub(crate) fn artifacts(certs: &[Certificate], address: &str, at: SystemTime) -> Result<Discovery> {
    certs
        .iter()
        .try_for_each(Certificate::refuse_other_versions)?;
    let about = "The public key, ASCII-armored.";
    let armored = Certificate::armored(certs)?;
    let mut artifacts = vec![Artifact::new(KEY_FILE, MediaType::PgpKeys, about, armored)];
    let only = |artifacts, problem| {
        Ok(Discovery {
            artifacts,
            problem: Some(problem),
        })
    };

    let address: Address = match address.parse() {
        Ok(address) => address,
        Err(error) => return only(artifacts, error),
    };
    let mut keys = Vec::with_capacity(certs.len());
    for certificate in certs {
        let Some(found) = certificate.for_address(&address.to_string(), at)? else {
            return only(artifacts, no_user_id(certificate, &address));
        };
        let bytes = found.binary()?;
        keys.push((found, bytes));
    }
    let all: Vec<u8> = keys.iter().flat_map(|(_, bytes)| bytes).copied().collect();
    artifacts.extend(wkd::artifacts(&address, &all)?);
    artifacts.extend(dns::artifacts(&address, &keys));
    Ok(Discovery {
        artifacts,
        problem: None,
    })
}

fn no_user_id(certificate: &Certificate, address: &Address) -> Failure {
    let ids = certificate.user_ids();
    let listed = match ids.as_slice() {
        [] => "none".to_owned(),
        ids => enumerate(ids.iter().take(5).map(String::as_str), "and"),
    };
    failure!(
        "the key {} has no user ID with the address {}, so clients cannot find it by that \
         address; its user IDs: {listed}", certificate.fingerprint(), quote(&address.to_string());
        help: "add one with `gpg --quick-add-uid`, or use another address: \
               `publisher.email` in directory.toml, or --email of `tfadir key publish`"
    )
}
