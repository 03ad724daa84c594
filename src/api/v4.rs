//! Version 4: objects from domain to entry, in byte order of the domains (contract, section 4).

use std::borrow::Cow;

use rayon::prelude::*;

use super::json::{self, Style};
use super::{ApiError, Validators, about, join};
use crate::artifact::Artifact;
use crate::source::json::{Json, borrow};
use crate::source::{Domain, Entry, Method};

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
    let claims = claims(entries);
    let finished = claims
        .par_iter()
        .with_min_len(64)
        .map(|it| {
            let entry = members(it.entry);
            let member = json::member(it.domain.name, &entry, style)?;
            let alone =
                Json::Object([(Cow::Borrowed(it.domain.name), entry)].into_iter().collect());
            validators.v4.validate("v4/all.json", &alone)?;
            Ok(member)
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let parts = |lists: &dyn Fn(&Claim<'_>) -> bool| -> Vec<&[u8]> {
        let listed = claims.iter().zip(&finished).filter(|(claim, _)| lists(claim));
        listed.map(|(_, member)| member.as_slice()).collect()
    };
    let mut files = vec![("all", ALL, parts(&|_| true))];
    for method in Method::ALL {
        let has_method = |claim: &Claim<'_>| claim.entry.methods.contains(method);
        files.push((method.name(), about(method), parts(&has_method)));
    }
    join("v4", files, |parts| json::object(parts, style))
}

const ALL: &str = "Every domain, with and without two-factor authentication.";

/// A domain with the entry that it leads to.
struct Claim<'t> {
    domain: Domain<'t>,
    entry: &'t Entry<'t>,
}

/// Every domain once, in ascending byte order. Of entries that claim the same one, the one of the
/// lowest [rank](Domain::rank) wins.
fn claims<'t>(entries: &'t [Entry<'t>]) -> Vec<Claim<'t>> {
    let claims_of =
        |entry: &'t Entry<'t>| entry.domains().map(move |domain| Claim { domain, entry });
    let mut claims: Vec<Claim<'t>> = entries.iter().flat_map(claims_of).collect();
    claims.sort_by_key(|it| (it.domain.name, it.domain.rank(it.entry)));
    claims.dedup_by_key(|it| it.domain.name);
    claims
}

/// What version 4 says of an entry.
fn members<'e>(entry: &'e Entry<'_>) -> Json<'e> {
    let given = MEMBERS.iter().filter_map(|(name, source)| {
        let value = entry.members.get(source)?;
        Some(borrow((*name, value)))
    });
    Json::Object(given.collect())
}
