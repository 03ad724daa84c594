//! How many sites have 2FA, by method, category and region.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::extra::{Extra, ExtraKind, Material};
use crate::artifact::{Artifact, MediaType};
use crate::failure::Result;
use crate::json_text;
use crate::source::{Entry, METHODS};

/// The path of the published statistics.
pub(crate) const STATS_FILE: &str = "stats.json";

/// The statistics of some entries.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Stats<'e> {
    pub(crate) sites: Counts,
    /// How many sites have each method, in the order of [`METHODS`].
    pub(crate) methods: Map<String, Value>,
    pub(crate) categories: BTreeMap<&'e str, Counts>,
    /// The sites that list a region. Those that list none are in every region and not counted here.
    pub(crate) regions: BTreeMap<&'e str, Counts>,
}

/// Numbers of sites with and without 2FA.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) with: usize,
    pub(crate) without: usize,
}

/// The file of statistics.
pub(super) struct Statistics;

impl Extra for Statistics {
    fn kind(&self) -> ExtraKind {
        ExtraKind::Data
    }

    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>> {
        let bytes = json_text::write(&Stats::of(material.entries), material.style)?;
        let about = "How many sites have 2FA.";
        Ok(vec![Artifact::new(
            STATS_FILE,
            MediaType::Json,
            about,
            bytes,
        )])
    }
}

impl Counts {
    fn add(&mut self, entry: &Entry) {
        let count = if entry.has_tfa() {
            &mut self.with
        } else {
            &mut self.without
        };
        *count += 1;
    }
}

impl<'e> Stats<'e> {
    pub(crate) fn of(entries: &'e [Entry]) -> Self {
        let mut stats = Self::default();
        for entry in entries {
            stats.sites.add(entry);
            for category in entry.array("categories").iter().filter_map(Value::as_str) {
                stats.categories.entry(category).or_default().add(entry);
            }
            for region in entry.regions().filter(|region| !region.starts_with('-')) {
                stats.regions.entry(region).or_default().add(entry);
            }
        }
        stats.methods = methods(entries);
        stats
    }
}

/// How many sites have each method.
fn methods(entries: &[Entry]) -> Map<String, Value> {
    let methods = METHODS.iter().enumerate().map(|(index, method)| {
        let count = entries.iter().filter(|entry| entry.methods[index]).count();
        (method.name.to_owned(), count.into())
    });
    methods.collect()
}
