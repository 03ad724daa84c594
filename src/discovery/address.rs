//! E-mail addresses by which keys can be found.

use std::fmt;
use std::str::FromStr;

use crate::failure::{Failure, fail, failure};

/// An e-mail address that domain names and paths can contain: an ASCII dot-atom (RFC 5322,
/// section 3.2.3) before the `@`, and a lower-case hostname (RFC 1123) after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    /// The part before the `@`.
    pub(crate) local: String,
    /// The part after the `@`, in lower case.
    pub(crate) domain: String,
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl FromStr for Address {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let quoted = crate::text::quote(text);
        let (local, domain) = match text.rsplit_once('@') {
            Some((local, domain)) if !local.is_empty() && !domain.is_empty() => (local, domain),
            _ => fail!("{quoted} is not an e-mail address"; help: "use one such as `{EXAMPLE}`"),
        };
        // A label of the DNS has 63 bytes.
        let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atom_text);
        if local.len() > 63 || !local.split('.').all(is_atom) {
            return Err(failure!(
                "a key cannot be published for {quoted}: the part before the `@` must be ASCII letters, digits, `+`, `-`, `=` or `_`, \
                 with single dots between them, and at most 63 characters long";
                help: "use an address such as `{EXAMPLE}`"
            ));
        }
        if !domain.is_ascii() {
            return Err(failure!(
                "a key cannot be published for {quoted}: its domain is not ASCII";
                help: "write the domain in its ASCII form (`xn--…`), also in the key"
            ));
        }
        // Names built from both parts must not be longer than 255 bytes.
        if domain.len() > 180 || !domain.contains('.') || !domain.split('.').all(is_label) {
            return Err(failure!(
                "a key cannot be published for {quoted}: the part after the `@` is not a hostname";
                help: "use an address such as `{EXAMPLE}`"
            ));
        }
        Ok(Self {
            local: local.to_owned(),
            domain: domain.to_ascii_lowercase(),
        })
    }
}

const EXAMPLE: &str = "security@example.com";

/// Characters of real mailboxes that need no escape in a zone file, a path or a shell.
fn is_atom_text(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-=_".contains(&byte)
}

fn is_label(label: &str) -> bool {
    let is_inside = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    matches!(label.len(), 1..=63)
        && label.bytes().all(is_inside)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_two_parts() {
        let address: Address = "Joe.Doe@Example.ORG".parse().unwrap();
        assert_eq!(
            (address.local.as_str(), address.domain.as_str()),
            ("Joe.Doe", "example.org")
        );
        assert_eq!(address.to_string(), "Joe.Doe@example.org");
    }

    #[test]
    fn addresses_unsuitable_for_names_and_paths_are_refused() {
        for text in [
            "",
            "a",
            "@example.org",
            "a@",
            "a@localhost",
            "a@example.org.",
            "a@-x.org",
            "a@../etc",
            "a@exam_ple.org",
            "a b@example.org",
            "\"a\"@example.org",
            "a..b@example.org",
            ".a@example.org",
            "a\n@example.org",
            "a@example.org\n",
            "a;@example.org",
            "a(b)@example.org",
            "a$b@example.org",
            "a/b@example.org",
            "bücher@example.org",
            "a@bücher.example",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
        assert!(
            format!("{}@example.org", "x".repeat(64))
                .parse::<Address>()
                .is_err()
        );
        let error = "a@bücher.example".parse::<Address>().unwrap_err();
        assert!(error.help[0].contains("xn--"), "{error:#}");
    }
}
