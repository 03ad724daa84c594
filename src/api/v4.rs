//! Version 4: objects from domain to entry, in byte order of the domains (contract, section 4).

use rayon::prelude::*;
use serde_json::{Map, Value};

use super::examples::examples;
use super::validate::FileValidator;
use super::version::{Version, VersionInput};
use super::{KeyedPart, write_lists};
use crate::artifact::Artifact;
use crate::failure::Result;
use crate::json_text::{self, JsonObject, JsonPart};
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
        let parts = claims
            .par_iter()
            .with_min_len(64)
            .map(|claim| part(claim, whole))
            .collect::<Result<Vec<_>>>()?;
        let mut lists = vec![("all", ALL, listed(&claims, &parts, |_| true))];
        for (index, method) in METHODS.iter().enumerate() {
            let of_method = listed(&claims, &parts, |entry| entry.methods[index]);
            lists.push((method.name, method.about, of_method));
        }
        let write = |parts: &[KeyedPart<'_>]| json_text::write(&JsonObject(parts), style);
        let with = listed(&claims, &parts, Entry::has_tfa);
        let without = listed(&claims, &parts, |entry| !entry.has_tfa());
        let examples = examples(&with, &without, write)?;
        write_lists(self.number(), lists, examples, write)
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
fn claims(entries: &[Entry]) -> Vec<Claim<'_>> {
    let mut claims = Vec::new();
    for entry in entries {
        claims.extend(entry.domains().map(|domain| Claim { domain, entry }));
    }
    claims.sort_by_key(|claim| (claim.domain.name, claim.domain.rank(claim.entry)));
    claims.dedup_by_key(|claim| claim.domain.name);
    claims
}

/// The JSON value of a domain, after validation.
fn part(claim: &Claim<'_>, validator: &FileValidator) -> Result<JsonPart> {
    let entry = fields(claim.entry);
    let part = json_text::part(&entry)?;
    let file = Map::from_iter([(claim.domain.name.to_owned(), entry)]);
    validator.validate("v4/all.json", &file.into())?;
    Ok(part)
}

/// The domains of a list with their finished values.
fn listed<'l>(
    claims: &'l [Claim<'_>],
    parts: &'l [JsonPart],
    is_listed: impl Fn(&Entry) -> bool,
) -> Vec<KeyedPart<'l>> {
    let mut listed = Vec::new();
    for (claim, part) in claims.iter().zip(parts) {
        if is_listed(claim.entry) {
            listed.push((claim.domain.name, &**part));
        }
    }
    listed
}

/// The version-4 form of an entry.
fn fields(entry: &Entry) -> Value {
    let mut fields = Map::new();
    for (name, source) in FIELDS {
        if let Some(value) = entry.fields.get(source) {
            fields.insert(name.to_owned(), value.clone());
        }
    }
    fields.into()
}
