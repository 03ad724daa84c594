use rust_iso3166::{ALL, CountryCode, from_alpha2};
use serde_json::Value;

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::{alternatives, quote};

rule! {
    /// Finds regions that are no country codes of ISO 3166-1.
    ///
    /// ## Why
    ///
    /// Readers show a site to people in its regions; in a region that does not exist is nobody.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "regions": ["uk"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "regions": ["gb"]
    /// ```
    UNKNOWN_REGION = "unknown-region", Error, Output, fixable: false, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let regions = context.entry.array("regions").iter().map(Value::as_str).enumerate();
    let codes = regions.filter_map(|(index, region)| {
        let region = region?;
        let code = region.strip_prefix('-').unwrap_or(region);
        // Any other form is the business of `schema`.
        let is_code = code.len() == 2 && code.bytes().all(|it| it.is_ascii_lowercase());
        is_code.then_some((index, code))
    });
    let unknown = codes.filter(|(_, code)| from_alpha2(&code.to_uppercase()).is_none());
    let problem = |(index, code): (usize, &str)| {
        let message = format!("{} is no country code{}", quote(code), alternatives(&near(code)));
        let help = "Regions are two-letter country codes of ISO 3166-1, in lower case.";
        let pointer = format!("{}/{index}", context.entry.pointer_to("regions"));
        Problem::new(Location::Value(pointer), message, help)
    };
    unknown.map(problem).collect()
}

/// The countries that a code was probably meant for, each with its code.
fn near(code: &str) -> Vec<(String, String)> {
    let swapped: String = code.chars().rev().collect();
    let is_near = |country: &&CountryCode| {
        let name = country.name.to_lowercase();
        let initials = name.split_whitespace().filter_map(|word| word.chars().next());
        country.alpha2.eq_ignore_ascii_case(&swapped)
            || name.starts_with(code)
            || initials.take(2).eq(code.chars())
    };
    let near = ALL.iter().filter(is_near).take(4);
    near.map(|it| (it.alpha2.to_lowercase(), it.name.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_that_was_meant_is_among_the_near_ones() {
        for (code, meant) in [("uk", "gb"), ("ja", "jp"), ("sp", "es"), ("su", "us"), ("sw", "se")]
        {
            let near = near(code);
            assert!(near.iter().any(|(it, _)| it == meant), "{code}: {near:?}");
        }
    }
}
