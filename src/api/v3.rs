//! Version 3: arrays of pairs, ordered by name (contract, section 3).

use std::collections::HashMap;

use rayon::prelude::*;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use super::collation::Collation;
use super::json::{Style, write};
use super::ApiError;
use crate::artifact::{Artifact, MediaType};
use crate::source::{Entry, Method};

/// The files of version 3: `all`, `tfa`, one for each method, `regions`.
///
/// `entries` are in the order of their files, which decides between names that sort alike.
///
/// # Errors
///
/// [`ApiError`] where a file could not be written; nothing an entry holds leads there.
pub fn artifacts(entries: &[Entry<'_>], style: Style) -> Result<Vec<Artifact>, ApiError> {
    let collation = Collation::root()?;
    let mut sites: Vec<Site<'_>> = entries
        .par_iter()
        .with_min_len(64)
        .map(|entry| Site::new(*entry, &collation))
        .collect();
    sites.par_sort_by(|a, b| a.key.cmp(&b.key));
    let mut by_lower_case: Vec<&Site<'_>> = sites.iter().collect();
    by_lower_case.par_sort_by(|a, b| a.lower_case_key().cmp(b.lower_case_key()));

    let mut files: Vec<(&str, &'static str, Vec<&Site<'_>>)> = vec![
        ("all", "Every site, with and without two-factor authentication.", sites.iter().collect()),
        (
            "tfa",
            "Every site with two-factor authentication.",
            sites.iter().filter(|site| !site.entry.methods.is_empty()).collect(),
        ),
    ];
    for method in Method::ALL {
        let of_method = by_lower_case.iter().filter(|site| site.entry.methods.contains(method));
        files.push((method.name(), about(method), of_method.copied().collect()));
    }
    let mut artifacts = files
        .into_par_iter()
        .map(|(name, about, sites)| {
            let mut artifact =
                Artifact::new(format!("v3/{name}.json"), MediaType::Json, about, write(&sites, style)?);
            artifact.count = Some(sites.len());
            Ok(artifact)
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    artifacts.push(Artifact::new(
        "v3/regions.json",
        MediaType::Json,
        "How many sites list a region. The object is no list of sites.",
        write(&regions(&sites), style)?,
    ));
    Ok(artifacts)
}

/// What the file of a method covers.
pub(super) fn about(method: Method) -> &'static str {
    match method {
        Method::Sms => "Sites with codes by text message.",
        Method::Call => "Sites with codes by phone call.",
        Method::Email => "Sites with codes by e-mail.",
        Method::Totp => "Sites with time-based one-time passwords (RFC 6238).",
        Method::U2f => "Sites with security keys (FIDO2, U2F).",
        Method::CustomSoftware => "Sites with an app of their own.",
        Method::CustomHardware => "Sites with a device of their own.",
    }
}

/// An entry with the keys that it is sorted by.
struct Site<'t> {
    entry: Entry<'t>,
    key: Vec<u8>,
    /// The key of the name in lower case, where that differs.
    lower_case_key: Option<Vec<u8>>,
}

impl<'t> Site<'t> {
    fn new(entry: Entry<'t>, collation: &Collation) -> Self {
        let lower_case = entry.name.to_lowercase();
        Self {
            entry,
            key: collation.key(entry.name),
            lower_case_key: (lower_case != entry.name).then(|| collation.key(&lower_case)),
        }
    }

    fn lower_case_key(&self) -> &[u8] {
        self.lower_case_key.as_ref().unwrap_or(&self.key)
    }
}

impl Serialize for Site<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.entry.name, Members(&self.entry)).serialize(serializer)
    }
}

/// An entry's members in source order, with its categories last under the name `keywords`.
struct Members<'e, 't>(&'e Entry<'t>);

impl Serialize for Members<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = self.0.members;
        let mut object = serializer.serialize_map(Some(members.len()))?;
        for (name, value) in members.iter().filter(|(name, _)| *name != "categories") {
            object.serialize_entry(name, value)?;
        }
        if let Some(categories) = members.get("categories") {
            object.serialize_entry("keywords", categories)?;
        }
        object.end()
    }
}

/// How many sites list each region: most first, then in order of first appearance.
///
/// The generator that this one follows counts from 0, so that each of its counts is one too low.
fn regions(sites: &[Site<'_>]) -> serde_json::Value {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for region in sites.iter().flat_map(|site| site.entry.regions()) {
        if region.starts_with('-') {
            continue;
        }
        let place = *places.entry(region).or_insert_with(|| {
            counts.push((region, 0));
            counts.len() - 1
        });
        counts[place].1 += 1;
    }
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let mut object: serde_json::Map<_, _> = counts
        .into_iter()
        .map(|(region, count)| (region.to_owned(), json!({ "count": count })))
        .collect();
    object.insert(
        "int".to_owned(),
        json!({ "count": sites.len(), "selection": true }),
    );
    object.into()
}
