//! The fields of an entry as people fill them in: the options of `tfadir new`, its questions, and
//! the form on the pages.

use serde::Serialize;
use serde_json::Value;

/// A field of an entry or of its contact, or the site's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Input {
    /// Its name in options and forms, such as `tfa` or `contact-email`.
    pub(crate) id: String,
    /// The JSON pointer from the entry to the field; empty for the site's name.
    pub(crate) pointer: String,
    /// What it contains, as a noun, such as `e-mail address`.
    pub(crate) title: String,
    /// Sentences in Markdown.
    pub(crate) about: String,
    pub(crate) is_required: bool,
    pub(crate) is_list: bool,
    /// Whether the value, or each element, can be any text, even with commas.
    pub(crate) is_free_text: bool,
    /// The values of an enumeration with their meanings.
    pub(crate) choices: Vec<(String, String)>,
}

/// The site's name and all fields of the entry schema, in its order. An object's fields replace it.
pub(crate) fn inputs(schema: &Value) -> Vec<Input> {
    let name = &schema["$defs"]["name"];
    let name = input(schema, name, "name".to_owned(), String::new());
    let mut inputs = vec![Input {
        is_required: true,
        ..name
    }];
    collect(schema, &schema["$defs"]["entry"], "", &mut inputs);
    inputs
}

/// The words that people write instead of others, by kind, as in `schemas/aliases.json`.
pub(crate) fn aliases(kind: &str) -> Value {
    // A test of the table shows that it is valid.
    let aliases: Value =
        serde_json::from_str(include_str!("../../schemas/aliases.json")).unwrap_or_default();
    aliases[kind].clone()
}

fn collect(root: &Value, object: &Value, parent: &str, inputs: &mut Vec<Input>) {
    for (name, field) in object["properties"].as_object().into_iter().flatten() {
        let pointer = format!("{parent}/{name}");
        let target = resolve(root, field);
        if target["type"] == "object" {
            collect(root, target, &pointer, inputs);
            continue;
        }
        let required = object["required"].as_array();
        let is_required = required.is_some_and(|all| all.iter().any(|field| field == name));
        let id = pointer[1..].replace('/', "-");
        inputs.push(Input {
            is_required,
            ..input(root, field, id, pointer)
        });
    }
}

/// A field that may be left out.
fn input(root: &Value, field: &Value, id: String, pointer: String) -> Input {
    let target = resolve(root, field);
    let is_list = target["type"] == "array";
    let item = if is_list {
        resolve(root, &target["items"])
    } else {
        target
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let about = field.get("description").unwrap_or(&target["description"]);
    let values = item["enum"].as_array().into_iter().flatten().enumerate();
    Input {
        id,
        pointer,
        title: text(&target["title"]),
        about: text(about),
        is_required: false,
        is_list,
        is_free_text: item.get("minLength").is_some(),
        choices: values
            .map(|(at, choice)| (text(choice), text(&item["enumDescriptions"][at])))
            .collect(),
    }
}

/// A schema with its reference followed, which is `#` and a JSON pointer.
fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    let pointer = schema["$ref"]
        .as_str()
        .and_then(|pointer| pointer.strip_prefix('#'));
    pointer
        .map_or(Some(schema), |pointer| root.pointer(pointer))
        .unwrap_or(schema)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::URL_FIELDS;

    #[test]
    fn the_rules_and_the_form_know_every_url_of_the_entry_schema() {
        let schema: Value = serde_json::from_str(crate::schema::ENTRY.text).unwrap();
        let fields = schema["$defs"]["entry"]["properties"].as_object().unwrap();
        let urls = fields
            .iter()
            .filter(|(_, field)| field["$ref"] == "#/$defs/address")
            .map(|(name, _)| name.as_str());
        assert_eq!(urls.collect::<Vec<_>>(), URL_FIELDS);
        // The other one is `contact.form`.
        let number = crate::schema::ENTRY.text.matches("#/$defs/address\"");
        assert_eq!(number.count(), URL_FIELDS.len() + 1);
    }

    #[test]
    fn every_field_of_the_entry_schema_is_an_input() {
        let schema = serde_json::from_str(crate::schema::ENTRY.text).unwrap();
        let inputs = inputs(&schema);
        let ids: Vec<&str> = inputs.iter().map(|input| input.id.as_str()).collect();
        assert_eq!(ids[..3], ["name", "domain", "additional-domains"]);
        assert!(ids.contains(&"contact-email") && !ids.contains(&"contact"));
        assert!(
            inputs
                .iter()
                .all(|input| !input.about.is_empty() && !input.title.is_empty())
        );
        let required = inputs
            .iter()
            .filter(|input| input.is_required)
            .map(|input| input.id.as_str());
        assert_eq!(
            required.collect::<Vec<_>>(),
            ["name", "domain", "categories"]
        );
        let free = inputs
            .iter()
            .filter(|input| input.is_free_text)
            .map(|input| input.id.as_str());
        assert_eq!(
            free.collect::<Vec<_>>(),
            ["name", "custom-software", "custom-hardware", "notes"]
        );
        let tfa = inputs.iter().find(|input| input.id == "tfa").unwrap();
        assert!(tfa.is_list && tfa.choices[3].0 == "totp" && tfa.choices[3].1.contains("6238"));
    }
}
