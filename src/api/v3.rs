//! Version 3: arrays of pairs, ordered by name (contract, section 3).

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::HashMap;

use rayon::prelude::*;

use super::collation::Collation;
use super::json::{self, Style};
use super::{ApiError, Validators, about, join};
use crate::artifact::{Artifact, MediaType};
use crate::source::json::{Json, borrow};
use crate::source::{Entry, Method};

/// The files of version 3: `all`, `tfa`, one for each method, `regions`.
///
/// `entries` are in the order of their files, which decides between names that sort alike.
///
/// # Errors
///
/// [`ApiError`] where a file is not what its schema promises.
pub fn artifacts(
    entries: &[Entry<'_>],
    validators: &Validators,
    style: Style,
) -> Result<Vec<Artifact>, ApiError> {
    let collation = Collation::root()?;
    let mut sites = entries
        .par_iter()
        .with_min_len(64)
        .map(|entry| {
            let pair = pair(entry);
            validators.v3_site.validate("v3/all.json", &pair)?;
            Ok(Site::new(entry, json::element(&pair, style)?, &collation))
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    sites.sort_by(|a, b| a.key.cmp(&b.key));
    let by_name: Vec<&Site<'_>> = sites.iter().collect();
    let mut by_lower_case = by_name.clone();
    by_lower_case.sort_by(|a, b| a.lower_case_key().cmp(b.lower_case_key()));

    let has_methods = |site: &&&Site<'_>| !site.entry.methods.is_empty();
    let mut files = vec![
        ("all", ALL, parts(by_name.iter())),
        ("tfa", TFA, parts(by_name.iter().filter(has_methods))),
    ];
    for method in Method::ALL {
        let of_method = by_lower_case.iter().filter(|it| it.entry.methods.contains(method));
        files.push((method.name(), about(method), parts(of_method)));
    }
    let mut artifacts = join("v3", files, |parts| json::array(parts, style))?;

    let regions = regions(&sites);
    validators.v3_regions.validate("v3/regions.json", &regions)?;
    let regions = json::write(&regions, style)?;
    artifacts.push(Artifact::new("v3/regions.json", MediaType::Json, REGIONS, regions));
    Ok(artifacts)
}

const ALL: &str = "Every site, with and without two-factor authentication.";
const TFA: &str = "Every site with two-factor authentication.";
const REGIONS: &str = "How many sites list a region. This is no list of sites.";

fn parts<'s, 't: 's>(sites: impl Iterator<Item = &'s &'s Site<'t>>) -> Vec<&'s [u8]> {
    sites.map(|site| site.json.as_slice()).collect()
}

/// An entry with its finished element and the keys that it is sorted by.
struct Site<'t> {
    entry: &'t Entry<'t>,
    json: Vec<u8>,
    key: Vec<u8>,
    /// The key of the name in lower case, where that differs.
    lower_case_key: Option<Vec<u8>>,
}

impl<'t> Site<'t> {
    fn new(entry: &'t Entry<'t>, json: Vec<u8>, collation: &Collation) -> Self {
        let lower_case = entry.name.to_lowercase();
        Self {
            entry,
            json,
            key: collation.key(&entry.name),
            lower_case_key: (lower_case != entry.name).then(|| collation.key(&lower_case)),
        }
    }

    fn lower_case_key(&self) -> &[u8] {
        self.lower_case_key.as_ref().unwrap_or(&self.key)
    }
}

/// A site's name and its members in source order, with its categories last as `keywords`.
fn pair<'e>(entry: &'e Entry<'_>) -> Json<'e> {
    let is_kept = |member: &(&str, _)| member.0 != "categories";
    let categories = entry.members.get("categories").map(|value| ("keywords", value));
    let members = entry.members.iter().filter(is_kept).chain(categories);
    let name = Json::String(Cow::Borrowed(&entry.name));
    Json::Array(vec![name, Json::Object(members.map(borrow).collect())])
}

/// How many sites list each region: most first, then in order of first appearance.
///
/// The generator that this one follows counts from 0, so that each of its counts is one too low.
fn regions<'s>(sites: &'s [Site<'_>]) -> Json<'s> {
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
    counts.sort_by_key(|(_, count)| Reverse(*count));

    let object = |members: &[(&'static str, Json<'static>)]| {
        let named =
            |(name, value): &(&'static str, Json<'static>)| (Cow::Borrowed(*name), value.clone());
        Json::Object(members.iter().map(named).collect())
    };
    let count = |count: usize| ("count", Json::Number(count.into()));
    let regions = counts.iter().map(|(region, n)| (Cow::Borrowed(*region), object(&[count(*n)])));
    let all = object(&[count(sites.len()), ("selection", Json::Bool(true))]);
    Json::Object(regions.chain([(Cow::Borrowed("int"), all)]).collect())
}
