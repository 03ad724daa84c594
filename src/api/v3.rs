//! Version 3: arrays of pairs, ordered by name (contract, section 3).

use std::cmp::Reverse;
use std::collections::HashMap;

use rayon::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::collation::Collation;
use super::examples::examples;
use super::validate::FileValidator;
use super::version::{CompleteFile, Version, VersionInput};
use super::{KeyedPart, write_lists};
use crate::artifact::{Artifact, MediaType};
use crate::failure::Result;
use crate::json_text::{self, JsonPart};
use crate::schema::EmbeddedSchema;
use crate::source::{Entry, METHODS};

/// Version 3.
#[derive(Debug)]
pub(super) struct V3;

impl Version for V3 {
    fn number(&self) -> u64 {
        3
    }

    fn form(&self) -> &'static str {
        "Arrays of pairs: a site's name and its entry, sorted by name."
    }

    fn unit(&self) -> &'static str {
        "sites"
    }

    fn migration(&self) -> Option<&'static str> {
        Some(
            "The field `tfa` is called `methods`. A site without two-factor authentication is an \
             empty object.",
        )
    }

    fn schema(&self) -> EmbeddedSchema {
        EmbeddedSchema {
            file: "v3.schema.json",
            about: "JSON Schema of the files of version 3.",
            text: include_str!("../../schemas/v3.schema.json"),
        }
    }

    fn schema_part(&self, file: &str) -> &'static str {
        if file == "regions" {
            "/$defs/regions"
        } else {
            "/$defs/sites"
        }
    }

    fn validated_parts(&self) -> &'static [&'static str] {
        &["/$defs/site", "/$defs/regions"]
    }

    /// `all`, `tfa`, one file for each method, `regions`. Names that sort alike keep the order
    /// of `entries`.
    fn emit(&self, input: &VersionInput<'_>) -> Result<Vec<Artifact>> {
        let VersionInput {
            entries,
            validators: [site, regions],
            style,
        } = *input
        else {
            return Ok(Vec::new());
        };
        let collation = Collation::root()?;
        let mut sites = entries
            .par_iter()
            .with_min_len(64)
            .map(|entry| SortedSite::new(entry, site, &collation))
            .collect::<Result<Vec<_>>>()?;
        sites.sort_by(|a, b| a.key.cmp(&b.key));
        let by_name: Vec<&SortedSite<'_>> = sites.iter().collect();
        let mut by_lower_case = by_name.clone();
        by_lower_case.sort_by(|a, b| a.lower_case_key().cmp(b.lower_case_key()));

        let with = parts(by_name.iter().filter(|site| site.entry.has_tfa()));
        let without = parts(by_name.iter().filter(|site| !site.entry.has_tfa()));
        let mut lists = vec![
            ("all", ALL, parts(by_name.iter())),
            ("tfa", TFA, with.clone()),
        ];
        for (index, method) in METHODS.iter().enumerate() {
            let of_method = by_lower_case
                .iter()
                .filter(|site| site.entry.methods[index]);
            lists.push((method.name, method.about, parts(of_method)));
        }
        let write = |parts: &[KeyedPart<'_>]| {
            let elements: Vec<&RawValue> = parts.iter().map(|(_, element)| *element).collect();
            json_text::write(&elements, style)
        };
        let examples = examples(&with, &without, write)?;
        let mut artifacts = write_lists(self.number(), lists, examples, write)?;

        let counts = counts(&sites);
        regions.validate("v3/regions.json", &counts)?;
        let counts = json_text::write(&counts, style)?;
        artifacts.push(Artifact::new(
            "v3/regions.json",
            MediaType::Json,
            REGIONS,
            counts,
        ));
        Ok(artifacts)
    }

    fn complete(&self) -> Option<CompleteFile> {
        Some(("v3/all.json", entries))
    }
}

const ALL: &str = "Every site, with and without two-factor authentication.";
const TFA: &str = "Every site with two-factor authentication.";
const REGIONS: &str = "How many sites list each region. This is not a list of sites.";

fn parts<'s, 't: 's>(sites: impl Iterator<Item = &'s &'s SortedSite<'t>>) -> Vec<KeyedPart<'s>> {
    sites.map(|site| (&*site.entry.name, &*site.json)).collect()
}

/// An entry with its finished element and its sort keys.
struct SortedSite<'t> {
    entry: &'t Entry,
    json: JsonPart,
    key: Vec<u8>,
    /// The sort key of the name in lower case, if that differs.
    lower_case_key: Option<Vec<u8>>,
}

impl<'t> SortedSite<'t> {
    fn new(entry: &'t Entry, validator: &FileValidator, collation: &Collation) -> Result<Self> {
        let pair = pair(entry);
        validator.validate("v3/all.json", &pair)?;
        let lower_case = entry.name.to_lowercase();
        Ok(Self {
            entry,
            json: json_text::part(&pair)?,
            key: collation.key(&entry.name),
            lower_case_key: (lower_case != entry.name).then(|| collation.key(&lower_case)),
        })
    }

    fn lower_case_key(&self) -> &[u8] {
        self.lower_case_key.as_ref().unwrap_or(&self.key)
    }
}

/// A site's name and its fields in source order, with its categories last as `keywords`.
fn pair(entry: &Entry) -> Value {
    let mut fields = entry.fields.clone();
    if let Some(categories) = fields.shift_remove("categories") {
        fields.insert("keywords".to_owned(), categories);
    }
    json!([entry.name, fields])
}

/// The entries of `all.json`, their categories last.
fn entries(all: Value) -> Option<Vec<Entry>> {
    let Value::Array(pairs) = all else {
        return None;
    };
    pairs.into_iter().map(entry).collect()
}

fn entry(pair: Value) -> Option<Entry> {
    let Value::Array(elements) = pair else {
        return None;
    };
    let Ok([Value::String(name), Value::Object(mut fields)]) = <[Value; 2]>::try_from(elements)
    else {
        return None;
    };
    if let Some(keywords) = fields.shift_remove("keywords") {
        fields.insert("categories".to_owned(), keywords);
    }
    Entry::from_json(Map::from_iter([(name, fields.into())]).into())
}

/// How many sites list each region: most first, then in order of first appearance.
///
/// The previous generator counts from 0, so each of its counts is one too low.
fn counts(sites: &[SortedSite<'_>]) -> Value {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    let mut locations: HashMap<&str, usize> = HashMap::new();
    for region in sites.iter().flat_map(|site| site.entry.regions()) {
        if region.starts_with('-') {
            continue;
        }
        let location = *locations.entry(region).or_insert_with(|| {
            counts.push((region, 0));
            counts.len() - 1
        });
        counts[location].1 += 1;
    }
    counts.sort_by_key(|(_, count)| Reverse(*count));

    let mut regions = Map::new();
    for (region, count) in counts {
        regions.insert(region.to_owned(), json!({ "count": count }));
    }
    let all = json!({ "count": sites.len(), "selection": true });
    regions.insert("int".to_owned(), all);
    regions.into()
}
