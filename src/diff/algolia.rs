//! Differences as the body of a batch call of [Algolia][docs], which keeps a search index up to date.
//!
//! [docs]: https://www.algolia.com/doc/rest-api/search/batch

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::{Diff, Pair};
use crate::source::Entry;

/// The objects of the index that are deleted, then those that are added or replaced.
pub(super) fn render(diff: &Diff<'_>) -> String {
    let moved = diff
        .renamed
        .iter()
        .filter(|pair| pair.was.domain() != pair.is.domain());
    let gone = diff
        .removed
        .iter()
        .copied()
        .chain(moved.map(|pair| pair.was));
    let delete =
        |entry: &Entry| json!({ "action": "deleteObject", "body": { "objectID": entry.domain() } });

    let pairs = diff
        .renamed
        .iter()
        .chain(&diff.changed)
        .map(|Pair { is, .. }| *is);
    let mut entries: Vec<&Entry> = pairs.chain(diff.added.iter().copied()).collect();
    entries.extend(&diff.unchanged);
    let mut seen = HashSet::new();
    entries.retain(|entry| seen.insert(entry.domain()));
    entries.sort_by_key(|entry| entry.domain());
    let add = |entry: &Entry| json!({ "action": "addObject", "body": object(entry) });

    let requests: Vec<Value> = gone
        .map(delete)
        .chain(entries.into_iter().map(add))
        .collect();
    format!("{}\n", json!({ "requests": requests }))
}

/// The object of a site in the index.
fn object(entry: &Entry) -> Map<String, Value> {
    let head = [("objectID", entry.domain()), ("name", entry.name.as_str())];
    let head = head
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.into()));
    let fields = entry.fields.iter().map(|(name, value)| {
        let name = match name.as_str() {
            "tfa" => "2fa",
            "categories" => "category",
            name => name,
        };
        (name.to_owned(), value.clone())
    });
    head.chain(fields).collect()
}
