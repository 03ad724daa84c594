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
        other => spaced(other),
    };
    format!(
        "{description} Example: {}.",
        quote(&format!("{label}{example}"))
    )
}

/// JSON on one line, with a space between the items of an array of strings.
pub(super) fn spaced(value: &Value) -> String {
    value.to_string().replace("\",\"", "\", \"")
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
    match ["A ", "An ", "The "]
        .iter()
        .any(|article| description.starts_with(article))
    {
        true => format!("Use {}.", clause(description)),
        false => description.to_owned(),
    }
}

/// The innermost field on a path, quoted, or an item of it; for the document itself its schema's
/// title.
pub(super) fn subject(root: &Value, path: &JsonPointer) -> String {
    let is_index = |step: &str| step.parse::<usize>().is_ok();
    let field = path
        .as_str()
        .split('/')
        .skip(1)
        .filter(|step| !is_index(step))
        .last();
    let last = path.as_str().rsplit('/').next().unwrap_or_default();
    match field {
        Some(name) if is_index(last) => format!("an item of {}", quote(&unescape(name))),
        Some(name) => quote(&unescape(name)),
        None => format!(
            "the {}",
            root["title"].as_str().unwrap_or("document").to_lowercase()
        ),
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
