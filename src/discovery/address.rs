//! E-mail addresses of which keys can be announced.

use std::fmt;
use std::str::FromStr;

/// An e-mail address that is fit for domain names and paths: a plain dot-atom of ASCII
/// (RFC 5322, section 3.2.3) before the `@`, and a hostname (RFC 1123) behind it, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    local: String,
    domain: String,
}

/// Of an address a key cannot be announced.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    /// There is no `@` in it, or nothing on one side of it.
    #[error("{0} is no e-mail address\nhelp: give one such as `security@example.com`")]
    Form(String),
    /// The part before the `@`.
    #[error(
        "a key cannot be announced for {0}: before the `@` there must be letters and digits of \
         ASCII and `+`, `-`, `=` or `_`, with single dots between them, 63 characters at most\n\
         help: use an address such as `security@example.com`"
    )]
    Local(String),
    /// The domain has other letters than those of ASCII.
    #[error(
        "a key cannot be announced for {0}: its domain must be in the form that the DNS has\n\
         help: write the domain in its ASCII form, which begins with `xn--`, in the key as well"
    )]
    International(String),
    /// The part behind the `@` is no hostname.
    #[error(
        "a key cannot be announced for {0}: behind the `@` there is no hostname\n\
         help: use an address such as `security@example.com`"
    )]
    Domain(String),
}

impl Address {
    /// The part before the `@`, as it is written.
    pub(crate) fn local(&self) -> &str {
        &self.local
    }

    /// The part behind the `@`, in lower case, without a dot at its end.
    pub(crate) fn domain(&self) -> &str {
        &self.domain
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let quoted = || crate::text::quote(text);
        let Some((local, domain)) = text.rsplit_once('@') else {
            return Err(AddressError::Form(quoted()));
        };
        if local.is_empty() || domain.is_empty() {
            return Err(AddressError::Form(quoted()));
        }
        // A label of the DNS has 63 bytes.
        let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atom_text);
        if local.len() > 63 || !local.split('.').all(is_atom) {
            return Err(AddressError::Local(quoted()));
        }
        if !domain.is_ascii() {
            return Err(AddressError::International(quoted()));
        }
        // The names that are made of both parts must not be longer than 255 bytes.
        if domain.len() > 180 || !domain.contains('.') || !domain.split('.').all(is_label) {
            return Err(AddressError::Domain(quoted()));
        }
        Ok(Self { local: local.to_owned(), domain: domain.to_ascii_lowercase() })
    }
}

/// What mailboxes are called in practice: it needs no escape in a zone file, a path or a shell.
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
        assert_eq!((address.local(), address.domain()), ("Joe.Doe", "example.org"));
        assert_eq!(address.to_string(), "Joe.Doe@example.org");
    }

    #[test]
    fn what_fits_no_name_and_no_path_is_refused() {
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
        assert!(format!("{}@example.org", "x".repeat(64)).parse::<Address>().is_err());
        let error = "a@bücher.example".parse::<Address>().unwrap_err();
        assert!(error.to_string().contains("xn--"), "{error}");
    }
}
