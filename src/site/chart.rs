//! The picture of the index: methods by their number of sites.

use serde::Serialize;

use super::context::SiteContext;
use crate::api::Version;
use crate::source::METHODS;
use crate::text::thousands;

/// The width of the longest bar, in the picture's units.
const LONGEST: usize = 150;

/// The distance from one bar to the next.
const STEP: usize = 26;

/// A picture of bars.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Chart {
    /// What is counted: `sites` or `domains`.
    unit: &'static str,
    /// The picture's height.
    height: usize,
    /// The bars from top to bottom, the longest first.
    bars: Vec<Bar>,
}

/// One bar.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Bar {
    method: &'static str,
    /// What the method is.
    meaning: String,
    count: String,
    y: usize,
    width: usize,
}

/// How many sites have each method, or else how many domains, whichever a version counts.
pub(crate) fn methods(site: &SiteContext<'_>) -> Option<Chart> {
    let meanings = super::fields::meanings(&site.directory.schemas);
    let of = |version: &dyn Version| -> Option<(&'static str, Vec<(&'static str, usize)>)> {
        let count = |name| {
            let file = site.file(&format!("v{}/{name}.json", version.number()))?;
            Some((name, file.count?))
        };
        Some((version.unit(), METHODS.iter().map(|it| count(it.name)).collect::<Option<_>>()?))
    };
    let counted = site.supported().filter_map(of);
    let (unit, mut counts) = counted.min_by_key(|(unit, _)| *unit != "sites")?;
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1);
    let bar = |(index, (name, count)): (usize, (&'static str, usize))| {
        let width = (count * LONGEST).div_ceil(most);
        let meaning = meanings.iter().find(|(value, _)| value == name);
        Bar {
            method: name,
            meaning: meaning.map(|(_, meaning)| meaning.clone()).unwrap_or_default(),
            count: thousands(count),
            y: index * STEP,
            width,
        }
    };
    let bars: Vec<Bar> = counts.into_iter().enumerate().map(bar).collect();
    Some(Chart { unit, height: bars.len() * STEP, bars })
}
