//! The schemas in `schemas/`, compiled into the program. Messages and documentation use their
//! descriptions, so each field is described only once.

mod inputs;
mod meant;
mod violation;
mod words;

use std::fmt::Display;

use jsonschema::{Draft, PatternOptions, Registry, ValidationOptions};
use serde_json::Value;

use crate::failure::{Failure, Result, failure};

pub(crate) use inputs::{Input, aliases, inputs};
pub(crate) use jsonschema::Validator;
pub(crate) use meant::Meant;
pub(crate) use violation::{Violation, violations};

/// A schema that is compiled into the program; two are equal if their files are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EmbeddedSchema {
    /// The name of its file in `schemas/`, also used for the published schema.
    pub(crate) file: &'static str,
    /// A description for the documentation, as a sentence.
    pub(crate) about: &'static str,
    /// The schema (JSON Schema, draft 2020-12).
    pub(crate) text: &'static str,
}

/// The schema of an entry file.
pub(crate) const ENTRY: EmbeddedSchema = EmbeddedSchema {
    file: "entry.schema.json",
    about: "JSON Schema of an entry in the repository.",
    text: include_str!("../../schemas/entry.schema.json"),
};

/// The schema of `directory.toml`.
pub(crate) const DIRECTORY: EmbeddedSchema = EmbeddedSchema {
    file: "directory.schema.json",
    about: "JSON Schema of the directory's settings.",
    text: include_str!("../../schemas/directory.schema.json"),
};

/// The schema of `manifest.json`.
pub(crate) const MANIFEST: EmbeddedSchema = EmbeddedSchema {
    file: "manifest.schema.json",
    about: "JSON Schema of the manifest.",
    text: include_str!("../../schemas/manifest.schema.json"),
};

/// The schema of `changes.json`.
pub(crate) const CHANGES: EmbeddedSchema = EmbeddedSchema {
    file: "changes.schema.json",
    about: "JSON Schema of the changes of sites.",
    text: include_str!("../../schemas/changes.schema.json"),
};

/// The schema of `stats.json`.
pub(crate) const STATS: EmbeddedSchema = EmbeddedSchema {
    file: "stats.schema.json",
    about: "JSON Schema of the statistics.",
    text: include_str!("../../schemas/stats.schema.json"),
};

impl PartialEq for EmbeddedSchema {
    fn eq(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

/// Names from tables in higher modules that schemas and settings may use.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    /// The ids of all rules.
    pub(crate) rules: Vec<&'static str>,
    /// The schemas of all API versions.
    pub(crate) versions: Vec<EmbeddedSchema>,
}

/// A compiled-in schema cannot be used: a bug in tfadir.
pub(crate) fn unusable(problem: impl Display) -> Failure {
    failure!("a built-in schema of tfadir is invalid: {problem}"; help: "please report this bug")
}

/// How schemas are compiled: formats are checked, patterns take linear time, and nothing is fetched.
///
/// jsonschema validates each schema before it compiles it, and compiles the meta-schema of the draft for that.
/// Only references to schemas that declare their own draft, and schemas of a string, are compiled here. Both
/// mean the same in draft 7 as in draft 2020-12, and the meta-schema of draft 7 compiles in a quarter of the
/// time.
fn options<'r>() -> ValidationOptions<'r> {
    jsonschema::options()
        .offline()
        .with_draft(Draft::Draft7)
        .with_pattern_options(PatternOptions::regex())
        .should_validate_formats(true)
}

/// Schemas, as a directory publishes them.
#[derive(Debug, Clone)]
pub(crate) struct Schemas {
    documents: Vec<(EmbeddedSchema, Value)>,
    base: String,
}

impl Schemas {
    /// The schemas of a directory, given the URL of its API (which ends with `/`) and the ids and
    /// titles of its categories.
    ///
    /// Their `$id`s are the URLs at which they are published. The entry schema lists the
    /// categories, and the settings schema lists the rules.
    ///
    /// # Errors
    ///
    /// If a compiled-in schema is not JSON.
    pub(crate) fn new<'c>(
        api: &str,
        categories: impl IntoIterator<Item = (&'c str, &'c str)>,
        tables: &Tables,
    ) -> Result<Self> {
        let sources = [ENTRY].into_iter().chain(tables.versions.iter().copied());
        let mut schemas = Self::read(
            api,
            sources.chain([DIRECTORY, MANIFEST, CHANGES, STATS]),
            tables,
        )?;
        let (ids, titles): (Vec<&str>, Vec<&str>) = categories.into_iter().unzip();
        for (source, document) in &mut schemas.documents {
            if *source == ENTRY {
                document["$defs"]["category"]["enum"] = Value::from(ids.clone());
                document["$defs"]["category"]["enumDescriptions"] = Value::from(titles.clone());
            }
        }
        Ok(schemas)
    }

    /// Only the schema of the settings, which say where the others are published.
    ///
    /// # Errors
    ///
    /// If the compiled-in schema is not JSON.
    pub(crate) fn of_settings(tables: &Tables) -> Result<Self> {
        Self::read("https://tfadir.invalid/", [DIRECTORY], tables)
    }

    fn read(
        api: &str,
        sources: impl IntoIterator<Item = EmbeddedSchema>,
        tables: &Tables,
    ) -> Result<Self> {
        let base = format!("{api}schemas/");
        let mut documents = Vec::new();
        for source in sources {
            let mut document: Value = serde_json::from_str(source.text).map_err(unusable)?;
            document["$id"] = Value::from(format!("{base}{}", source.file));
            if source == DIRECTORY {
                document["$defs"]["rule"]["enum"] = Value::from(tables.rules.clone());
            }
            documents.push((source, document));
        }
        Ok(Self { documents, base })
    }

    /// Lets entries have hosts without a dot.
    pub(crate) fn accept_internal_hosts(&mut self) {
        let entry = self.documents.iter_mut().find(|(known, _)| *known == ENTRY);
        if let Some((_, document)) = entry {
            let domain = &mut document["$defs"]["domain"];
            domain["pattern"] = Value::from(r"^[a-z0-9_-]+(\.[a-z0-9_-]+)*$");
            domain["description"] = Value::from(
                "A domain, or the name of a host in this network, in lower case and without \
                 `https://`. Write an international name in its `xn--` form.",
            );
        }
    }

    /// The schemas in their published form, each with its name.
    pub(crate) fn documents(&self) -> impl Iterator<Item = (EmbeddedSchema, &Value)> {
        self.documents
            .iter()
            .map(|(source, document)| (*source, document))
    }

    /// The fields of the object that a part of a schema describes, in the schema's order. The part
    /// is a JSON pointer.
    pub(crate) fn fields(&self, source: EmbeddedSchema, part: &str) -> Vec<String> {
        let object = self.document(source).pointer(part);
        let fields = object.and_then(|object| object["properties"].as_object());
        fields
            .into_iter()
            .flat_map(|fields| fields.keys().cloned())
            .collect()
    }

    /// One schema in its published form.
    pub(crate) fn document(&self, source: EmbeddedSchema) -> &Value {
        const NOTHING: &Value = &Value::Null;
        self.documents()
            .find(|(known, _)| *known == source)
            .map_or(NOTHING, |(_, document)| document)
    }

    /// A validator for a schema as a whole; see [`Self::validators`].
    ///
    /// # Errors
    ///
    /// If the schema does not compile.
    pub(crate) fn validator(&self, source: EmbeddedSchema) -> Result<Validator> {
        self.validators([(source, "")])?
            .pop()
            .ok_or_else(|| unusable("no validator").into())
    }

    /// Validators for schemas as a whole or for parts of them, given as JSON pointers such as
    /// `/$defs/sites`. Formats are checked, patterns take linear time, and nothing is fetched.
    ///
    /// # Errors
    ///
    /// If a schema or part does not compile.
    pub(crate) fn validators<'p>(
        &self,
        parts: impl IntoIterator<Item = (EmbeddedSchema, &'p str)>,
    ) -> Result<Vec<Validator>> {
        let parts: Vec<(EmbeddedSchema, &str)> = parts.into_iter().collect();
        let address = |source: EmbeddedSchema| format!("{}{}", self.base, source.file);
        let mut registry = Registry::new();
        for (source, document) in self.documents() {
            // Schemas refer to themselves and to the entry schema.
            if source == ENTRY || parts.iter().any(|(needed, _)| *needed == source) {
                registry = registry.add(address(source), document).map_err(unusable)?;
            }
        }
        let prepared = registry.prepare().map_err(unusable)?;
        let compile = |(source, part): (EmbeddedSchema, &str)| {
            options()
                .with_registry(&prepared)
                .build(&serde_json::json!({ "$ref": format!("{}#{part}", address(source)) }))
                .map_err(unusable)
        };
        Ok(parts.into_iter().map(compile).collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::METHODS;

    #[test]
    fn every_schema_is_valid_and_compiles() {
        let schemas = Schemas::new(
            "https://api.example/",
            [("backup", "Backup")],
            &Tables::default(),
        )
        .unwrap();
        for (source, document) in schemas.documents() {
            jsonschema::meta::validate(document).unwrap();
            schemas.validator(source).unwrap();
        }
    }

    #[test]
    fn the_entry_schema_lists_every_method() {
        let schemas = Schemas::new("https://api.example/", [], &Tables::default()).unwrap();
        let method = &schemas.document(ENTRY)["$defs"]["method"];
        assert_eq!(
            method["enum"],
            METHODS.iter().map(|method| method.name).collect::<Value>()
        );
        assert_eq!(
            method["enumDescriptions"].as_array().unwrap().len(),
            METHODS.len()
        );
    }

    #[test]
    fn formats_are_checked() {
        let schemas = Schemas::new(
            "https://api.example/",
            [("email", "Email")],
            &Tables::default(),
        )
        .unwrap();
        let validator = schemas.validator(ENTRY).unwrap();
        let is_valid = |field: &str, value: &str| {
            let text =
                r#"{"X":{"domain":"x.example","contact":{"twitter":"x"},"categories":["email"]}}"#;
            let text = match field {
                "email" => text.replace(r#""twitter":"x""#, &format!(r#""email":"{value}""#)),
                "domain" => text.replace("x.example", value),
                _ => text.replace(
                    r#""categories""#,
                    &format!(r#""{field}":"{value}","categories""#),
                ),
            };
            validator.is_valid(&crate::source::json::parse(&text).unwrap().value)
        };
        for (field, good, bad) in [
            ("domain", "a-1.b.example", "-a.example"),
            ("domain", "xn--mbelix-wxa.example", "möbelix.example"),
            ("domain", "a.example", "a..example"),
            ("domain", "a.example", "A.example"),
            ("domain", "a.example", "example"),
            ("domain", "a.example", "a.example."),
            ("domain", "a.example", "a.example/x"),
            ("url", "http://x.example/a?b=c#d", "//x.example"),
            ("url", "https://x.example", "https://"),
            ("url", "https://x.example/%20", "https://x.example/ "),
            ("url", "https://x.example/", "https://x.example/<b>"),
            ("url", "https://x.example/", "HTTPS:x.example"),
            ("url", "https://x.example/", "javascript:alert(1)"),
            ("email", "a.b+c@x.example", "a@b@x.example"),
            ("email", "a@x.example", "a b@x.example"),
            ("email", "a@x.example", "@x.example"),
            ("img", "x_1+2.-.svg", "x.svg/../y.svg"),
            ("img", "x.png", "X.png"),
        ] {
            assert!(is_valid(field, good), "{field}: {good}");
            assert!(!is_valid(field, bad), "{field}: {bad}");
        }
    }

    #[test]
    fn every_field_has_a_description_and_every_definition_a_title() {
        let schemas = Schemas::new("https://api.example/", [], &Tables::default()).unwrap();
        for (source, document) in schemas.documents() {
            assert_described(source.file, document);
        }
    }

    fn assert_described(path: &str, schema: &Value) {
        let Some(fields) = schema.as_object() else {
            return;
        };
        for (keyword, parts) in fields {
            if keyword == "properties"
                && !path.contains("custom-")
                && !path.ends_with("mixed-regions")
            {
                for (field, part) in parts.as_object().unwrap() {
                    let path = format!("{path}/{field}");
                    let is_reference = part.get("$ref").is_some();
                    assert!(
                        is_reference || part.get("title").is_some(),
                        "{path} has no title"
                    );
                    let description = part.get("description");
                    assert!(
                        is_reference && field == "count" || description.is_some(),
                        "{path}"
                    );
                    assert_described(&path, part);
                }
            } else if keyword == "$defs" {
                for (name, part) in parts.as_object().unwrap() {
                    assert_described(&format!("{path}/{name}"), part);
                }
            }
        }
    }
}
