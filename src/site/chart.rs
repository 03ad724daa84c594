//! The chart on the index page: methods by number of sites.

use std::cmp::Reverse;

use minijinja::{Value, context};

use super::context::SiteContext;
use crate::source::METHODS;
use crate::text::thousands;

/// The length of the longest bar, in SVG user units.
const LONGEST: usize = 150;

/// The distance from one bar to the next, in SVG user units.
const STEP: usize = 26;

/// How many sites have each method, or how many domains if no version counts sites.
pub(crate) fn methods(site: &SiteContext<'_>) -> Option<Value> {
    let version = site
        .supported()
        .min_by_key(|version| version.unit() != "sites")?;
    let mut counts = Vec::with_capacity(METHODS.len());
    for method in METHODS {
        let file = site.file(&format!("v{}/{}.json", version.number(), method.name))?;
        counts.push((method.name, file.count?));
    }
    counts.sort_by_key(|(_, count)| Reverse(*count));
    let most = counts.first().map_or(1, |(_, count)| (*count).max(1));
    let meanings = super::fields::meanings(&site.directory.schemas);
    let mut bars = Vec::with_capacity(counts.len());
    for (index, (method, count)) in counts.into_iter().enumerate() {
        let meaning = meanings.iter().find(|(known, _)| *known == method);
        bars.push(context! {
            method,
            meaning => meaning.map(|(_, meaning)| meaning),
            count => thousands(count),
            y => index * STEP,
            width => (count * LONGEST).div_ceil(most),
        });
    }
    Some(context! { unit => site.unit(version), height => bars.len() * STEP, bars })
}
