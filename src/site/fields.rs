//! From a schema to the rows of a table of fields.

use serde::Serialize;
use serde_json::Value;

use crate::schema::{self, Schemas, Source};

/// One field of an object, as documentation shows it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// Its form in a few words, such as `list of methods`.
    pub(crate) form: String,
    /// Whether it is always there.
    pub(crate) required: bool,
    /// What it is, in Markdown.
    pub(crate) description: String,
    /// What holds for its value beyond its form, each a short phrase in Markdown.
    pub(crate) conditions: Vec<String>,
    /// What its values mean, where they are few: (value, meaning).
    pub(crate) values: Vec<(String, String)>,
}

/// What each method is: (method, meaning).
pub(crate) fn meanings(schemas: &Schemas) -> Vec<(String, String)> {
    let method = schemas.document(schema::ENTRY).pointer("/$defs/method");
    method.map(values).unwrap_or_default()
}

/// What relates the fields of an object to each other, each a sentence in Markdown. What a field
/// needs is not among them, since it is said with the field.
pub(crate) fn conditions(schemas: &Schemas, source: Source, part: &str) -> Vec<String> {
    let root = schemas.document(source);
    let object = root.pointer(part).unwrap_or(&Value::Null);
    let parts = parts(schemas, root, object).into_iter();
    let related = parts.filter(|part| part.get("dependentRequired").is_none());
    related.filter_map(|part| text(part, "description").map(str::to_owned)).collect()
}

/// The schemas that hold for an object beside its own.
fn parts<'s>(schemas: &'s Schemas, root: &'s Value, object: &'s Value) -> Vec<&'s Value> {
    let all = object["allOf"].as_array().into_iter().flatten();
    all.map(|schema| resolve(schemas, root, schema).1).collect()
}

/// The fields of the object that a part of a schema describes, in the schema's order.
pub(crate) fn fields(schemas: &Schemas, source: Source, part: &str) -> Vec<Field> {
    let root = schemas.document(source);
    let object = root.pointer(part).unwrap_or(&Value::Null);
    let required = strings(&object["required"]);
    let parts = parts(schemas, root, object);
    // Fields that are only there with others.
    let needed = |field: &str| -> Vec<&str> {
        let all = std::iter::once(object).chain(parts.iter().copied());
        all.flat_map(|part| strings(&part["dependentRequired"][field])).collect()
    };
    let properties = object["properties"].as_object();
    properties
        .into_iter()
        .flatten()
        .map(|(field, schema)| {
            let (document, target) = resolve(schemas, root, schema);
            let (_, item) = resolve(schemas, document, &target["items"]);
            Field {
                name: field.clone(),
                form: form(target, item),
                required: required.contains(&field.as_str()),
                description: text(schema, "description")
                    .or(text(target, "description"))
                    .unwrap_or_default()
                    .to_owned(),
                conditions: conditions_of(target, &needed(field)),
                values: values(if item.is_null() { target } else { item }),
            }
        })
        .collect()
}

/// A schema with its reference followed, and the document in which it stands. References are
/// `#/…` or `<file>#/…`, as the schemas of this program write them.
fn resolve<'s>(
    schemas: &'s Schemas,
    document: &'s Value,
    schema: &'s Value,
) -> (&'s Value, &'s Value) {
    let Some(reference) = text(schema, "$ref") else {
        return (document, schema);
    };
    let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
    let document = schemas
        .documents()
        .find(|(source, _)| source.file == file)
        .map_or(document, |(_, document)| document);
    (document, document.pointer(pointer).unwrap_or(&Value::Null))
}

fn form(schema: &Value, item: &Value) -> String {
    let of = |schema: &Value| text(schema, "title").unwrap_or("value").to_owned();
    match text(schema, "type") {
        Some("array") => format!("list of: {}", of(item)),
        Some("object") => "object".to_owned(),
        Some("integer") => "whole number".to_owned(),
        _ if schema.get("const").is_some() => format!("always `{}`", schema["const"]),
        Some("string") if schema.get("format").is_none() && schema.get("pattern").is_none() => {
            "text".to_owned()
        }
        _ => of(schema),
    }
}

fn conditions_of(schema: &Value, needed: &[&str]) -> Vec<String> {
    let mut conditions = Vec::new();
    let number = |field: &str| schema[field].as_u64();
    match number("minItems") {
        Some(1) => conditions.push("at least one".to_owned()),
        Some(least) => conditions.push(format!("at least {least}")),
        None => {}
    }
    if schema["uniqueItems"] == true {
        conditions.push("none twice".to_owned());
    }
    if let Some(least) = number("minLength").filter(|it| *it > 1) {
        conditions.push(format!("at least {least} characters"));
    }
    if let Some(format) = text(schema, "format") {
        conditions.push(format!("format `{format}`"));
    }
    conditions.extend(needed.iter().map(|other| format!("only with `{other}`")));
    conditions
}

fn values(schema: &Value) -> Vec<(String, String)> {
    let values = strings(&schema["enum"]);
    let meanings = strings(&schema["enumDescriptions"]);
    let pairs = values.into_iter().zip(meanings);
    pairs.map(|(value, meaning)| (value.to_owned(), meaning.to_owned())).collect()
}

fn text<'s>(schema: &'s Value, field: &str) -> Option<&'s str> {
    schema.get(field).and_then(Value::as_str)
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{VERSIONS, version};
    use crate::schema::Tables;

    fn schemas() -> Schemas {
        let versions = VERSIONS.iter().map(|version| version.schema()).collect();
        let tables = Tables { versions, ..Tables::default() };
        Schemas::new("https://api.example/", [], &tables).unwrap()
    }

    fn v(number: u64) -> Source {
        version(number).unwrap().schema()
    }

    #[test]
    fn every_field_of_a_version_has_a_form_and_a_description() {
        let schemas = schemas();
        for name in [v(3), v(4)] {
            let fields = fields(&schemas, name, "/$defs/entry");
            assert!(fields.len() >= 6);
            for field in fields {
                assert!(!field.description.is_empty(), "{}", field.name);
                assert!(!field.form.contains("value"), "{}: {}", field.name, field.form);
            }
        }
    }

    #[test]
    fn methods_come_with_their_meanings() {
        let schemas = schemas();
        let fields = fields(&schemas, v(4), "/$defs/entry");
        assert_eq!(fields[0].name, "methods");
        assert_eq!(fields[0].form, "list of: method");
        assert_eq!(fields[0].values.len(), 7);
        assert_eq!(fields[0].values[3].0, "totp");
    }

    #[test]
    fn fields_that_need_others_say_so() {
        let schemas = schemas();
        for (name, needed) in [(v(4), "only with `methods`"), (schema::ENTRY, "only with `tfa`")] {
            let fields = fields(&schemas, name, "/$defs/entry");
            let notes = fields.iter().find(|field| field.name == "notes").unwrap();
            assert_eq!(notes.conditions, ["at least 10 characters", needed]);
        }
        assert_eq!(conditions(&schemas, schema::ENTRY, "/$defs/entry").len(), 3);
    }
}
