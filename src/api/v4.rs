//! Version 4: objects from domain to entry, in byte order of the domains (contract, section 4).

use rayon::prelude::*;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::json::{Style, write};
use super::{ApiError, v3};
use crate::artifact::{Artifact, MediaType};
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
/// [`ApiError`] where a file could not be written; nothing an entry holds leads there.
pub fn artifacts(entries: &[Entry<'_>], style: Style) -> Result<Vec<Artifact>, ApiError> {
    let domains = domains(entries);
    let mut files: Vec<(&str, &'static str, Vec<&Domain<'_>>)> = vec![(
        "all",
        "Every domain, with and without two-factor authentication.",
        domains.iter().collect(),
    )];
    for method in Method::ALL {
        let of_method = domains.iter().filter(|domain| domain.entry.methods.contains(method));
        files.push((method.name(), v3::about(method), of_method.collect()));
    }
    files
        .into_par_iter()
        .map(|(name, about, domains)| {
            let bytes = write(&Object(&domains), style)?;
            let mut artifact =
                Artifact::new(format!("v4/{name}.json"), MediaType::Json, about, bytes);
            artifact.count = Some(domains.len());
            Ok(artifact)
        })
        .collect()
}

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
            std::iter::once(entry.domain)
                .chain(entry.additional_domains())
                .map(move |name| Domain { name, entry })
        })
        .collect();
    domains.sort_by_key(|it| (it.name, it.name != it.entry.domain, it.entry.domain));
    domains.dedup_by_key(|it| it.name);
    domains
}

struct Object<'d, 't>(&'d [&'d Domain<'t>]);

impl Serialize for Object<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|it| (it.name, Members(it.entry))))
    }
}

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
