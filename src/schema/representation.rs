//! How jsonschema looks into a [`Json`] document.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json as Representation, Node, NodeIdentity, Object, cmp, unique};
use serde_json::{Number, Value};

use crate::source::json::{Fields, Iter, Json};

/// A validator of [`Json`] documents.
pub type Validator = jsonschema::Validator<Borrowed>;

/// Up to this many elements are compared each with each.
const FEW: usize = 32;

/// Marks [`Json`] as a representation that jsonschema can validate.
#[derive(Debug)]
pub struct Borrowed;

impl Representation for Borrowed {
    type Node<'a> = &'a Json<'a>;
    type PreparedKey = String;
    type StringBuffer = Json<'static>;

    /// A look-up goes through the fields one by one.
    const KEYS_PER_LOOKUP: usize = 4;

    fn prepare_key(key: &str) -> String {
        key.to_owned()
    }

    fn with_string_node<T>(
        buffer: &mut Json<'static>,
        string: &str,
        f: impl for<'a> FnOnce(&'a Json<'a>) -> T,
    ) -> T {
        *buffer = Json::String(Cow::Owned(string.to_owned()));
        f(buffer)
    }
}

impl<'a> Node<'a, Borrowed> for &'a Json<'a> {
    type Object = &'a Fields<'a>;
    type Array = &'a [Json<'a>];
    type Number = &'a Number;

    fn as_object(&self) -> Option<&'a Fields<'a>> {
        Json::as_object(self)
    }

    fn as_array(&self) -> Option<&'a [Json<'a>]> {
        Json::as_array(self)
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        Json::as_str(self).map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<&'a Number> {
        match self {
            Json::Number(number) => Some(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self {
            Json::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self, Json::Null)
    }

    fn json_type(&self) -> JsonType {
        match self {
            Json::Null => JsonType::Null,
            Json::Bool(_) => JsonType::Boolean,
            Json::Number(_) => JsonType::Number,
            Json::String(_) => JsonType::String,
            Json::Array(_) => JsonType::Array,
            Json::Object(_) => JsonType::Object,
        }
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self, expected) {
            (Json::String(text), Value::String(expected)) => text == expected,
            (Json::String(_), _) | (_, Value::String(_)) => false,
            _ => cmp::equal(&self.to_value(), expected),
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(Json::to_value(self))
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref::<Json<'_>>(self).addr()))
    }
}

impl<'a> Object<'a, Borrowed> for &'a Fields<'a> {
    type Node = &'a Json<'a>;
    type MemberName = &'a str;
    type MembersIter = Iter<'a, 'a>;

    fn len(&self) -> usize {
        Fields::len(self)
    }

    fn get(&self, key: &String) -> Option<&'a Json<'a>> {
        Fields::get(self, key)
    }

    fn members(&self) -> Self::MembersIter {
        self.iter()
    }
}

impl<'a> Array<'a, Borrowed> for &'a [Json<'a>] {
    type Node = &'a Json<'a>;
    type ElementsIter = std::slice::Iter<'a, Json<'a>>;

    fn len(&self) -> usize {
        <[Json<'_>]>::len(self)
    }

    fn elements(&self) -> Self::ElementsIter {
        self.iter()
    }

    fn is_unique(&self) -> bool {
        let are_few_strings =
            self.len() <= FEW && self.iter().all(|it| matches!(it, Json::String(_)));
        if are_few_strings {
            return (1..self.len()).all(|index| !self[..index].contains(&self[index]));
        }
        let values: Vec<Cow<'_, Value>> = self.iter().map(Json::to_value).map(Cow::Owned).collect();
        unique::is_unique(&values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::json::parse;

    fn is_valid(schema: &str, document: &str) -> bool {
        let schema = serde_json::from_str(schema).unwrap();
        let validator = jsonschema::options_for::<Borrowed>().build(&schema).unwrap();
        let parsed = parse(document).unwrap();
        let by_ours = validator.is_valid(&parsed.value);
        let by_theirs = jsonschema::is_valid(&schema, &serde_json::from_str(document).unwrap());
        assert_eq!(by_ours, by_theirs, "{document}");
        by_ours
    }

    #[test]
    fn documents_are_judged_as_those_of_serde_json_are() {
        let unique = r#"{"uniqueItems": true}"#;
        assert!(is_valid(unique, r#"["a", "b", 1]"#));
        assert!(!is_valid(unique, r#"["a", "b", "a"]"#));
        assert!(!is_valid(unique, "[1, 1.0]"));
        let many: Vec<usize> = (0..100).map(|it| it % 99).collect();
        assert!(!is_valid(unique, &format!("{many:?}")));

        let choice = r#"{"enum": ["é", 1, null, {"a": [2]}]}"#;
        for (document, valid) in [
            (r#""é""#, true),
            (r#""\u00e9""#, true),
            ("1.0", true),
            ("null", true),
            (r#"{"a":[2]}"#, true),
            (r#""1""#, false),
            ("false", false),
        ] {
            assert_eq!(is_valid(choice, document), valid, "{document}");
        }

        let length = r#"{"minLength": 2, "maxLength": 2, "type": "string"}"#;
        assert!(is_valid(length, r#""😀é""#));
        assert!(!is_valid(length, r#""é""#));
        assert!(!is_valid(length, "12"));

        let names =
            r#"{"propertyNames": {"pattern": "^a"}, "maxProperties": 1, "required": ["ab"]}"#;
        assert!(is_valid(names, r#"{"ab": true}"#));
        assert!(!is_valid(names, r#"{"b": true}"#));
        assert!(!is_valid(names, r#"{"ab": true, "a": 1}"#));
        assert!(!is_valid(names, "{}"));
        assert!(is_valid(r#"{"type": "integer", "minimum": 1}"#, "1"));
        assert!(!is_valid(r#"{"type": "integer", "minimum": 1}"#, "0.5"));
        assert!(is_valid(r#"{"type": "boolean"}"#, "true"));
    }
}
