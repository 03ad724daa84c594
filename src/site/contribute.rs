//! The format of an entry, for contributors.

use minijinja::value::Serde;
use minijinja::{Value, context};
use serde_json::json;

use super::context::SiteContext;
use super::fields::{conditions, fields};
use crate::check;
use crate::schema::{self, Input, Schemas};

/// The parts of the entry schema that the page about contributing shows.
pub(crate) fn form(site: &SiteContext<'_>) -> Value {
    let schemas = &site.directory.schemas;
    let categories: Vec<&str> = site.directory.categories.ids().collect();
    let category = categories
        .iter()
        .find(|it| **it == "banking")
        .or(categories.first());
    let (domain, example) = example(schemas, category.unwrap_or(&"other"));
    let first = domain.chars().next().unwrap_or_default();
    context! {
        inputs => Serde(inputs(site)),
        // `HEAD` is the default branch.
        new_file => site.github().map(|repository| format!("{repository}/new/HEAD")),
        icon => format!("{first}/{domain}.svg"),
        icons => check::icon_requirements(),
        fields => Serde(fields(schemas, schema::ENTRY, "/$defs/entry")),
        contact => Serde(fields(schemas, schema::ENTRY, "/$defs/contact")),
        conditions => conditions(schemas, schema::ENTRY, "/$defs/entry"),
        contact_conditions => conditions(schemas, schema::ENTRY, "/$defs/contact"),
        example,
        path => site.directory.home(&domain).to_string_lossy(),
        categories => Serde(categories),
    }
}

/// The inputs of the form. The categories have their titles.
fn inputs(site: &SiteContext<'_>) -> Vec<Input> {
    let mut inputs = schema::inputs(site.directory.schemas.document(schema::ENTRY));
    for (category, title) in inputs
        .iter_mut()
        .filter(|it| it.id == "categories")
        .flat_map(|it| &mut it.choices)
    {
        site.directory.categories.title(category).clone_into(title);
    }
    inputs
}

/// The domain and the text of an example entry file, built from the examples in the schema.
fn example(schemas: &Schemas, category: &str) -> (String, String) {
    let example = |definition: &str| {
        let examples = schemas
            .document(schema::ENTRY)
            .pointer(&format!("/$defs/{definition}/examples"));
        examples
            .and_then(|it| it[0].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let domain = example("domain");
    let mut file = json!({});
    file[example("name")] = json!({
        "domain": domain,
        "tfa": ["totp", "u2f"],
        "documentation": example("address"),
        "categories": [category],
    });
    (domain, format!("{file:#}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::json;

    #[test]
    fn the_example_meets_the_schema() {
        let schemas = Schemas::new(
            "https://api.example/",
            [("banking", "Banking")],
            &schema::Tables::default(),
        )
        .unwrap();
        let (domain, text) = example(&schemas, "banking");
        assert_eq!(domain, "example.com");
        let validator = schemas.validator(schema::ENTRY).unwrap();
        assert!(
            validator.is_valid(&json::parse(&text).unwrap().value),
            "{text}"
        );
    }
}
