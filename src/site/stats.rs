//! The page of statistics, from `stats.json`.

use minijinja::{Value, context};
use rust_iso3166::from_alpha2;
use serde::Deserialize;

use super::context::SiteContext;
use crate::api::{Counts, Month, STATS_FILE};
use crate::source::METHODS;
use crate::text::{thousands, visible};

/// The published statistics.
#[derive(Debug, Default, Deserialize)]
struct Published {
    sites: Counts,
    methods: serde_json::Map<String, serde_json::Value>,
    categories: serde_json::Map<String, serde_json::Value>,
    regions: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    history: Vec<Month>,
}

/// The size of a line chart, without the text at its side, in SVG user units.
const WIDTH: usize = 220;
const HEIGHT: usize = 80;

/// The variables of the page.
pub(crate) fn stats(site: &SiteContext<'_>) -> Value {
    let file = site.file(STATS_FILE);
    let stats = file.and_then(|it| serde_json::from_slice(&it.bytes).ok());
    let stats: Published = stats.unwrap_or_default();
    let method = |(name, count): (&String, &serde_json::Value)| {
        context! { name, count => thousands(number(count)) }
    };
    let category = |(id, counts): (&String, &serde_json::Value)| {
        let category = site.directory.categories.only(&[id.as_str()]);
        let title = category.get(id).and_then(|it| it["title"].as_str());
        row(title.unwrap_or(id), counts)
    };
    let named = stats.regions.iter().map(|(code, counts)| {
        let country = from_alpha2(&code.to_uppercase());
        (
            country.map_or_else(|| code.clone(), |it| it.name.to_owned()),
            counts,
        )
    });
    let mut regions: Vec<_> = named.collect();
    regions.sort_by(|(a, _), (b, _)| a.cmp(b));
    context! {
        with => thousands(stats.sites.with),
        without => thousands(stats.sites.without),
        methods => stats.methods.iter().map(method).collect::<Vec<_>>(),
        categories => stats.categories.iter().map(category).collect::<Vec<_>>(),
        regions => regions.iter().map(|(name, counts)| row(name, counts)).collect::<Vec<_>>(),
        charts => charts(&stats.history),
    }
}

fn row(name: &str, counts: &serde_json::Value) -> Value {
    let [with, without] = ["with", "without"].map(|it| number(&counts[it]));
    let all = with + without;
    let share = (with * 100 + all / 2).checked_div(all).unwrap_or_default();
    let [with, without] = [with, without].map(thousands);
    context! { name => visible(name), with, without, share }
}

fn number(value: &serde_json::Value) -> usize {
    value
        .as_u64()
        .and_then(|it| usize::try_from(it).ok())
        .unwrap_or_default()
}

/// A line chart for all sites, and one for each method; none before the second month.
fn charts(months: &[Month]) -> Vec<Value> {
    if months.len() < 2 {
        return Vec::new();
    }
    let of_method = |name: &'static str| move |month: &Month| number(&month.methods[name]);
    let mut charts = vec![
        chart(months, "sites", "All sites", |it| {
            it.sites.with + it.sites.without
        }),
        chart(months, "with", "Sites with 2FA", |it| it.sites.with),
    ];
    charts.extend(
        METHODS
            .iter()
            .map(|it| chart(months, it.name, it.name, of_method(it.name))),
    );
    charts
}

fn chart(months: &[Month], id: &str, title: &str, value: impl Fn(&Month) -> usize) -> Value {
    let values: Vec<usize> = months.iter().map(value).collect();
    let most = values.iter().copied().max().unwrap_or_default().max(1);
    let last = values.len().saturating_sub(1).max(1);
    let y = |value: usize| HEIGHT - value * HEIGHT / most;
    let points = values
        .iter()
        .enumerate()
        .map(|(at, value)| format!("{},{}", at * WIDTH / last, y(*value)));
    let texts = months.iter().zip(&values);
    let texts = texts.map(|(month, value)| format!("{}: {}", month.name, thousands(*value)));
    context! {
        id,
        title,
        points => points.collect::<Vec<_>>().join(" "),
        text => texts.collect::<Vec<_>>().join("; "),
        first_month => months.first().map(|it| it.name.as_str()),
        last_month => months.last().map(|it| it.name.as_str()),
        last => values.last().map(|it| thousands(*it)),
        last_y => values.last().map(|it| y(*it)),
    }
}
