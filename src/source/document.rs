//! Parses a text again, more slowly, to turn locations into ranges of bytes. Only files with
//! findings need it.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::errors::ParseError;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use toml::de::{DeTable, DeValue};

/// JSON as in RFC 8259, without extensions.
pub(crate) const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// A symbolic location in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// The file as a whole.
    File,
    /// A range of bytes of the text.
    Bytes(Range<usize>),
    /// The name of the field at this JSON pointer (RFC 6901); for an array's element, its value.
    Name(String),
    /// The value at this JSON pointer (RFC 6901).
    Value(String),
}

/// A parsed text with the positions of its parts.
#[derive(Debug)]
pub(crate) enum Document<'t> {
    Json(ast::Value<'t>),
    Toml(toml::Spanned<DeTable<'t>>),
}

impl<'t> Document<'t> {
    /// Parses JSON strictly; `None` for an empty text.
    pub(crate) fn json(text: &'t str) -> Result<Option<Self>, ParseError> {
        let parsed = parse_to_ast(text, &CollectOptions::default(), &STRICT)?;
        Ok(parsed.value.map(Self::Json))
    }

    pub(crate) fn toml(text: &'t str) -> Result<Self, toml::de::Error> {
        DeTable::parse(text).map(Self::Toml)
    }

    /// The range of bytes of a location; `None` for the file as a whole and for missing fields.
    pub(crate) fn locate(&self, location: &Location) -> Option<Range<usize>> {
        let (pointer, wants_name) = match location {
            Location::File => return None,
            Location::Bytes(range) => return Some(range.clone()),
            Location::Name(pointer) => (pointer, true),
            Location::Value(pointer) => (pointer, false),
        };
        let (mut node, mut value) = match self {
            Self::Json(root) => (Node::Json(root), bytes(root)),
            Self::Toml(root) => (Node::Table(root.get_ref()), root.span()),
        };
        let mut name = None;
        for step in pointer.split('/').skip(1).map(unescape) {
            (name, value, node) = node.child(&step)?;
        }
        match name {
            Some(name) if wants_name => Some(name),
            _ => Some(value),
        }
    }

    /// Every field that occurs twice in an object of this JSON document:
    /// (its name, its first range, its second range), in the text's order; at most a hundred.
    pub(crate) fn duplicate_fields(&self) -> Vec<(String, Range<usize>, Range<usize>)> {
        let mut duplicates = Vec::new();
        if let Self::Json(value) = self {
            collect_duplicates(value, &mut duplicates);
        }
        duplicates.sort_by_key(|(_, _, again)| again.start);
        duplicates.truncate(100);
        duplicates
    }
}

/// A value of a document.
enum Node<'d, 't> {
    Json(&'d ast::Value<'t>),
    Table(&'d DeTable<'t>),
    Toml(&'d DeValue<'t>),
}

impl Node<'_, '_> {
    /// The range of a field's name, and the range and value of a field or element.
    fn child(self, step: &str) -> Option<(Option<Range<usize>>, Range<usize>, Self)> {
        match self {
            Self::Json(ast::Value::Object(object)) => {
                // If a field occurs twice, the last one counts, as in the value.
                let field = object
                    .properties
                    .iter()
                    .rfind(|field| field.name.as_str() == step)?;
                Some((
                    Some(bytes(&field.name)),
                    bytes(&field.value),
                    Self::Json(&field.value),
                ))
            }
            Self::Json(ast::Value::Array(array)) => {
                let element = array.elements.get(step.parse::<usize>().ok()?)?;
                Some((None, bytes(element), Self::Json(element)))
            }
            Self::Table(table) | Self::Toml(DeValue::Table(table)) => {
                let (key, value) = table.get_key_value(step)?;
                Some((Some(key.span()), value.span(), Self::Toml(value.get_ref())))
            }
            Self::Toml(DeValue::Array(array)) => {
                let element = array.get(step.parse::<usize>().ok()?)?;
                Some((None, element.span(), Self::Toml(element.get_ref())))
            }
            Self::Json(_) | Self::Toml(_) => None,
        }
    }
}

fn collect_duplicates(
    value: &ast::Value<'_>,
    duplicates: &mut Vec<(String, Range<usize>, Range<usize>)>,
) {
    match value {
        ast::Value::Object(object) => {
            let mut seen = std::collections::HashMap::new();
            for field in &object.properties {
                let name = field.name.as_str();
                let here = bytes(&field.name);
                match seen.get(name) {
                    Some(first) => {
                        duplicates.push((name.to_owned(), Range::clone(first), here));
                    }
                    None => {
                        seen.insert(name, here);
                    }
                }
                collect_duplicates(&field.value, duplicates);
            }
        }
        ast::Value::Array(array) => {
            for element in &array.elements {
                collect_duplicates(element, duplicates);
            }
        }
        _ => {}
    }
}

pub(crate) fn bytes(ranged: &impl Ranged) -> Range<usize> {
    ranged.start()..ranged.end()
}

/// One reference token of a JSON pointer without its escapes (RFC 6901, section 4).
pub(crate) fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// One field name as a reference token of a JSON pointer (RFC 6901, section 3).
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const JSON: &str = r#"{ "A/B": { "tfa": ["sms", "sms"], "tfa": ["x", "totp"] } }"#;

    fn at(location: &Location) -> &'static str {
        let document = Document::json(JSON).unwrap().unwrap();
        &JSON[document.locate(location).unwrap()]
    }

    #[test]
    fn a_pointer_finds_the_name_and_the_value() {
        assert_eq!(at(&Location::Name("/A~1B".into())), r#""A/B""#);
        assert_eq!(at(&Location::Name("/A~1B/tfa".into())), r#""tfa""#);
        assert_eq!(at(&Location::Value("/A~1B/tfa/1".into())), r#""totp""#);
        assert_eq!(at(&Location::Name("/A~1B/tfa/1".into())), r#""totp""#);
        assert_eq!(at(&Location::Value(String::new())), JSON);
    }

    #[test]
    fn a_pointer_to_nothing_finds_nothing() {
        let document = Document::json(JSON).unwrap().unwrap();
        for pointer in ["/A", "/A~1B/tfa/2", "/A~1B/tfa/x", "/A~1B/tfa/0/x"] {
            assert_eq!(
                document.locate(&Location::Value(pointer.into())),
                None,
                "{pointer}"
            );
        }
    }

    #[test]
    fn duplicate_fields_are_listed_with_both_locations() {
        let document = Document::json(JSON).unwrap().unwrap();
        let duplicates = document.duplicate_fields();
        assert_eq!(duplicates.len(), 1);
        let (name, first, again) = &duplicates[0];
        assert_eq!((name.as_str(), &JSON[first.clone()]), ("tfa", r#""tfa""#));
        assert!(first.start < again.start);
    }

    #[test]
    fn toml_has_places_too() {
        let text = "name = 'x'\n[[versions]]\nnumber = 3\n[[versions]]\nnumber = 4\n";
        let document = Document::toml(text).unwrap();
        let value = document.locate(&Location::Value("/versions/1/number".into()));
        assert_eq!(&text[value.unwrap()], "4");
        let name = document.locate(&Location::Name("/name".into()));
        assert_eq!(&text[name.unwrap()], "name");
    }
}
