//! `/frontend/v1/`: the data of the directory's own website (contract, section 6).

use std::collections::{BTreeMap, HashMap};

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
        let mut regions: Vec<&str> = Vec::new();
        for (region, count) in &counts {
            if *count >= MIN_SITES {
                regions.push(region);
            }
        }
        regions.push(WORLD);
        let categories = by_category(&sites);
        let files = regions
            .par_iter()
            .map(|region| region_files(material, &categories, region))
            .collect::<Result<Vec<_>>>()?;
        let mut artifacts: Vec<Artifact> = files.into_iter().flatten().collect();
        let bytes = json_text::write(&JsonObject(&region_names(&counts)), material.style)?;
        artifacts.push(artifact("regions", bytes));
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

impl<'e> FrontendSite<'e> {
    fn new(entry: &'e Entry, collation: &Collation) -> Result<Self> {
        let mut fields: Vec<(&str, &Value)> = Vec::with_capacity(FIELDS.len());
        for (name, source) in FIELDS {
            if let Some(value) = entry.fields.get(source) {
                fields.push((name, value));
            }
        }
        let categories = entry.array("categories").iter();
        Ok(Self {
            name: &entry.name,
            regions: entry.regions().collect(),
            categories: categories.filter_map(Value::as_str).collect(),
            item: json_text::part(&JsonObject(&fields))?,
            key: collation.key(&entry.name),
        })
    }

    /// Whether the site belongs in a region that some site lists, or in the world.
    fn is_in(&self, region: &str) -> bool {
        if region == WORLD {
            return true;
        }
        let mut lists_included = false;
        for listed in &self.regions {
            match listed.strip_prefix('-') {
                Some(excluded) if excluded == region => return false,
                Some(_) => {}
                None => lists_included = true,
            }
        }
        !lists_included || self.regions.contains(&region)
    }
}

/// All sites, ordered by name as in version 3.
fn sites(entries: &[Entry]) -> Result<Vec<FrontendSite<'_>>> {
    let collation = Collation::root()?;
    let mut sites = entries
        .par_iter()
        .with_min_len(64)
        .map(|entry| FrontendSite::new(entry, &collation))
        .collect::<Result<Vec<_>>>()?;
    sites.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(sites)
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

/// The sites of each category, in the order of their names.
type ByCategory<'s> = BTreeMap<&'s str, Vec<&'s FrontendSite<'s>>>;

fn by_category<'s>(sites: &'s [FrontendSite<'_>]) -> ByCategory<'s> {
    let mut categories = ByCategory::new();
    for site in sites {
        for category in &site.categories {
            categories.entry(category).or_default().push(site);
        }
    }
    categories
}

/// The files of one region: one for each category that has a site in it, and `categories.json`.
fn region_files(
    material: &Material<'_>,
    categories: &ByCategory<'_>,
    region: &str,
) -> Result<Vec<Artifact>> {
    let mut used: Vec<&str> = Vec::new();
    let mut artifacts = Vec::with_capacity(categories.len() + 1);
    for (category, sites) in categories {
        let mut items: Vec<(&str, &RawValue)> = Vec::new();
        for site in sites.iter().filter(|site| site.is_in(region)) {
            items.push((site.name, &site.item));
        }
        if items.is_empty() {
            continue;
        }
        used.push(category);
        if !category
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        {
            fail!(
                "the category {} cannot name a file", quote(category);
                help: "use letters, digits and hyphens, or set `enabled = false` in `[frontend]`"
            );
        }
        let bytes = json_text::write(&JsonObject(&items), material.style)?;
        artifacts.push(artifact(&format!("{region}/{category}"), bytes));
    }
    used.retain(|category| *category != LAST_CATEGORY);
    used.push(LAST_CATEGORY);
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
    name: &'static str,
    square_flag: bool,
}

/// The regions that more than ten sites list, ordered by their English names in ISO 3166-1.
fn region_names<'c>(counts: &BTreeMap<&'c str, usize>) -> Vec<(&'c str, Region)> {
    let names: HashMap<&str, &'static str> = NAMES.into_iter().collect();
    let mut countries = Vec::new();
    for (region, count) in counts {
        if *count > MIN_SITES
            && let Some(country) = from_alpha2(&region.to_uppercase())
        {
            countries.push((*region, country));
        }
    }
    countries.sort_by_key(|(_, country)| country.name);
    let mut described = Vec::with_capacity(countries.len());
    for (region, country) in countries {
        let value = Region {
            name: names.get(region).copied().unwrap_or(country.name),
            square_flag: SQUARE_FLAGS.contains(&region),
        };
        described.push((region, value));
    }
    described
}
