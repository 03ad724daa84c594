//! Version 4: objects from domain to entry, in byte order of the domains (contract, section 4).

use rayon::prelude::*;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::{self, Style};
use super::{ApiError, Validators, about, join};
use crate::artifact::Artifact;
use crate::source::{Entry, Method};

/// The members of an entry, by their names in version 4 and in the source, in the order in which
/// they are written. No other member may appear: strict clients refuse the whole file.
const MEMBERS: [(&str, &str); 6] = [
    ("methods", "tfa"),
    ("custom-software", "custom-software"),
    ("custom-hardware", "custom-hardware"),
    ("documentation", "documentation"),
    ("recovery", "recovery"),
    ("notes", "notes"),
];

/// The files of version 4: `all` and one for each method.
///
/// # Errors
///
/// [`ApiError`] where a file is not what its schema promises.
pub fn artifacts(
    entries: &[Entry<'_>],
    validators: &Validators,
    style: Style,
) -> Result<Vec<Artifact>, ApiError> {
    let domains = domains(entries);
    let members = domains
        .par_iter()
        .with_min_len(64)
        .map(|it| {
            let member = json::member(it.name, &Members(it.entry), style)?;
            let alone = json::object(&[&member], style);
            validators.v4.validate("v4/all.json", &alone)?;
            Ok(member)
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let parts = |lists: &dyn Fn(&Domain<'_>) -> bool| -> Vec<&[u8]> {
        let listed = domains.iter().zip(&members).filter(|(domain, _)| lists(domain));
        listed.map(|(_, member)| member.as_slice()).collect()
    };
    let mut files = vec![("all", ALL, parts(&|_| true))];
    for method in Method::ALL {
        let has_method = |domain: &Domain<'_>| domain.entry.methods.contains(method);
        files.push((method.name(), about(method), parts(&has_method)));
    }
    join("v4", files, |parts| json::object(parts, style))
}

const ALL: &str = "Every domain, with and without two-factor authentication.";

/// A domain with the entry that it leads to.
struct Domain<'t> {
    name: &'t str,
    entry: &'t Entry<'t>,
}

/// Every domain once, in ascending byte order.
///
/// Where entries compete for a domain, the one whose main domain it is wins, and among those that
/// list it as additional the one with the lowest main domain in byte order.
fn domains<'t>(entries: &'t [Entry<'t>]) -> Vec<Domain<'t>> {
    let mut domains: Vec<Domain<'t>> = entries
        .iter()
        .flat_map(|entry| {
            std::iter::once(entry.domain())
                .chain(entry.additional_domains())
                .map(move |name| Domain { name, entry })
        })
        .collect();
    domains.sort_by_key(|it| (it.name, it.name != it.entry.domain(), it.entry.domain()));
    domains.dedup_by_key(|it| it.name);
    domains
}

/// What version 4 says of an entry.
struct Members<'t>(&'t Entry<'t>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for (name, source) in MEMBERS {
            if let Some(value) = self.0.members.get(source) {
                object.serialize_entry(name, value)?;
            }
        }
        object.end()
    }
}
