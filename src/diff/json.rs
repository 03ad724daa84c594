//! Differences as one JSON object, as `schemas/diff.schema.json` describes it.

use serde_json::{Map, Value, json};

use super::{Diff, Pair};
use crate::report::json::object;
use crate::source::Entry;

pub(super) fn render(diff: &Diff<'_>) -> String {
    format!("{:#}\n", object(&fields(diff)))
}

/// The fields of the object.
pub(super) fn fields(diff: &Diff<'_>) -> Value {
    let whole = |entries: &[&Entry]| -> Value {
        let record = |entry: &&Entry| record(entry, "entry", Value::Object(entry.fields.clone()));
        entries.iter().map(record).collect()
    };
    let renamed = diff.renamed.iter().map(|Pair { was, is }| {
        record(
            is,
            "was",
            json!({ "domain": was.domain(), "name": was.name }),
        )
    });
    let changed = diff.changed.iter().map(|pair| {
        let fields = pair.fields().into_iter().map(|(name, before, after)| {
            (name.to_owned(), json!({ "before": before, "after": after }))
        });
        record(pair.is, "fields", fields.collect::<Map<_, _>>().into())
    });
    let files = diff.files.iter().map(|file| {
        json!({ "path": file.path, "added": file.added, "removed": file.removed, "changed": file.changed })
    });
    json!({
        "added": whole(&diff.added),
        "removed": whole(&diff.removed),
        "renamed": renamed.collect::<Value>(),
        "changed": changed.collect::<Value>(),
        "files": files.collect::<Value>(),
    })
}

/// The record of a site with one more field.
fn record(entry: &Entry, field: &str, value: Value) -> Value {
    let mut record = json!({ "domain": entry.domain(), "name": entry.name });
    record[field] = value;
    record
}
