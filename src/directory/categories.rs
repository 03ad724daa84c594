//! The categories of a directory.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{DirectoryError, invalid, read};
use crate::source::document::escape;
use crate::source::{Document, Location, json};

/// The id under which faults of the categories are reported.
const RULE: &str = "categories";

/// Where a root may have its categories, by preference; the second is that of older trees.
const FILES: [&str; 2] = ["schemas/categories.json", "tests/categories.json"];

/// All categories, in the order of their file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Categories(Map<String, Value>);

/// What is known of one category; a root's file may say more.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Category {
    /// What people read.
    pub(crate) title: String,
}

impl Categories {
    /// Some of the categories as the file has them, in the order of `ids`.
    pub(crate) fn only(&self, ids: &[&str]) -> Map<String, Value> {
        let known = ids.iter().filter_map(|id| self.0.get_key_value(*id));
        known.map(|(id, category)| (id.clone(), category.clone())).collect()
    }

    /// The ids, in the order of their file.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Reads the categories of a root, or takes the built-in ones where it has none.
pub(super) fn load(root: &Path) -> Result<Categories, DirectoryError> {
    for path in FILES {
        let path = Path::new(path);
        if let Some(text) = read(root, path, RULE)? {
            return parse(&text).map_err(|problem| invalid(root, path, text, RULE, [problem]));
        }
    }
    let built_in = include_str!("../../schemas/categories.json");
    parse(built_in)
        .map_err(|problem| invalid(root, Path::new(FILES[0]), built_in.to_owned(), RULE, [problem]))
}

fn parse(text: &str) -> Result<Categories, (Location, String, Option<String>)> {
    let help = || {
        Some("A category is written as `\"id\": { \"title\": \"What people read\" }`.".to_owned())
    };
    let fields = match json::parse(text) {
        Ok(parsed) => match parsed.value {
            Value::Object(fields) => fields,
            _ => return Err((Location::File, "this is no group of categories".to_owned(), help())),
        },
        Err(error) => {
            let location = match Document::json(text) {
                Err(fault) => Location::Bytes(fault.range().start..fault.range().end),
                Ok(_) => Location::File,
            };
            return Err((location, format!("this is no JSON: {error}"), help()));
        }
    };
    for (id, category) in &fields {
        if let Err(error) = Category::deserialize(category) {
            let location = Location::Name(format!("/{}", escape(id)));
            return Err((location, format!("this is no category: {error}"), help()));
        }
    }
    Ok(Categories(fields))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_categories_are_valid_and_sorted() {
        let categories = parse(include_str!("../../schemas/categories.json")).unwrap();
        assert!(categories.ids().is_sorted());
        assert!(categories.ids().any(|id| id == "email"));
    }

    #[test]
    fn categories_of_older_trees_have_further_fields() {
        parse(r#"{"a": {"icon": "&#xF80E;", "name": "a", "title": "A"}}"#).unwrap();
    }

    #[test]
    fn a_category_without_title_is_refused_with_its_place() {
        let (location, _, _) = parse(r#"{"a": {"title": "A"}, "b": {}}"#).unwrap_err();
        assert_eq!(location, Location::Name("/b".into()));
    }
}
