//! The lists of a directory: JSON objects in files of the root, or else built-in lists.

use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Files, SettingsProblem, invalid, json_problem, read};
use crate::failure::Result;
use crate::finding::Stage;
use crate::source::document::escape;
use crate::source::{Location, json};

/// All categories, in the order of their file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Categories(pub(super) Map<String, Value>);

/// The domains of sites that the directory does not list, each with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct Excluded(pub(super) Map<String, Value>);

impl Categories {
    /// The ids, in the order of their file.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The title of a category; empty if there is none.
    pub(crate) fn title(&self, id: &str) -> &str {
        self.0
            .get(id)
            .and_then(|category| category["title"].as_str())
            .unwrap_or_default()
    }

    /// The ids and titles, in the order of their file.
    pub(crate) fn titles(&self) -> impl Iterator<Item = (&str, &str)> {
        self.ids().map(|id| (id, self.title(id)))
    }

    /// Some of the categories, as in the file, in the order of `ids`.
    pub(crate) fn only(&self, ids: &[&str]) -> Map<String, Value> {
        let mut known = Map::new();
        for id in ids {
            if let Some(category) = self.0.get(*id) {
                known.insert((*id).to_owned(), category.clone());
            }
        }
        known
    }
}

impl Excluded {
    /// The excluded domain that matches a domain or one of its parent domains, with the reason.
    pub(crate) fn find(&self, domain: &str) -> Option<(&str, &str)> {
        let mut suffix = domain;
        loop {
            if let Some((excluded, exclusion)) = self.0.get_key_value(suffix) {
                let reason = exclusion["reason"].as_str().unwrap_or_default();
                return Some((excluded, reason));
            }
            suffix = suffix.split_once('.')?.1;
        }
    }
}

/// The description of a list.
pub(super) struct ListFile {
    /// The rule under which its problems are reported.
    rule: Stage,
    /// Its possible paths in a root, by preference.
    files: &'static [&'static str],
    /// The list of a root without such a file.
    built_in: &'static str,
    /// What an item is, and its format.
    item: (&'static str, &'static str),
    /// Checks the form of an item.
    check: fn(&Value) -> serde_json::Result<()>,
}

pub(super) const CATEGORIES: ListFile = ListFile {
    rule: Stage::Categories,
    // The second path is used in older trees, where categories have more fields.
    files: &["schemas/categories.json", "tests/categories.json"],
    built_in: include_str!("../../schemas/categories.json"),
    item: (
        "a category",
        r#"`"id": { "title": "Name of the category" }`"#,
    ),
    check: check_category,
};

pub(super) const EXCLUDED: ListFile = ListFile {
    rule: Stage::Excluded,
    files: &["schemas/excluded.json"],
    built_in: "{}",
    item: (
        "an excluded site",
        r#"`"example.com": { "reason": "Why." }`"#,
    ),
    check: check_exclusion,
};

fn check_category(value: &Value) -> serde_json::Result<()> {
    #[derive(Deserialize)]
    struct Category {
        #[serde(rename = "title")]
        _title: String,
    }
    Category::deserialize(value).map(drop)
}

fn check_exclusion(value: &Value) -> serde_json::Result<()> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Exclusion {
        #[serde(rename = "reason")]
        _reason: String,
    }
    Exclusion::deserialize(value).map(drop)
}

impl ListFile {
    pub(super) fn load(&self, files: &dyn Files) -> Result<Map<String, Value>> {
        for path in self.files.iter().map(Path::new) {
            if let Some(text) = read(files, path, self.rule)? {
                return self.items(files, path, text);
            }
        }
        self.items(files, Path::new(self.files[0]), self.built_in.to_owned())
    }

    fn items(&self, files: &dyn Files, path: &Path, text: String) -> Result<Map<String, Value>> {
        match self.parse(&text) {
            Ok(items) => Ok(items),
            Err(problem) => Err(invalid(files.root(), path, text, self.rule, [problem]).into()),
        }
    }

    fn parse(&self, text: &str) -> Result<Map<String, Value>, SettingsProblem> {
        let (item, form) = self.item;
        let help = Some(format!("Write {item} as {form}."));
        let value = json::parse(text)
            .map_err(|error| json_problem(text, &error))?
            .value;
        let Value::Object(items) = value else {
            return Err((
                Location::File,
                "this file is not a JSON object".to_owned(),
                help,
            ));
        };
        for (name, value) in &items {
            if let Err(error) = (self.check)(value) {
                let location = Location::Name(format!("/{}", escape(name)));
                return Err((location, format!("this is not {item}: {error}"), help));
            }
        }
        Ok(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_lists_are_valid() {
        let categories = Categories(CATEGORIES.parse(CATEGORIES.built_in).unwrap());
        assert!(categories.ids().is_sorted());
        assert!(categories.ids().any(|id| id == "email"));
        EXCLUDED.parse(EXCLUDED.built_in).unwrap();
    }

    #[test]
    fn categories_of_older_trees_have_more_fields() {
        CATEGORIES
            .parse(r#"{"a": {"icon": "&#xF80E;", "name": "a", "title": "A"}}"#)
            .unwrap();
    }

    #[test]
    fn an_invalid_item_is_refused_with_its_location() {
        let (location, _, _) = CATEGORIES
            .parse(r#"{"a": {"title": "A"}, "b": {}}"#)
            .unwrap_err();
        assert_eq!(location, Location::Name("/b".into()));
        let list = r#"{"a.example": {"reason": "Why.", "else": 1}}"#;
        assert_eq!(
            EXCLUDED.parse(list).unwrap_err().0,
            Location::Name("/a.example".into())
        );
    }

    #[test]
    fn an_excluded_domain_excludes_its_subdomains() {
        let list = r#"{"duo.example": {"reason": "Because."}}"#;
        let excluded = Excluded(EXCLUDED.parse(list).unwrap());
        assert_eq!(
            excluded.find("duo.example"),
            Some(("duo.example", "Because."))
        );
        assert_eq!(excluded.find("a.b.duo.example").unwrap().0, "duo.example");
        assert_eq!(excluded.find("tryduo.example"), None);
        assert_eq!(excluded.find("example"), None);
    }
}
