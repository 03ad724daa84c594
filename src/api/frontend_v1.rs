//! `/frontend/v1/`: the data of the directory's own website (contract, section 6).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;
use rust_iso3166::from_alpha2;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::collation::Collation;
use super::extra::{Extra, Material};
use crate::artifact::{Artifact, MediaType};
use crate::failure::{Result, fail};
use crate::json_text::{self, JsonObject, JsonPart};
use crate::source::Entry;
use crate::text::quote;

/// The fields of an item, by their names there and in the source, in the order in which they are
/// written.
const FIELDS: [(&str, &str); 10] = [
    ("methods", "tfa"),
    ("domain", "domain"),
    ("url", "url"),
    ("custom-software", "custom-software"),
    ("custom-hardware", "custom-hardware"),
    ("contact", "contact"),
    ("notes", "notes"),
    ("img", "img"),
    ("documentation", "documentation"),
    ("recovery", "recovery"),
];

/// The region of all sites.
const WORLD: &str = "int";

/// The category that is listed last in every region.
const LAST_CATEGORY: &str = "other";

/// A region gets files if at least this many sites list it, and is named in `regions.json` if more
/// do. A region without files is a 404, on which the website's redirect relies.
const MIN_SITES: usize = 10;

/// Regions for which the website uses a different name than ISO 3166-1.
const NAMES: [(&str, &str); 6] = [
    ("us", "United States"),
    ("gb", "United Kingdom"),
    ("tw", "Taiwan"),
    ("ru", "Russia"),
    ("kr", "South Korea"),
    ("nl", "Netherlands"),
];

/// Regions with flags that are narrower than the others.
const SQUARE_FLAGS: [&str; 3] = ["ch", "np", "va"];

/// The website's data.
pub(super) struct FrontendV1;

impl Extra for FrontendV1 {
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>> {
        let settings = &material.directory.settings;
        if !settings.frontend.enabled {
            return Ok(Vec::new());
        }
        let sites = sites(material.entries)?;
        let counts = counts(&sites);
        let named: BTreeSet<&str> = sites
            .iter()
            .flat_map(|site| &site.regions)
            .copied()
            .map(plain)
            .collect();
        let listed = counts
            .iter()
            .filter(|(_, count)| **count >= MIN_SITES)
            .map(|(region, _)| *region);
        let regions: Vec<&str> = listed.chain([WORLD]).collect();
        let files = regions
            .par_iter()
            .map(|region| region_files(material, &sites, &named, region));
        let files = files.collect::<Result<Vec<_>>>()?;
        let mut artifacts: Vec<Artifact> = files.into_iter().flatten().collect();
        let regions = json_text::write(&JsonObject(&region_names(&counts)), material.style)?;
        artifacts.push(artifact("regions", regions));
        for artifact in &mut artifacts {
            artifact.is_signed = settings.signatures.frontend;
        }
        Ok(artifacts)
    }
}

/// An entry with its serialized item. Its fields are looked up once, not for every region.
struct FrontendSite<'e> {
    name: &'e str,
    regions: Vec<&'e str>,
    categories: Vec<&'e str>,
    item: JsonPart,
    key: Vec<u8>,
}

impl FrontendSite<'_> {
    /// Whether the site belongs in a region. `named` are the regions that occur in any entry.
    fn is_in(&self, region: &str, named: &BTreeSet<&str>) -> bool {
        let mut included = self
            .regions
            .iter()
            .filter(|region| !region.starts_with('-'))
            .peekable();
        let is_included = match included.peek() {
            Some(_) => included.any(|part| *part == region),
            None => named.contains(region),
        };
        let is_excluded = || {
            self.regions
                .iter()
                .any(|part| part.strip_prefix('-') == Some(region))
        };
        region == WORLD || (is_included && !is_excluded())
    }
}

/// All sites, ordered by name as in version 3.
fn sites(entries: &[Entry]) -> Result<Vec<FrontendSite<'_>>> {
    let collation = Collation::root()?;
    let sites = entries.par_iter().with_min_len(64).map(|entry| {
        let field = |(name, source): &(_, &str)| Some((*name, entry.fields.get(*source)?));
        let fields: Vec<(&str, &Value)> = FIELDS.iter().filter_map(field).collect();
        let item = json_text::part(&JsonObject(&fields))?;
        Ok(FrontendSite {
            name: &entry.name,
            regions: entry.regions().collect(),
            categories: entry
                .array("categories")
                .iter()
                .filter_map(Value::as_str)
                .collect(),
            item,
            key: collation.key(&entry.name),
        })
    });
    let mut sites = sites.collect::<Result<Vec<_>>>()?;
    sites.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(sites)
}

/// A region without the minus sign of an excluded region.
fn plain(region: &str) -> &str {
    region.strip_prefix('-').unwrap_or(region)
}

/// How many sites list each region.
fn counts<'s>(sites: &'s [FrontendSite<'_>]) -> BTreeMap<&'s str, usize> {
    let mut counts = BTreeMap::new();
    for region in sites.iter().flat_map(|site| &site.regions).copied() {
        if !region.starts_with('-') {
            *counts.entry(region).or_default() += 1;
        }
    }
    counts
}

/// The files of one region: one for each category that has a site in it, and `categories.json`.
fn region_files(
    material: &Material<'_>,
    sites: &[FrontendSite<'_>],
    named: &BTreeSet<&str>,
    region: &str,
) -> Result<Vec<Artifact>> {
    let mut categories: BTreeMap<&str, Vec<(&str, &RawValue)>> = BTreeMap::new();
    for site in sites.iter().filter(|site| site.is_in(region, named)) {
        for category in &site.categories {
            categories
                .entry(category)
                .or_default()
                .push((site.name, &site.item));
        }
    }
    let mut artifacts = Vec::with_capacity(categories.len() + 1);
    for (category, items) in &categories {
        if !category
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        {
            fail!(
                "the category {} cannot name a file", quote(category);
                help: "use letters, digits and hyphens, or set `enabled = false` in `[frontend]`"
            );
        }
        let bytes = json_text::write(&JsonObject(items), material.style)?;
        artifacts.push(artifact(&format!("{region}/{category}"), bytes));
    }
    let used = categories
        .into_keys()
        .filter(|category| *category != LAST_CATEGORY);
    let used: Vec<&str> = used.chain([LAST_CATEGORY]).collect();
    let bytes = json_text::write(&material.directory.categories.only(&used), material.style)?;
    artifacts.push(artifact(&format!("{region}/categories"), bytes));
    Ok(artifacts)
}

fn artifact(name: &str, bytes: Vec<u8>) -> Artifact {
    let path = format!("frontend/v1/{name}.json");
    Artifact::new(
        path,
        MediaType::Json,
        "Data of the directory's website.",
        bytes,
    )
}

/// The value of one region in `regions.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    name: String,
    square_flag: bool,
}

/// The regions that more than ten sites list, ordered by their English names in ISO 3166-1.
fn region_names<'c>(counts: &BTreeMap<&'c str, usize>) -> Vec<(&'c str, Region)> {
    let names: HashMap<&str, &str> = NAMES.into_iter().collect();
    let listed = counts.iter().filter(|(_, count)| **count > MIN_SITES);
    let countries =
        listed.filter_map(|(region, _)| Some((*region, from_alpha2(&region.to_uppercase())?)));
    let mut countries: Vec<_> = countries.collect();
    countries.sort_by_key(|(_, country)| country.name);
    let described = countries.into_iter().map(|(region, country)| {
        let name = names
            .get(region)
            .copied()
            .unwrap_or(country.name)
            .to_owned();
        (
            region,
            Region {
                name,
                square_flag: SQUARE_FLAGS.contains(&region),
            },
        )
    });
    described.collect()
}
