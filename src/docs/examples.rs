//! Examples from the data of the build itself.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::site::Site;
use crate::artifact::Artifact;

/// Entries longer than this are no examples.
const LONGEST: usize = 900;

/// Two sites of a version as its `all.json` has them, indented.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Examples {
    /// One with as many members as there are.
    pub rich: Option<String>,
    /// One without two-factor authentication.
    pub without: Option<String>,
}

/// The examples of a version, from its `all.json`.
pub fn of_version(site: &Site<'_>, version: u64) -> Examples {
    let all = site.file(&format!("v{version}/all.json"));
    let found = all.and_then(|all| match version {
        3 => of_pairs(all),
        4 => of_domains(all),
        _ => None,
    });
    found.unwrap_or_default()
}

/// A site's name or domain, and its entry as it is written.
type Written<'b> = (Cow<'b, str>, &'b RawValue);

fn of_pairs(all: &Artifact) -> Option<Examples> {
    let pairs: Vec<Written<'_>> = serde_json::from_slice(&all.bytes).ok()?;
    let has_methods = |entry: &RawValue| entry.get().contains("\"tfa\":");
    Some(examples(&pairs, has_methods, |name, entry| {
        serde_json::to_string_pretty(&[(name, entry)]).ok()
    }))
}

fn of_domains(all: &Artifact) -> Option<Examples> {
    let domains: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_slice(&all.bytes).ok()?;
    let domains: Vec<Written<'_>> = domains.into_iter().collect();
    let has_methods = |entry: &RawValue| entry.get() != "{}";
    Some(examples(&domains, has_methods, |domain, entry| {
        serde_json::to_string_pretty(&BTreeMap::from([(domain, entry)])).ok()
    }))
}

fn examples(
    sites: &[Written<'_>],
    has_methods: impl Fn(&RawValue) -> bool,
    show: impl Fn(&str, Value) -> Option<String>,
) -> Examples {
    let example = |with: bool| {
        let sites = sites.iter().filter(|(_, entry)| has_methods(entry) == with);
        let (name, entry) = richest(sites)?;
        show(name, serde_json::from_str(entry.get()).ok()?)
    };
    Examples { rich: example(true), without: example(false) }
}

/// The entry with the most members, and of several the shortest. Members are counted by what
/// stands behind a name, which is close enough to choose by.
fn richest<'b>(sites: impl Iterator<Item = &'b Written<'b>>) -> Option<&'b Written<'b>> {
    let short = sites.filter(|(_, entry)| entry.get().len() <= LONGEST);
    short.min_by_key(|(_, entry)| (Reverse(entry.get().matches("\":").count()), entry.get().len()))
}
