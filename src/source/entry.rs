//! A document that meets the entry schema, with names for what is in it.

use std::borrow::Cow;

use super::document::escape;
use super::json::{Fields, Json};

/// A way to prove a second factor, in the contract's order (section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// A code in a text message.
    Sms,
    /// A code that a voice reads out.
    Call,
    /// A code or link in an e-mail.
    Email,
    /// A time-based one-time password (RFC 6238).
    Totp,
    /// A FIDO2 or U2F security key.
    U2f,
    /// An app of the site or its provider.
    CustomSoftware,
    /// A device of the site or its provider.
    CustomHardware,
}

impl Method {
    /// All methods, in the contract's order.
    pub(crate) const ALL: [Self; 7] = [
        Self::Sms,
        Self::Call,
        Self::Email,
        Self::Totp,
        Self::U2f,
        Self::CustomSoftware,
        Self::CustomHardware,
    ];

    /// The name in entries and file names, such as `custom-software`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Call => "call",
            Self::Email => "email",
            Self::Totp => "totp",
            Self::U2f => "u2f",
            Self::CustomSoftware => "custom-software",
            Self::CustomHardware => "custom-hardware",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

/// A set of methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Methods(u8);

impl Methods {
    /// Whether the set holds a method.
    pub(crate) fn contains(self, method: Method) -> bool {
        self.0 & (1 << method as u8) != 0
    }

    /// Whether the set holds none, as that of a site without 2FA.
    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn insert(&mut self, method: Method) {
        self.0 |= 1 << method as u8;
    }
}

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
    /// The methods; empty for a site without 2FA.
    pub(crate) methods: Methods,
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
        let mut methods = Methods::default();
        let tfa = fields.get("tfa").and_then(Json::as_array).unwrap_or_default();
        for method in tfa.iter().filter_map(Json::as_str).filter_map(Method::from_name) {
            methods.insert(method);
        }
        Some(Self { name, methods, fields })
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
