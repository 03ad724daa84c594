//! A JSON document that borrows from its text.
//!
//! `serde_json` parses and writes it. Compared with `serde_json::Value` it allocates a sixth as often,
//! which is what reading thousands of small files is about, and it keeps a field that is given
//! twice. `schema::representation` lets jsonschema look into it.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, Serializer};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

/// A JSON value (RFC 8259).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Json<'t> {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string; borrowed from the text unless it has escapes.
    String(Cow<'t, str>),
    /// An array.
    Array(Vec<Json<'t>>),
    /// An object.
    Object(Fields<'t>),
}

/// The fields of an object in the text's order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Fields<'t>(Vec<(Cow<'t, str>, Json<'t>)>);

/// The fields of an object with their names, in the text's order.
#[derive(Debug, Clone)]
pub struct Iter<'m, 't>(std::slice::Iter<'m, (Cow<'t, str>, Json<'t>)>);

impl<'m, 't> Iterator for Iter<'m, 't> {
    type Item = (&'m str, &'m Json<'t>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next().map(|(name, value)| (name.as_ref(), value))
    }
}

/// A JSON text as a value.
#[derive(Debug)]
pub(crate) struct Parsed<'t> {
    /// The value.
    pub(crate) value: Json<'t>,
    /// Whether any object of the text gives a field twice.
    pub(crate) has_duplicate_field: bool,
}

/// Parses a JSON text, nested at most 128 levels deep.
///
/// # Errors
///
/// The first fault of the text, with its line and column.
pub(crate) fn parse(text: &str) -> Result<Parsed<'_>, serde_json::Error> {
    let duplicate = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Seed { duplicate: &duplicate }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Parsed { value, has_duplicate_field: duplicate.get() })
}

impl<'t> Json<'t> {
    /// The string, if this is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub(crate) fn as_array(&self) -> Option<&[Json<'t>]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The fields, if this is an object.
    pub(crate) fn as_object(&self) -> Option<&Fields<'t>> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// The same value with its texts borrowed from this one.
    pub(crate) fn borrowed(&self) -> Json<'_> {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => Json::Bool(*value),
            Self::Number(number) => Json::Number(number.clone()),
            Self::String(text) => Json::String(Cow::Borrowed(text)),
            Self::Array(elements) => Json::Array(elements.iter().map(Json::borrowed).collect()),
            Self::Object(fields) => Json::Object(fields.iter().map(borrow).collect()),
        }
    }

    /// The same as a value that borrows nothing; of a field given twice it has the last value.
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(number) => Value::Number(number.clone()),
            Self::String(text) => Value::String(text.clone().into_owned()),
            Self::Array(elements) => elements.iter().map(Json::to_value).collect(),
            Self::Object(fields) => {
                fields.iter().map(|(name, value)| (name.to_owned(), value.to_value())).collect()
            }
        }
    }
}

/// A field with its texts borrowed.
pub(crate) fn borrow<'b>((name, value): (&'b str, &'b Json<'_>)) -> (Cow<'b, str>, Json<'b>) {
    (Cow::Borrowed(name), value.borrowed())
}

impl<'t> Fields<'t> {
    /// The value of a field; of one given twice, the first.
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'t>> {
        self.iter().find(|(it, _)| *it == name).map(|(_, value)| value)
    }

    /// Whether there is a field of that name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All fields with their names.
    pub(crate) fn iter(&self) -> Iter<'_, 't> {
        Iter(self.0.iter())
    }

    /// All fields with their names, to be changed.
    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Json<'t>)> {
        self.0.iter_mut().map(|field| (&*field.0, &mut field.1))
    }

    /// Puts the fields into the order of a key made from their names; those with equal keys keep
    /// theirs.
    pub(crate) fn sort_by_key<K: Ord>(&mut self, key: impl Fn(&str) -> K) {
        self.0.sort_by_key(|(name, _)| key(name));
    }

    /// How many fields there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The name and value, where there is exactly one field.
    pub(crate) fn into_only(mut self) -> Option<(Cow<'t, str>, Json<'t>)> {
        self.0.pop().filter(|_| self.0.is_empty())
    }

    fn has_duplicate(&self) -> bool {
        // Entries have a dozen fields; hashing pays only for what is no entry.
        if self.0.len() <= 16 {
            let seen = |index: usize, name: &str| self.0[..index].iter().any(|(it, _)| it == name);
            return self.0.iter().enumerate().any(|(index, (name, _))| seen(index, name));
        }
        let mut seen = HashSet::with_capacity(self.0.len());
        !self.0.iter().all(|(name, _)| seen.insert(name))
    }
}

impl<'m, 't> IntoIterator for &'m Fields<'t> {
    type Item = (&'m str, &'m Json<'t>);
    type IntoIter = Iter<'m, 't>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'t> FromIterator<(Cow<'t, str>, Json<'t>)> for Fields<'t> {
    fn from_iter<I: IntoIterator<Item = (Cow<'t, str>, Json<'t>)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(elements) => elements.serialize(serializer),
            Self::Object(fields) => fields.serialize(serializer),
        }
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self)
    }
}

/// Builds a value and notices duplicate fields on the way.
#[derive(Clone, Copy)]
struct Seed<'c> {
    duplicate: &'c Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Borrowed(value)))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(self)? {
            elements.push(element);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Json<'de>, A::Error> {
        let mut fields = Fields::default();
        while let Some(Name(name)) = access.next_key()? {
            fields.0.push((name, access.next_value_seed(self)?));
        }
        if fields.has_duplicate() {
            self.duplicate.set(true);
        }
        Ok(Json::Object(fields))
    }
}

/// The name of a field, borrowed from the text unless it has escapes.
#[derive(Deserialize)]
struct Name<'t>(#[serde(borrow)] Cow<'t, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parsed_is_written_again_in_the_same_order() {
        let text = r#"{"b":1,"a":[true,null,-2,0.5,"x\ny",{"":{}}]}"#;
        let parsed = parse(text).unwrap();
        assert_eq!(serde_json::to_string(&parsed.value).unwrap(), text);
        assert_eq!(parsed.value.to_value().to_string(), text);
        assert!(!parsed.has_duplicate_field);
    }

    #[test]
    fn a_field_given_twice_is_noticed_at_any_depth_and_in_any_number() {
        assert!(parse(r#"[{"a":{"b":1,"b":2}}]"#).unwrap().has_duplicate_field);
        let many: Vec<String> = (0..100).map(|it| format!(r#""{}":0"#, it % 99)).collect();
        assert!(parse(&format!("{{{}}}", many.join(","))).unwrap().has_duplicate_field);
        let different: Vec<String> = (0..100).map(|it| format!(r#""{it}":0"#)).collect();
        assert!(!parse(&format!("{{{}}}", different.join(","))).unwrap().has_duplicate_field);
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        assert!(parse(&"[".repeat(1 << 20)).is_err());
    }

    #[test]
    fn text_behind_the_value_is_an_error() {
        assert!(parse("{} {}").is_err());
    }
}
