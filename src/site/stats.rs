//! The page of statistics, from `stats.json`.

use std::cmp::Reverse;

use minijinja::{Value, context};
use rust_iso3166::from_alpha2;
use serde::Deserialize;

use super::context::SiteContext;
use crate::api::{Collation, Counts, STATS_FILE};
use crate::failure::Result;
use crate::text::{thousands, visible};

/// The length of the longest bar, in SVG user units.
const LONGEST: usize = 150;

/// The published statistics.
#[derive(Debug, Default, Deserialize)]
struct PublishedStats {
    sites: Counts,
    methods: serde_json::Map<String, serde_json::Value>,
    categories: serde_json::Map<String, serde_json::Value>,
    regions: serde_json::Map<String, serde_json::Value>,
}

/// The variables of the page.
///
/// # Errors
///
/// If the order of names is unknown.
pub(crate) fn stats(site: &SiteContext<'_>) -> Result<Value> {
    let stats: PublishedStats = site
        .file(STATS_FILE)
        .and_then(|file| serde_json::from_slice(&file.bytes).ok())
        .unwrap_or_default();
    let mut methods: Vec<(&String, usize)> = Vec::new();
    for (name, count) in &stats.methods {
        methods.push((name, number(count)));
    }
    methods.sort_by_key(|(_, count)| Reverse(*count));
    let most = methods.first().map_or(1, |(_, count)| (*count).max(1));
    let method = |(name, count): &(&String, usize)| {
        let width = (count * LONGEST).div_ceil(most);
        context! { name => name.as_str(), count => thousands(*count), width }
    };
    let mut categories = Vec::new();
    for (id, counts) in &stats.categories {
        let category = site.directory.categories.only(&[id.as_str()]);
        let title = category
            .get(id)
            .and_then(|category| category["title"].as_str());
        categories.push(row(title.unwrap_or(id), counts));
    }
    let collation = Collation::root()?;
    let mut regions: Vec<(&String, &serde_json::Value)> = stats.regions.iter().collect();
    regions.sort_by_cached_key(|(code, _)| collation.key(country(code)));
    let region = |(code, counts): &(&String, &serde_json::Value)| {
        context! { code => code.as_str(), ..row(country(code), counts) }
    };
    Ok(context! {
        with => thousands(stats.sites.with),
        without => thousands(stats.sites.without),
        methods => methods.iter().map(method).collect::<Vec<_>>(),
        categories,
        regions => regions.iter().map(region).collect::<Vec<_>>(),
    })
}

/// The name of a country, or its code if that is unknown.
fn country(code: &str) -> &str {
    from_alpha2(&code.to_uppercase()).map_or(code, |country| country.name)
}

fn row(name: &str, counts: &serde_json::Value) -> Value {
    let [with, without] = ["with", "without"].map(|name| number(&counts[name]));
    let all = with + without;
    let share = (with * 100 + all / 2).checked_div(all).unwrap_or_default();
    let [with, without] = [with, without].map(thousands);
    context! { name => visible(name), with, without, share }
}

fn number(value: &serde_json::Value) -> usize {
    value
        .as_u64()
        .and_then(|number| usize::try_from(number).ok())
        .unwrap_or_default()
}
