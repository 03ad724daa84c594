//! The form of an entry, for those who write one.

use serde::Serialize;
use serde_json::json;

use super::context::SiteContext;
use super::fields::{Field, conditions, fields};
use crate::schema::{self, Schemas};

/// What the page about contributing shows of the entry schema.
#[derive(Debug, Serialize)]
pub(crate) struct Form {
    fields: Vec<Field>,
    contact: Vec<Field>,
    /// What relates fields, each a sentence in Markdown.
    conditions: Vec<String>,
    contact_conditions: Vec<String>,
    /// A whole entry file.
    example: String,
    /// Its path.
    path: String,
    categories: Vec<String>,
}

/// The form of this directory's entries.
pub(crate) fn form(site: &SiteContext<'_>) -> Form {
    let schemas = &site.directory.schemas;
    let categories: Vec<String> = site.directory.categories.ids().map(str::to_owned).collect();
    let category = categories.iter().find(|it| *it == "banking").or(categories.first());
    let (path, example) = example(schemas, category.map_or("other", String::as_str));
    Form {
        fields: fields(schemas, schema::ENTRY, "/$defs/entry"),
        contact: fields(schemas, schema::ENTRY, "/$defs/contact"),
        conditions: conditions(schemas, schema::ENTRY, "/$defs/entry"),
        contact_conditions: conditions(schemas, schema::ENTRY, "/$defs/contact"),
        example,
        path,
        categories,
    }
}

/// An entry file of the schema's own examples, with its path below the root.
fn example(schemas: &Schemas, category: &str) -> (String, String) {
    let example = |definition: &str| {
        let examples =
            schemas.document(schema::ENTRY).pointer(&format!("/$defs/{definition}/examples"));
        examples.and_then(|it| it[0].as_str()).unwrap_or_default().to_owned()
    };
    let domain = example("domain");
    let mut file = json!({});
    file[example("name")] = json!({
        "domain": domain,
        "tfa": ["totp", "u2f"],
        "documentation": example("address"),
        "categories": [category],
    });
    let first = domain.chars().next().unwrap_or_default();
    (format!("entries/{first}/{domain}.json"), format!("{file:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::json;

    #[test]
    fn the_example_meets_the_schema() {
        let schemas =
            Schemas::new("https://api.example/", ["banking"], &schema::Tables::default()).unwrap();
        let (path, text) = example(&schemas, "banking");
        assert_eq!(path, "entries/e/example.com.json");
        let validator = schemas.validator(schema::ENTRY).unwrap();
        assert!(validator.is_valid(&json::parse(&text).unwrap().value), "{text}");
    }
}
