//! How many sites have 2FA, by method, category and region.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

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
    /// Oldest month first, if the settings ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) history: Option<Vec<Month>>,
}

/// The numbers at the end of a month, or of the last commit in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Month {
    /// As `2026-11`, in UTC.
    #[serde(rename = "month")]
    pub(crate) name: String,
    pub(crate) sites: Counts,
    /// How many sites had each method, in the order of [`METHODS`].
    pub(crate) methods: Map<String, Value>,
}

/// Numbers of sites with and without 2FA.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) with: usize,
    pub(crate) without: usize,
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
        stats.methods = methods(&entries.iter());
        stats
    }
}

impl Month {
    /// The numbers of these entries, of a month without a name.
    pub(crate) fn of<'e>(entries: &(impl Iterator<Item = &'e Entry> + Clone)) -> Self {
        let mut sites = Counts::default();
        entries.clone().for_each(|entry| sites.add(entry));
        Self {
            name: String::new(),
            sites,
            methods: methods(entries),
        }
    }
}

/// How many sites have each method.
fn methods<'e>(entries: &(impl Iterator<Item = &'e Entry> + Clone)) -> Map<String, Value> {
    let methods = METHODS.iter().enumerate().map(|(index, method)| {
        let count = entries.clone().filter(|entry| entry.methods[index]).count();
        (method.name.to_owned(), count.into())
    });
    methods.collect()
}
