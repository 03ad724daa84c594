//! Version 4: objects from domain to entry, in byte order of the domains (contract, section 4).

use std::borrow::Cow;
use std::collections::BTreeMap;

use rayon::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::version::{Examples, Version, VersionInput};
use super::write_lists;
use crate::artifact::Artifact;
use crate::failure::Result;
use crate::json_text;
use crate::schema::EmbeddedSchema;
use crate::source::{Domain, Entry, METHODS};

/// Version 4.
#[derive(Debug)]
pub(super) struct V4;

/// The fields of an entry, by their names in version 4 and in the source, in the order in which
/// they are written. No other field may appear: strict clients refuse the whole file.
const FIELDS: [(&str, &str); 6] = [
    ("methods", "tfa"),
    ("custom-software", "custom-software"),
    ("custom-hardware", "custom-hardware"),
    ("documentation", "documentation"),
    ("recovery", "recovery"),
    ("notes", "notes"),
];

impl Version for V4 {
    fn number(&self) -> u64 {
        4
    }

    fn form(&self) -> &'static str {
        "One JSON object, keyed by domain. Additional domains of a site have keys of their own."
    }

    fn unit(&self) -> &'static str {
        "domains"
    }

    fn schema(&self) -> EmbeddedSchema {
        EmbeddedSchema {
            file: "v4.schema.json",
            about: "JSON Schema of the files of version 4.",
            text: include_str!("../../schemas/v4.schema.json"),
        }
    }

    fn schema_part(&self, _: &str) -> &'static str {
        ""
    }

    fn validated_parts(&self) -> &'static [&'static str] {
        &[""]
    }

    /// `all` and one file for each method.
    fn emit(&self, input: &VersionInput<'_>) -> Result<Vec<Artifact>> {
        let VersionInput {
            entries,
            validators: [whole],
            style,
        } = *input
        else {
            return Ok(Vec::new());
        };
        let claims = claims(entries);
        let finished = claims.par_iter().with_min_len(64).map(|claim| {
            let name = claim.domain.name;
            let entry = fields(claim.entry);
            let part = json_text::part(&entry)?;
            whole.validate(
                "v4/all.json",
                &Map::from_iter([(name.to_owned(), entry)]).into(),
            )?;
            Ok(part)
        });
        let finished = finished.collect::<Result<Vec<_>>>()?;
        let parts = |lists: &dyn Fn(&Claim<'_>) -> bool| -> Vec<(&str, &RawValue)> {
            let listed = claims
                .iter()
                .zip(&finished)
                .filter(|(claim, _)| lists(claim));
            listed
                .map(|(claim, part)| (claim.domain.name, &**part))
                .collect()
        };
        let mut lists = vec![("all", ALL, parts(&|_| true))];
        for (index, method) in METHODS.iter().enumerate() {
            let of_method = parts(&|claim| claim.entry.methods[index]);
            lists.push((method.name, method.about, of_method));
        }
        write_lists(self.number(), lists, |parts| {
            json_text::write(&json_text::JsonObject(parts), style)
        })
    }

    fn examples(&self, all: &[u8]) -> Examples {
        let domains: BTreeMap<Cow<'_, str>, &RawValue> =
            serde_json::from_slice(all).unwrap_or_default();
        let domains: Vec<(Cow<'_, str>, &RawValue)> = domains.into_iter().collect();
        let has_methods = |entry: &RawValue| entry.get() != "{}";
        Examples::choose(&domains, has_methods, |domain, entry| {
            serde_json::to_string_pretty(&BTreeMap::from([(domain, entry)]))
        })
    }

    fn lookup(&self) -> Option<&'static str> {
        Some("v4/all.json")
    }
}

const ALL: &str = "Every domain, with and without two-factor authentication.";

/// A domain with its entry.
struct Claim<'t> {
    domain: Domain<'t>,
    entry: &'t Entry,
}

/// Every domain once, in ascending byte order. If several entries claim a domain, the one with the
/// lowest [rank](Domain::rank) wins.
fn claims<'t>(entries: &'t [Entry]) -> Vec<Claim<'t>> {
    let claims_of = |entry: &'t Entry| entry.domains().map(move |domain| Claim { domain, entry });
    let mut claims: Vec<Claim<'t>> = entries.iter().flat_map(claims_of).collect();
    claims.sort_by_key(|claim| (claim.domain.name, claim.domain.rank(claim.entry)));
    claims.dedup_by_key(|claim| claim.domain.name);
    claims
}

/// The version-4 form of an entry.
fn fields(entry: &Entry) -> Value {
    let field = |(name, source): &(&str, &str)| {
        Some(((*name).to_owned(), entry.fields.get(*source)?.clone()))
    };
    FIELDS.iter().filter_map(field).collect()
}
