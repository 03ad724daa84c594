//! Differences as one JSON object, as `schemas/diff.schema.json` describes it.

use serde_json::{Map, Value, json};

use super::{Diff, FileDifference, Pair};
use crate::report::json::object;
use crate::source::Entry;

pub(crate) fn render(diff: &Diff<'_>) -> String {
    format!("{:#}\n", object(&fields(diff)))
}

/// The fields of the object.
pub(super) fn fields(diff: &Diff<'_>) -> Value {
    json!({
        "added": diff.added.iter().map(|entry| whole(entry)).collect::<Value>(),
        "removed": diff.removed.iter().map(|entry| whole(entry)).collect::<Value>(),
        "renamed": diff.renamed.iter().map(renamed).collect::<Value>(),
        "changed": diff.changed.iter().map(changed).collect::<Value>(),
        "files": diff.files.iter().map(file).collect::<Value>(),
    })
}

fn whole(entry: &Entry) -> Value {
    record(entry, "entry", Value::Object(entry.fields.clone()))
}

fn renamed(Pair { was, is }: &Pair<'_>) -> Value {
    let old = json!({ "domain": was.domain(), "name": was.name });
    record(is, "was", old)
}

fn changed(pair: &Pair<'_>) -> Value {
    let mut fields = Map::new();
    for (name, before, after) in pair.fields() {
        fields.insert(name.to_owned(), json!({ "before": before, "after": after }));
    }
    record(pair.is, "fields", fields.into())
}

fn file(file: &FileDifference) -> Value {
    json!({
        "path": file.path,
        "added": file.added,
        "removed": file.removed,
        "changed": file.changed,
    })
}

/// The record of a site with one more field.
fn record(entry: &Entry, field: &str, value: Value) -> Value {
    let mut record = json!({ "domain": entry.domain(), "name": entry.name });
    record[field] = value;
    record
}
