//! A document that meets the entry schema, with names for what is in it.

use std::borrow::Cow;

use super::document::escape;
use super::json::{Fields, Json};

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
    Method { name: "sms", about: "Sites with codes by text message." },
    Method { name: "call", about: "Sites with codes by phone call." },
    Method { name: "email", about: "Sites with codes by e-mail." },
    Method { name: "totp", about: "Sites with time-based one-time passwords (RFC 6238)." },
    Method { name: "u2f", about: "Sites with security keys (FIDO2, U2F)." },
    Method { name: "custom-software", about: "Sites with an app of their own." },
    Method { name: "custom-hardware", about: "Sites with a device of their own." },
];

/// A domain of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Domain<'t> {
    /// The domain itself.
    pub(crate) name: &'t str,
    /// Which of the additional domains it is, counted from 0; `None` for the main domain.
    pub(crate) index: Option<usize>,
}

impl Domain<'_> {
    /// The JSON pointer (RFC 6901) to it, in the document of its entry.
    pub(crate) fn pointer(&self, entry: &Entry<'_>) -> String {
        match self.index {
            None => entry.pointer_to("domain"),
            Some(index) => format!("{}/{index}", entry.pointer_to("additional-domains")),
        }
    }

    /// Where its entry stands among those that claim it; the lowest one wins (contract, section 4).
    pub(crate) fn rank<'e>(&self, entry: &'e Entry<'_>) -> (bool, &'e str) {
        (self.index.is_some(), entry.domain())
    }
}

/// One site, with texts borrowed from its file.
#[derive(Debug, Clone)]
pub struct Entry<'t> {
    /// The site's name.
    pub(crate) name: Cow<'t, str>,
    /// For each of [`METHODS`], whether the site offers it.
    pub(crate) methods: [bool; METHODS.len()],
    /// The entry's fields in source order.
    pub(crate) fields: Fields<'t>,
}

impl<'t> Entry<'t> {
    /// Reads an entry file's value; `None` where it is not one site with a group of fields.
    /// Whatever in it does not meet the entry schema counts as absent.
    pub(crate) fn from_json(value: Json<'t>) -> Option<Self> {
        let Json::Object(sites) = value else {
            return None;
        };
        let (name, Json::Object(fields)) = sites.into_only()? else {
            return None;
        };
        let tfa = fields.get("tfa").and_then(Json::as_array).unwrap_or_default();
        let methods = METHODS.map(|method| tfa.iter().any(|it| it.as_str() == Some(method.name)));
        Some(Self { name, methods, fields })
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

    /// The value of a field that is a text.
    pub(crate) fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Json::as_str)
    }

    /// The main domain; empty where there is none.
    pub(crate) fn domain(&self) -> &str {
        self.text("domain").unwrap_or_default()
    }

    /// The main domain, if there is one, and the further ones, in source order.
    pub(crate) fn domains(&self) -> impl Iterator<Item = Domain<'_>> {
        let main = self.text("domain").map(|name| Domain { name, index: None });
        let additional = self.fields.get("additional-domains").and_then(Json::as_array);
        let additional = additional.unwrap_or_default().iter().enumerate();
        let additional = additional.filter_map(|(index, domain)| {
            Some(Domain { name: domain.as_str()?, index: Some(index) })
        });
        main.into_iter().chain(additional)
    }

    /// The regions as written, `-` included, in source order.
    pub(crate) fn regions(&self) -> impl Iterator<Item = &str> {
        let regions = self.fields.get("regions").and_then(Json::as_array).unwrap_or_default();
        regions.iter().filter_map(Json::as_str)
    }

    /// The file name of the icon: `img`, or else the domain and `.svg`.
    pub(crate) fn icon(&self) -> Cow<'_, str> {
        match self.text("img") {
            Some(img) => Cow::Borrowed(img),
            None => Cow::Owned(format!("{}.svg", self.domain())),
        }
    }
}
