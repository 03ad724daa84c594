//! Parts of sentences about values and schemas.

use jsonschema::paths::Location as JsonPointer;
use jsonschema::types::JsonType;
use serde_json::Value;

use crate::source::document::unescape;
use crate::text::quote;

/// A description with an example after `label`, if there is one.
pub(super) fn with_example(description: &str, example: &Value, label: &str) -> String {
    let example = match example {
        Value::Null => return description.to_owned(),
        Value::String(text) if label.is_empty() => text.clone(),
        // On one line, with spaces.
        other => other.to_string().replace("\",\"", "\", \""),
    };
    format!("{description} Example: {}.", quote(&format!("{label}{example}")))
}

pub(super) fn length(instance: &Value) -> usize {
    instance.as_str().unwrap_or_default().chars().count()
}

pub(super) fn description_of(schema: &Value) -> Option<&str> {
    schema.get("description").and_then(Value::as_str)
}

/// A sentence as part of another sentence: without its capital letter and full stop.
pub(super) fn clause(sentence: &str) -> String {
    let mut chars = sentence.trim_end_matches('.').chars();
    let first = chars.next().map(|first| first.to_lowercase().to_string());
    first.unwrap_or_default() + chars.as_str()
}

/// A description of a value as advice.
pub(super) fn expected(description: &str) -> String {
    match ["A ", "An ", "The "].iter().any(|article| description.starts_with(article)) {
        true => format!("Expected: {}.", clause(description)),
        false => description.to_owned(),
    }
}

/// The name of the innermost field on a path, quoted; for the document itself its schema's title.
pub(super) fn subject(root: &Value, path: &JsonPointer) -> String {
    let field =
        path.as_str().split('/').skip(1).filter(|step| step.parse::<usize>().is_err()).last();
    match field {
        Some(name) => quote(&unescape(name)),
        None => format!("the {}", root["title"].as_str().unwrap_or("document").to_lowercase()),
    }
}

pub(super) fn type_name(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "true or false",
        JsonType::Integer => "a whole number",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    }
}

pub(super) fn actual_type(value: &Value) -> &'static str {
    type_name(JsonType::from(value))
}
