//! The schemas: what a document must look like.
//!
//! The files in `schemas/` are compiled into the program. Their texts are the source of the
//! messages and of the documentation, so a member is described in one place only.

mod representation;
mod violation;

use jsonschema::{PatternOptions, Registry};
use serde_json::Value;

pub use representation::{Borrowed, Validator};
pub use violation::{Violation, violations};

/// A schema that is compiled into the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// That of an entry file.
    Entry,
    /// That of every file of version 3.
    V3,
    /// That of every file of version 4.
    V4,
    /// That of `directory.toml`.
    Directory,
    /// That of `manifest.json`.
    Manifest,
}

impl Name {
    const ALL: [Self; 5] = [Self::Entry, Self::V3, Self::V4, Self::Directory, Self::Manifest];

    /// The name of the schema's file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Entry => "entry.schema.json",
            Self::V3 => "v3.schema.json",
            Self::V4 => "v4.schema.json",
            Self::Directory => "directory.schema.json",
            Self::Manifest => "manifest.schema.json",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Entry => include_str!("../../schemas/entry.schema.json"),
            Self::V3 => include_str!("../../schemas/v3.schema.json"),
            Self::V4 => include_str!("../../schemas/v4.schema.json"),
            Self::Directory => include_str!("../../schemas/directory.schema.json"),
            Self::Manifest => include_str!("../../schemas/manifest.schema.json"),
        }
    }
}

/// A schema of ours cannot be used: a fault of the program and not of its input.
#[derive(Debug, thiserror::Error)]
#[error("a schema of tfadir itself is faulty: {0}\nhelp: please report this")]
pub struct SchemaError(String);

/// All schemas, as one directory publishes them.
#[derive(Debug)]
pub struct Schemas {
    documents: Vec<(Name, Value)>,
    base: String,
}

impl Schemas {
    /// The schemas of a directory whose API is served under `api` (an address that ends in `/`),
    /// whose categories have these ids, and whose settings may speak of these rules.
    ///
    /// Their `$id`s are the addresses at which they are published; the entry schema lists the
    /// categories, that of the settings the rules.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] where a compiled-in schema is no JSON.
    pub fn new<'c, 'r>(
        api: &str,
        categories: impl IntoIterator<Item = &'c str>,
        rules: impl IntoIterator<Item = &'r str>,
    ) -> Result<Self, SchemaError> {
        let base = format!("{api}schemas/");
        let mut documents = Vec::with_capacity(Name::ALL.len());
        for name in Name::ALL {
            let mut document: Value = serde_json::from_str(name.text())
                .map_err(|error| SchemaError(error.to_string()))?;
            document["$id"] = Value::from(format!("{base}{}", name.file()));
            documents.push((name, document));
        }
        let mut list = |name, definition: &str, values: Vec<&str>| {
            for (_, document) in documents.iter_mut().filter(|(it, _)| *it == name) {
                document["$defs"][definition]["enum"] = Value::from(values.clone());
            }
        };
        list(Name::Entry, "category", categories.into_iter().collect());
        list(Name::Directory, "rule", rules.into_iter().collect());
        Ok(Self { documents, base })
    }

    /// The schemas in their published form, each with its name.
    pub fn documents(&self) -> impl Iterator<Item = (Name, &Value)> {
        self.documents.iter().map(|(name, document)| (*name, document))
    }

    /// The members of the object that a part of a schema describes, in the schema's order. The part
    /// is a JSON pointer.
    pub fn members(&self, name: Name, part: &str) -> Vec<String> {
        let object = self.document(name).pointer(part);
        let members = object.and_then(|object| object["properties"].as_object());
        members.into_iter().flat_map(|members| members.keys().cloned()).collect()
    }

    /// One schema in its published form.
    pub fn document(&self, name: Name) -> &Value {
        const NOTHING: &Value = &Value::Null;
        self.documents().find(|(it, _)| *it == name).map_or(NOTHING, |(_, document)| document)
    }

    /// A validator for a schema as a whole; see [`Self::validators`].
    ///
    /// # Errors
    ///
    /// [`SchemaError`] where the schema does not compile.
    pub fn validator(&self, name: Name) -> Result<Validator, SchemaError> {
        self.validators([(name, "")]).map(|[validator]| validator)
    }

    /// Validators for schemas as a whole or for parts of them, given as JSON pointers such as
    /// `/$defs/sites`. Formats are checked, patterns take linear time, and nothing is fetched.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] where a schema or part does not compile.
    pub fn validators<const N: usize>(
        &self,
        parts: [(Name, &str); N],
    ) -> Result<[Validator; N], SchemaError> {
        let faulty = |error: &dyn std::fmt::Display| SchemaError(error.to_string());
        let address = |name: Name| format!("{}{}", self.base, name.file());
        let mut registry = Registry::new();
        for (name, document) in self.documents() {
            registry = registry.add(address(name), document).map_err(|error| faulty(&error))?;
        }
        let registry = registry.prepare().map_err(|error| faulty(&error))?;
        let mut validators = Vec::with_capacity(N);
        for (name, part) in parts {
            let validator = jsonschema::options_for::<Borrowed>()
                .offline()
                .with_registry(&registry)
                .with_pattern_options(PatternOptions::regex())
                .should_validate_formats(true)
                .build(&serde_json::json!({ "$ref": format!("{}#{part}", address(name)) }))
                .map_err(|error| faulty(&error))?;
            validators.push(validator);
        }
        let count = |them: Vec<_>| SchemaError(format!("{} of {N} validators", them.len()));
        validators.try_into().map_err(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_compiles() {
        let schemas = Schemas::new("https://api.example/", ["backup"], ["subdomain"]).unwrap();
        for name in Name::ALL {
            schemas.validator(name).unwrap();
        }
    }

    #[test]
    fn formats_are_really_checked() {
        let schemas = Schemas::new("https://api.example/", ["email"], []).unwrap();
        let validator = schemas.validator(Name::Entry).unwrap();
        let is_valid = |member: &str, value: &str| {
            let text =
                r#"{"X":{"domain":"x.example","contact":{"twitter":"x"},"categories":["email"]}}"#;
            let text = match member {
                "email" => text.replace(r#""twitter":"x""#, &format!(r#""email":"{value}""#)),
                "domain" => text.replace("x.example", value),
                _ => text
                    .replace(r#""categories""#, &format!(r#""{member}":"{value}","categories""#)),
            };
            validator.is_valid(&crate::source::json::parse(&text).unwrap().value)
        };
        for (member, good, bad) in [
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
            assert!(is_valid(member, good), "{member}: {good}");
            assert!(!is_valid(member, bad), "{member}: {bad}");
        }
    }

    #[test]
    fn every_member_has_a_description_and_every_definition_a_title() {
        let schemas = Schemas::new("https://api.example/", [], []).unwrap();
        for (name, document) in schemas.documents() {
            assert_described(name.file(), document);
        }
    }

    fn assert_described(path: &str, schema: &Value) {
        let Some(members) = schema.as_object() else {
            return;
        };
        for (keyword, parts) in members {
            if keyword == "properties"
                && !path.contains("custom-")
                && !path.ends_with("mixed-regions")
            {
                for (member, part) in parts.as_object().unwrap() {
                    let path = format!("{path}/{member}");
                    let is_reference = part.get("$ref").is_some();
                    assert!(is_reference || part.get("title").is_some(), "{path} has no title");
                    let description = part.get("description");
                    assert!(is_reference && member == "count" || description.is_some(), "{path}");
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
