//! Version 4: objects from domain to entry, in byte order of the domains (contract, section 4).

use std::borrow::Cow;

use rayon::prelude::*;

use super::json::{self, Style};
use super::{ApiError, Validators, about, join};
use crate::artifact::Artifact;
use crate::source::json::{Json, borrow};
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
    let finished = domains
        .par_iter()
        .with_min_len(64)
        .map(|it| {
            let entry = members(it.entry);
            let member = json::member(it.name, &entry, style)?;
            let alone = Json::Object([(Cow::Borrowed(it.name), entry)].into_iter().collect());
            validators.v4.validate("v4/all.json", &alone)?;
            Ok(member)
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let parts = |lists: &dyn Fn(&Domain<'_>) -> bool| -> Vec<&[u8]> {
        let listed = domains.iter().zip(&finished).filter(|(domain, _)| lists(domain));
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
fn members<'e>(entry: &'e Entry<'_>) -> Json<'e> {
    let given = MEMBERS.iter().filter_map(|(name, source)| {
        let value = entry.members.get(source)?;
        Some(borrow((*name, value)))
    });
    Json::Object(given.collect())
}
