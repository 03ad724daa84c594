//! The sites that a directory does not list.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::{DirectoryError, invalid, read};
use crate::source::{Document, Location};

/// The id under which faults of the list are reported.
const RULE: &str = "excluded";

/// Where a root may have its list.
const FILE: &str = "schemas/excluded.json";

/// The domains of sites that the directory does not list, each with the reason. A domain stands for
/// all domains below it as well.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Excluded(BTreeMap<String, Exclusion>);

/// Why a site is not listed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exclusion {
    /// One or more sentences.
    pub(crate) reason: String,
}

impl Excluded {
    /// The excluded domain that a domain is, or is below of, with the reason.
    pub(crate) fn find(&self, domain: &str) -> Option<(&str, &str)> {
        let dots = domain.match_indices('.').map(|(index, _)| &domain[index + 1..]);
        let excluded = std::iter::once(domain).chain(dots).find_map(|it| self.0.get_key_value(it));
        excluded.map(|(domain, exclusion)| (domain.as_str(), exclusion.reason.as_str()))
    }
}

/// Reads the list of a root, or takes the built-in one where it has none.
pub(super) fn load(root: &Path) -> Result<Excluded, DirectoryError> {
    let path = Path::new(FILE);
    let text = read(root, path, RULE)?;
    let text = text.as_deref().unwrap_or(include_str!("../../schemas/excluded.json"));
    serde_json::from_str(text).map_err(|error| {
        let location = match Document::json(text) {
            Err(fault) => Location::Bytes(fault.range().start..fault.range().end),
            Ok(_) => Location::File,
        };
        let message = format!("this is no list of excluded sites: {error}");
        let help = "An excluded site is written as `\"example.com\": { \"reason\": \"Why.\" }`.";
        invalid(root, path, text.to_owned(), RULE, [(location, message, Some(help.to_owned()))])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_stands_for_those_below_it() {
        let list = r#"{"duo.example": {"reason": "Because."}}"#;
        let excluded: Excluded = serde_json::from_str(list).unwrap();
        assert_eq!(excluded.find("duo.example"), Some(("duo.example", "Because.")));
        assert_eq!(excluded.find("a.b.duo.example").unwrap().0, "duo.example");
        assert_eq!(excluded.find("tryduo.example"), None);
        assert_eq!(excluded.find("example"), None);
    }
}
