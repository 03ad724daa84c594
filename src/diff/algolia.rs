//! Differences as the body of a batch call of [Algolia][docs], which keeps a search index up to date.
//!
//! [docs]: https://www.algolia.com/doc/rest-api/search/batch

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Diff, Pair};
use crate::source::Entry;

/// The objects of the index that are deleted, then those that are added or replaced.
pub(crate) fn render(diff: &Diff<'_>) -> String {
    let mut requests: Vec<Value> = diff.removed.iter().map(|entry| delete(entry)).collect();
    for Pair { was, is } in &diff.renamed {
        if was.domain() != is.domain() {
            requests.push(delete(was));
        }
    }
    let mut sites: BTreeMap<&str, &Entry> = BTreeMap::new();
    for Pair { is, .. } in diff.renamed.iter().chain(&diff.changed) {
        sites.entry(is.domain()).or_insert(is);
    }
    for entry in diff.added.iter().chain(&diff.unchanged) {
        sites.entry(entry.domain()).or_insert(entry);
    }
    requests.extend(sites.into_values().map(add));
    format!("{}\n", json!({ "requests": requests }))
}

fn delete(entry: &Entry) -> Value {
    json!({ "action": "deleteObject", "body": { "objectID": entry.domain() } })
}

fn add(entry: &Entry) -> Value {
    json!({ "action": "addObject", "body": object(entry) })
}

/// The object of a site in the index.
fn object(entry: &Entry) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("objectID".to_owned(), entry.domain().into());
    object.insert("name".to_owned(), entry.name.as_str().into());
    for (field, value) in &entry.fields {
        let name = match field.as_str() {
            "tfa" => "2fa",
            "categories" => "category",
            other => other,
        };
        object.insert(name.to_owned(), value.clone());
    }
    object
}
