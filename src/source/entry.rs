//! A document that is valid against the entry schema, with accessors for its fields.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::document::escape;
use super::file::{ParseError, SourceFile};

/// A way to prove a second factor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Method {
    /// The name in entries and file names.
    pub(crate) name: &'static str,
    /// What the method's file covers, as a sentence for the documentation.
    pub(crate) about: &'static str,
}

/// All methods, in the contract's order (section 1).
pub(crate) const METHODS: [Method; 7] = [
    Method {
        name: "sms",
        about: "Sites with codes by text message.",
    },
    Method {
        name: "call",
        about: "Sites with codes by phone call.",
    },
    Method {
        name: "email",
        about: "Sites with codes by e-mail.",
    },
    Method {
        name: "totp",
        about: "Sites with time-based one-time passwords (RFC 6238).",
    },
    Method {
        name: "u2f",
        about: "Sites with security keys (FIDO2, U2F).",
    },
    Method {
        name: "custom-software",
        about: "Sites with an app other than a standard authenticator app.",
    },
    Method {
        name: "custom-hardware",
        about: "Sites with a device other than a standard security key.",
    },
];

/// The fields of an entry whose value is a URL.
pub(crate) const URL_FIELDS: [&str; 3] = ["url", "documentation", "recovery"];

/// A domain of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Domain<'t> {
    /// The domain itself.
    pub(crate) name: &'t str,
    /// The index in the additional domains; `None` for the main domain.
    pub(crate) index: Option<usize>,
}

impl Domain<'_> {
    /// The JSON pointer (RFC 6901) to it, in the document of its entry.
    pub(crate) fn pointer(&self, entry: &Entry) -> String {
        match self.index {
            None => entry.pointer_to("domain"),
            Some(index) => format!("{}/{index}", entry.pointer_to("additional-domains")),
        }
    }

    /// The rank of its entry among those that claim the domain; the lowest wins (contract, section
    /// 4).
    pub(crate) fn rank<'e>(&self, entry: &'e Entry) -> (bool, &'e str) {
        (self.index.is_some(), entry.domain())
    }
}

/// One site.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The site's name.
    pub(crate) name: String,
    /// For each of [`METHODS`], whether the site offers it.
    pub(crate) methods: [bool; METHODS.len()],
    /// The entry's fields in source order.
    pub(crate) fields: Map<String, Value>,
}

impl Entry {
    /// Reads the value of an entry file; `None` if it is not one site with an object of fields.
    /// Fields that violate the entry schema count as absent.
    pub(crate) fn from_json(value: Value) -> Option<Self> {
        let Value::Object(document) = value else {
            return None;
        };
        let mut sites = document.into_iter();
        let (Some((name, Value::Object(fields))), None) = (sites.next(), sites.next()) else {
            return None;
        };
        let mut entry = Self {
            name,
            methods: Default::default(),
            fields,
        };
        let tfa = entry.array("tfa");
        let offers = |name| tfa.iter().any(|method| method.as_str() == Some(name));
        entry.methods = METHODS.map(|method| offers(method.name));
        Some(entry)
    }

    /// Reads an entry file. The error is a sentence about the file.
    pub(crate) fn from_file(file: &SourceFile) -> Result<Self, String> {
        if let Some(problem) = &file.problem {
            return Err(problem.to_string());
        }
        match file.parse() {
            Ok(parsed) => Self::from_json(parsed.value)
                .ok_or_else(|| "this file must contain exactly one site".to_owned()),
            Err(ParseError::Syntax(error)) => Err(format!("this file is not JSON: {error}")),
            Err(ParseError::Unread) => Err("this file cannot be read".to_owned()),
        }
    }

    /// Whether the site offers two-factor authentication.
    pub(crate) fn has_tfa(&self) -> bool {
        self.methods.contains(&true)
    }

    /// The JSON pointer (RFC 6901) to the entry.
    pub(crate) fn pointer(&self) -> String {
        format!("/{}", escape(&self.name))
    }

    /// The JSON pointer (RFC 6901) to a field.
    pub(crate) fn pointer_to(&self, field: &str) -> String {
        format!("{}/{field}", self.pointer())
    }

    /// The value of a field that is a string.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_str)
    }

    /// The elements of a field; empty if it is not an array.
    pub(crate) fn array(&self, field: &str) -> &[Value] {
        self.fields
            .get(field)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// The main domain; empty if there is none.
    pub(crate) fn domain(&self) -> &str {
        self.text("domain").unwrap_or_default()
    }

    /// The main domain, if there is one, and the additional domains, in source order.
    pub(crate) fn domains(&self) -> impl Iterator<Item = Domain<'_>> {
        let main = self.text("domain").map(|name| Domain { name, index: None });
        let values = self.array("additional-domains").iter().enumerate();
        let additional = values.filter_map(|(index, domain)| {
            Some(Domain {
                name: domain.as_str()?,
                index: Some(index),
            })
        });
        main.into_iter().chain(additional)
    }

    /// The web addresses, each with the name of its field. The addresses of the additional domains, and of
    /// the domain without `url`, follow from the domains.
    pub(crate) fn addresses(&self) -> Vec<(&'static str, Cow<'_, str>)> {
        let contact = self.fields.get("contact");
        let form = contact.and_then(|contact| contact.get("form")?.as_str());
        let mut addresses = Vec::new();
        let own = URL_FIELDS.map(|field| (field, self.text(field)));
        for (field, text) in own.into_iter().chain([("contact.form", form)]) {
            let is_web = |text: &&str| text.starts_with("https://") || text.starts_with("http://");
            addresses.extend(text.filter(is_web).map(|text| (field, text.into())));
        }
        for domain in self.domains() {
            let field = match domain.index {
                Some(_) => "additional-domains",
                None if self.text("url").is_some() => continue,
                None => "domain",
            };
            addresses.push((field, format!("https://{}/", domain.name).into()));
        }
        addresses
    }

    /// The regions as written, `-` included, in source order.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &str> {
        self.array("regions").iter().filter_map(Value::as_str)
    }

    /// The file name of the icon: `img`, or else the domain followed by `.svg`.
    pub(crate) fn icon(&self) -> Cow<'_, str> {
        match self.text("img") {
            Some(img) => Cow::Borrowed(img),
            None => Cow::Owned(format!("{}.svg", self.domain())),
        }
    }
}
