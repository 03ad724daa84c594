//! The format of an entry, for contributors.

use std::collections::BTreeSet;

use isolang::languages;
use minijinja::value::Serde;
use minijinja::{Value, context};
use rust_iso3166::ALL as COUNTRIES;
use serde_json::json;

use super::context::SiteContext;
use super::fields::{conditions, fields};
use crate::address::Hosts;
use crate::api;
use crate::check;
use crate::schema::{self, Input, Schemas};
use crate::source::{Entry, URL_FIELDS};

/// The parts of the entry schema that the page about contributing shows.
pub(crate) fn form(site: &SiteContext<'_>) -> Value {
    let schemas = &site.directory.schemas;
    let categories: Vec<&str> = site.directory.categories.ids().collect();
    let category = categories
        .iter()
        .find(|category| **category == "banking")
        .or(categories.first());
    let (domain, example) = example(schemas, category.unwrap_or(&"other"));
    let first = domain.chars().next().unwrap_or_default();
    let inputs = inputs(site);
    let lookup = site.supported().find_map(api::Version::lookup);
    let complete = site.supported().find_map(api::Version::complete);
    context! {
        known => Serde(known(site, &inputs)),
        inputs => Serde(inputs),
        index => lookup.and(Some(api::SITE_INDEX)),
        complete => complete.map(|(path, _)| path),
        has_icons => site.directory.icons().is_dir(),
        icon => format!("{first}/{domain}.svg"),
        icons => check::icon_requirements(),
        fields => Serde(fields(schemas, schema::ENTRY, "/$defs/entry")),
        contact => Serde(fields(schemas, schema::ENTRY, "/$defs/contact")),
        conditions => conditions(schemas, schema::ENTRY, "/$defs/entry"),
        contact_conditions => conditions(schemas, schema::ENTRY, "/$defs/contact"),
        example,
        path => site.directory.home(&domain).to_string_lossy(),
        categories => Serde(categories),
    }
}

/// What the script of the form knows besides the schema and the sites.
fn known(site: &SiteContext<'_>, inputs: &[Input]) -> serde_json::Value {
    let mut regions = Vec::with_capacity(COUNTRIES.len());
    for country in COUNTRIES {
        let code = country.alpha2.to_lowercase();
        regions.push(json!([code, country.name, country.alpha3]));
    }
    let languages = languages().filter_map(|language| language.to_639_1());
    let mut known = json!({
        "urls": URL_FIELDS,
        "order": inputs.iter().map(|input| &input.id).collect::<Vec<_>>(),
        "excluded": site.directory.excluded,
        "regions": regions,
        "languages": languages.collect::<Vec<_>>(),
        "aliases": {
            "region": schema::aliases("region"),
            "language": schema::aliases("language"),
        },
        "suffixes": suffixes(site),
        "icon": { "sides": check::ICON_SIDES, "bytes": check::MAX_SVG_BYTES },
    });
    if site.directory.hosts() == Hosts::Internal {
        known["internal"] = json!(true);
    }
    known
}

/// The domains with a dot under which anyone can register a domain, as far as listed sites show
/// which there are: the suffix of each site, and its first label in every country. The Public
/// Suffix List itself would be larger than the page.
fn suffixes(site: &SiteContext<'_>) -> BTreeSet<String> {
    let mut suffixes = BTreeSet::new();
    let mut labels = BTreeSet::from(["co", "com"]);
    let domains = site.entries.iter().flat_map(Entry::domains);
    for suffix in domains.filter_map(|domain| registry(domain.name)) {
        labels.extend(suffix.split('.').next());
        suffixes.insert(suffix.to_owned());
    }
    // The United Kingdom's domains do not end in its code.
    let mut ends = BTreeSet::from(["uk".to_owned()]);
    for country in COUNTRIES {
        ends.insert(country.alpha2.to_lowercase());
    }
    for label in labels {
        for end in &ends {
            let candidate = format!("{label}.{end}");
            if registry(&candidate) == Some(&candidate) {
                suffixes.insert(candidate);
            }
        }
    }
    suffixes
}

/// The public suffix of a domain, such as `co.uk`, if it is in the list's ICANN section and has a dot.
/// The domain may be the suffix itself.
fn registry(domain: &str) -> Option<&str> {
    let suffix = psl::suffix(domain.as_bytes())?;
    let is_of_registry = suffix.typ() == Some(psl::Type::Icann);
    let text = std::str::from_utf8(suffix.as_bytes()).ok()?;
    (is_of_registry && text.contains('.')).then_some(text)
}

/// The inputs of the form. The categories have their titles.
fn inputs(site: &SiteContext<'_>) -> Vec<Input> {
    let mut inputs = schema::inputs(site.directory.schemas.document(schema::ENTRY));
    for input in &mut inputs {
        if input.id == "categories" {
            for (category, title) in &mut input.choices {
                site.directory.categories.title(category).clone_into(title);
            }
        }
    }
    inputs
}

/// The domain and the text of an example entry file, built from the examples in the schema.
fn example(schemas: &Schemas, category: &str) -> (String, String) {
    let example = |definition: &str| {
        let examples = schemas
            .document(schema::ENTRY)
            .pointer(&format!("/$defs/{definition}/examples"));
        examples
            .and_then(|example| example[0].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let domain = example("domain");
    let mut file = json!({});
    file[example("name")] = json!({
        "domain": domain,
        "tfa": ["totp", "u2f"],
        "documentation": example("address"),
        "categories": [category],
    });
    (domain, format!("{file:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::json;

    #[test]
    fn the_example_meets_the_schema() {
        let schemas = Schemas::new(
            "https://api.example/",
            [("banking", "Banking")],
            &schema::Tables::default(),
        )
        .unwrap();
        let (domain, text) = example(&schemas, "banking");
        assert_eq!(domain, "example.com");
        let validator = schemas.validator(schema::ENTRY).unwrap();
        assert!(
            validator.is_valid(&json::parse(&text).unwrap().value),
            "{text}"
        );
    }
}
