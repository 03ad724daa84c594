//! The schemas of an OpenAPI description, which contains them all.

use serde_json::{Map, Value, json};

use crate::schema::{ENTRY, EmbeddedSchema, Schemas};

/// Schemas by their names in the description.
pub(crate) struct Components<'s> {
    schemas: &'s Schemas,
    /// The schema of the newest version, whose definitions have plain names, such as `Entry`.
    newest: Option<EmbeddedSchema>,
    parts: Map<String, Value>,
}

impl<'s> Components<'s> {
    pub(crate) fn new(schemas: &'s Schemas, newest: Option<EmbeddedSchema>) -> Self {
        Self {
            schemas,
            newest,
            parts: Map::new(),
        }
    }

    /// The reference to a part of a schema, given as a JSON pointer. Adds the part, and the parts
    /// that it refers to.
    pub(crate) fn reference(&mut self, source: EmbeddedSchema, part: &str) -> Value {
        let name = self.name(source, part);
        if !self.parts.contains_key(&name) {
            // A part may refer to itself.
            self.parts.insert(name.clone(), Value::Null);
            let document = self.schemas.document(source);
            let schema = document.pointer(part).unwrap_or(document);
            let rewritten = self.rewritten(source, schema);
            self.parts.insert(name.clone(), rewritten);
        }
        json!({ "$ref": format!("#/components/schemas/{name}") })
    }

    /// The schemas that were added.
    pub(crate) fn into_schemas(self) -> Map<String, Value> {
        self.parts
    }

    fn name(&self, source: EmbeddedSchema, part: &str) -> String {
        let file = pascal_case(source.file.trim_end_matches(".schema.json"));
        match part.strip_prefix("/$defs/") {
            None => file,
            Some(definition) if source == ENTRY || Some(source) == self.newest => {
                pascal_case(definition)
            }
            Some(definition) => file + &pascal_case(definition),
        }
    }

    fn rewritten(&mut self, source: EmbeddedSchema, schema: &Value) -> Value {
        match schema {
            Value::Object(keywords) => self.rewritten_object(source, keywords),
            Value::Array(schemas) => {
                let rewritten = schemas.iter().map(|schema| self.rewritten(source, schema));
                rewritten.collect()
            }
            other => other.clone(),
        }
    }

    /// A schema with references to components, and without what generators cannot use: conditions
    /// between fields, and titles, after which they would name types.
    fn rewritten_object(&mut self, source: EmbeddedSchema, keywords: &Map<String, Value>) -> Value {
        let mut schema = Map::new();
        for (keyword, value) in keywords {
            match (keyword.as_str(), value) {
                (
                    "$schema" | "$id" | "$defs" | "title" | "allOf" | "not" | "enumDescriptions",
                    _,
                ) => {}
                ("const", Value::Bool(_)) => {
                    schema.insert("type".to_owned(), "boolean".into());
                }
                ("$ref", Value::String(reference)) => {
                    let (file, part) = reference.split_once('#').unwrap_or((reference, ""));
                    let target = self.source(file).unwrap_or(source);
                    let target_name = self.reference(target, part)["$ref"].take();
                    schema.insert(keyword.clone(), target_name);
                }
                // Other items than those of a tuple are not allowed.
                ("items", Value::Bool(false)) => {
                    let items = keywords["prefixItems"].as_array();
                    schema.insert("maxItems".to_owned(), items.map_or(0, Vec::len).into());
                }
                ("properties", Value::Object(properties)) => {
                    let mut rewritten = Map::new();
                    for (name, property) in properties {
                        rewritten.insert(name.clone(), self.rewritten(source, property));
                    }
                    schema.insert(keyword.clone(), rewritten.into());
                }
                _ => {
                    schema.insert(keyword.clone(), self.rewritten(source, value));
                }
            }
        }
        schema.into()
    }

    fn source(&self, file: &str) -> Option<EmbeddedSchema> {
        let mut sources = self.schemas.documents().map(|(source, _)| source);
        sources.find(|source| source.file == file)
    }
}

/// `EmailOrForm` for `email-or-form`.
fn pascal_case(name: &str) -> String {
    let mut result = String::new();
    for word in name.split('-') {
        let mut chars = word.chars();
        result.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        result.push_str(chars.as_str());
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_with_capitals() {
        assert_eq!(pascal_case("v4"), "V4");
        assert_eq!(pascal_case("email-or-form"), "EmailOrForm");
    }
}
