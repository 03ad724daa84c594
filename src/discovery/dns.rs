//! DNS records of keys, as zone files to include: CERT (RFC 4398) and OPENPGPKEY (RFC 7929).

use std::fmt::Write;

use data_encoding::BASE64;

use super::address::Address;
use crate::artifact::{Artifact, MediaType, sha256};
use crate::openpgp::Certificate;

/// How long resolvers may cache a record, in seconds: short, since a key may be withdrawn.
const TTL: u32 = 3600;

/// The length of a line of Base64.
const LINE: usize = 64;

/// The zone files for an address, one for each kind of record. Each certificate is given with its
/// binary form, and gets its own record.
pub(crate) fn artifacts(address: &Address, keys: &[(Certificate, Vec<u8>)]) -> [Artifact; 2] {
    let cert = Zone {
        kind: "CERT",
        rdata: "CERT PGP 0 0",
        source: "RFC 4398",
        names: cert_names(address),
        locate: "cert",
        note: "gpg looks them up by name; few other programs do.",
        about: "The public key as CERT records of the DNS.",
    };
    let openpgpkey = Zone {
        kind: "OPENPGPKEY",
        rdata: "OPENPGPKEY",
        source: "RFC 7929",
        names: openpgpkey_names(address),
        locate: "dane",
        note: "They are trustworthy only in a zone signed with DNSSEC.",
        about: "The public key as OPENPGPKEY records of the DNS.",
    };
    [cert, openpgpkey].map(|zone| {
        let (path, text) = (format!("dns/{}.zone", zone.kind), zone.text(address, keys));
        Artifact::new(path, MediaType::Zone, zone.about, text.into_bytes())
    })
}

struct Zone {
    kind: &'static str,
    rdata: &'static str,
    source: &'static str,
    names: Vec<String>,
    locate: &'static str,
    note: &'static str,
    about: &'static str,
}

impl Zone {
    fn text(&self, address: &Address, keys: &[(Certificate, Vec<u8>)]) -> String {
        let Self {
            kind,
            rdata,
            source,
            locate,
            note,
            ..
        } = self;
        let domain = &address.domain;
        let mut text = format!(
            "; The OpenPGP key of {address} as {kind} records ({source}).\n\
             ; Include this file in the zone of {domain}, or copy its records there. {note}\n\
             ; Then this command finds the key:\n\
             ;   gpg --auto-key-locate clear,nodefault,{locate} --locate-keys {address}\n\
             ; Remove the records when the key must no longer be trusted.\n"
        );
        for (certificate, bytes) in keys {
            // Writing into a string does not fail.
            let _ = writeln!(text, "\n; {}", certificate.fingerprint());
            for name in &self.names {
                let _ = writeln!(text, "{name} {TTL} IN {rdata} (");
                let mut rest = BASE64.encode(bytes);
                while !rest.is_empty() {
                    let next = rest.split_off(rest.len().min(LINE));
                    let _ = writeln!(text, "    {rest}");
                    rest = next;
                }
                text.push_str("    )\n");
            }
        }
        text
    }
}

/// The names of an address's CERT records. In RFC 4398 (section 3) the part before the `@` is one
/// label, as in other mailbox names of the DNS; gpg replaces the `@` with a dot, so that a dot
/// before it separates labels.
fn cert_names(address: &Address) -> Vec<String> {
    let Address { local, domain } = address;
    let mut names = vec![format!("{local}.{domain}.")];
    if local.contains('.') {
        // A backslash keeps a dot inside a label (RFC 1035, section 5.1).
        names.push(format!("{}.{domain}.", local.replace('.', "\\.")));
    }
    names
}

/// The names of an address's OPENPGPKEY records (RFC 7929, section 3): the first 28 bytes of the
/// SHA-256 of the part before the `@`. Case matters, but gpg converts it to lower case, so both
/// names are published.
fn openpgpkey_names(address: &Address) -> Vec<String> {
    let name = |local: &str| {
        let hash: String = sha256(local.as_bytes()).chars().take(2 * 28).collect();
        format!("{hash}._openpgpkey.{}.", address.domain)
    };
    let lower = address.local.to_ascii_lowercase();
    let mut names = vec![name(&address.local)];
    names.extend((lower != address.local).then(|| name(&lower)));
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cert_records_have_the_name_of_the_address() {
        let names = |address: &str| cert_names(&address.parse().unwrap());
        assert_eq!(names("security@2fa.directory"), ["security.2fa.directory."]);
        assert_eq!(
            names("a.b@example.org"),
            ["a.b.example.org.", "a\\.b.example.org."]
        );
    }

    #[test]
    fn openpgpkey_records_have_the_name_of_the_example_of_the_standard() {
        let names = |address: &str| openpgpkey_names(&address.parse().unwrap());
        let hugh =
            "c93f1e400f26708f98cb19d936620da35eec8f72e57f9eec01c1afd6._openpgpkey.example.com.";
        assert_eq!(names("hugh@example.com"), [hugh]);
        assert_eq!(names("Hugh@example.com")[1], hugh);
    }
}
