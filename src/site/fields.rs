//! Turns a schema into the rows of a table of fields.

use serde::Serialize;
use serde_json::Value;

use crate::schema::{self, EmbeddedSchema, Schemas};

/// One field of an object, as documentation shows it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Field {
    pub(crate) name: String,
    /// Its type in a few words, such as `array of method`.
    form: String,
    required: bool,
    /// In Markdown.
    description: String,
    /// Further conditions, each a short phrase in Markdown.
    conditions: Vec<String>,
    /// The values of an enumeration: (value, meaning).
    values: Vec<(String, String)>,
}

/// Each method with its meaning.
pub(crate) fn meanings(schemas: &Schemas) -> Vec<(String, String)> {
    let method = schemas.document(schema::ENTRY).pointer("/$defs/method");
    method.map(values).unwrap_or_default()
}

/// The conditions between the fields of an object, each a sentence in Markdown. Fields that require
/// others are left out, since their own conditions say so.
pub(crate) fn conditions(schemas: &Schemas, source: EmbeddedSchema, part: &str) -> Vec<String> {
    let root = schemas.document(source);
    let object = root.pointer(part).unwrap_or(&Value::Null);
    let mut conditions = Vec::new();
    for part in parts(schemas, root, object) {
        if part.get("dependentRequired").is_none() {
            conditions.extend(text(part, "description").map(str::to_owned));
        }
    }
    conditions
}

/// The further schemas that an object must meet (`allOf`).
fn parts<'s>(schemas: &'s Schemas, root: &'s Value, object: &'s Value) -> Vec<&'s Value> {
    let all = object["allOf"].as_array().into_iter().flatten();
    all.map(|schema| resolve(schemas, root, schema).1).collect()
}

/// The fields of the object that a part of a schema describes, in schema order.
pub(crate) fn fields(schemas: &Schemas, source: EmbeddedSchema, part: &str) -> Vec<Field> {
    let root = schemas.document(source);
    let object = root.pointer(part).unwrap_or(&Value::Null);
    let required = strings(&object["required"]);
    let mut all = vec![object];
    all.extend(parts(schemas, root, object));
    let mut fields = Vec::new();
    for (name, schema) in object["properties"].as_object().into_iter().flatten() {
        let (document, target) = resolve(schemas, root, schema);
        let (_, item) = resolve(schemas, document, &target["items"]);
        // The other fields that it requires.
        let needed: Vec<&str> = all
            .iter()
            .flat_map(|part| strings(&part["dependentRequired"][name]))
            .collect();
        fields.push(Field {
            name: name.clone(),
            form: form(target, item),
            required: required.contains(&name.as_str()),
            description: text(schema, "description")
                .or(text(target, "description"))
                .unwrap_or_default()
                .to_owned(),
            conditions: conditions_of(target, &needed),
            values: values(if item.is_null() { target } else { item }),
        });
    }
    fields
}

/// A schema with its reference followed, and the document that contains it. References are `#/…`
/// or `<file>#/…`, as our schemas write them.
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
    let title = |schema: &Value| text(schema, "title").unwrap_or("value").to_owned();
    let is_plain = schema.get("format").is_none() && schema.get("pattern").is_none();
    match text(schema, "type") {
        Some("array") => format!("array of {}", title(item)),
        Some(name @ ("object" | "integer" | "boolean")) => name.to_owned(),
        Some("string") if is_plain => "string".to_owned(),
        _ if schema.get("const").is_some() => format!("always `{}`", schema["const"]),
        _ => title(schema),
    }
}

fn conditions_of(schema: &Value, needed: &[&str]) -> Vec<String> {
    let min_length = schema["minLength"].as_u64().filter(|length| *length > 1);
    let conditions = [
        schema["minItems"].as_u64().map(|least| match least {
            1 => "non-empty".to_owned(),
            least => format!("at least {least}"),
        }),
        schema["maxItems"]
            .as_u64()
            .map(|most| format!("at most {most}")),
        (schema["uniqueItems"] == true).then(|| "unique".to_owned()),
        min_length.map(|least| format!("at least {least} characters")),
    ];
    let dependencies = needed.iter().map(|other| format!("only with `{other}`"));
    conditions
        .into_iter()
        .flatten()
        .chain(dependencies)
        .collect()
}

fn values(schema: &Value) -> Vec<(String, String)> {
    let meanings = strings(&schema["enumDescriptions"]);
    let mut values = Vec::new();
    for (value, meaning) in strings(&schema["enum"]).into_iter().zip(meanings) {
        values.push((value.to_owned(), meaning.to_owned()));
    }
    values
}

fn text<'s>(schema: &'s Value, field: &str) -> Option<&'s str> {
    schema.get(field).and_then(Value::as_str)
}

fn strings(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{VERSIONS, version};
    use crate::schema::Tables;
    use crate::source::METHODS;

    fn schemas() -> Schemas {
        let versions = VERSIONS.iter().map(|version| version.schema()).collect();
        let tables = Tables {
            versions,
            ..Tables::default()
        };
        Schemas::new("https://api.example/", [], &tables).unwrap()
    }

    fn v(number: u64) -> EmbeddedSchema {
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
                assert!(
                    !field.form.contains("value"),
                    "{}: {}",
                    field.name,
                    field.form
                );
            }
        }
    }

    #[test]
    fn methods_come_with_their_meanings() {
        let schemas = schemas();
        let fields = fields(&schemas, v(4), "/$defs/entry");
        assert_eq!(fields[0].name, "methods");
        assert_eq!(fields[0].form, "array of method");
        assert_eq!(fields[0].values.len(), METHODS.len());
        assert_eq!(fields[0].values[3].0, "totp");
    }

    #[test]
    fn fields_that_need_others_say_so() {
        let schemas = schemas();
        for (name, needed) in [
            (v(4), "only with `methods`"),
            (schema::ENTRY, "only with `tfa`"),
        ] {
            let fields = fields(&schemas, name, "/$defs/entry");
            let notes = fields.iter().find(|field| field.name == "notes").unwrap();
            assert_eq!(notes.conditions, ["at least 10 characters", needed]);
        }
        assert_eq!(conditions(&schemas, schema::ENTRY, "/$defs/entry").len(), 3);
    }
}
