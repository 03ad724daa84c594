//! The fast way from JSON text to a value, which keeps the order of members.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::{Deserializer, de::Error};
use serde_json::{Map, Number, Value};

/// A JSON text as a value.
#[derive(Debug)]
pub struct Parsed {
    /// The value, members in the text's order. Of a member given twice it holds the last value.
    pub value: Value,
    /// Whether any object of the text gives a member twice.
    pub has_duplicate_member: bool,
}

/// Parses a JSON text (RFC 8259), nested at most 128 levels deep.
///
/// # Errors
///
/// The first fault of the text, with its line and column.
pub fn parse(text: &str) -> Result<Parsed, serde_json::Error> {
    let duplicate = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = ValueSeed {
        duplicate: &duplicate,
    }
    .deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Parsed {
        value,
        has_duplicate_member: duplicate.get(),
    })
}

/// Builds a [`Value`] as serde_json does and notices duplicate members on the way.
#[derive(Clone, Copy)]
struct ValueSeed<'c> {
    duplicate: &'c Cell<bool>,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = access.next_element_seed(self)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let value = access.next_value_seed(self)?;
            if members.insert(name, value).is_some() {
                self.duplicate.set(true);
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_the_order_of_the_text() {
        let parsed = parse(r#"{"b":1,"a":[true,null,-2,0.5,"x"]}"#).unwrap();
        assert_eq!(
            parsed.value.to_string(),
            r#"{"b":1,"a":[true,null,-2,0.5,"x"]}"#
        );
        assert!(!parsed.has_duplicate_member);
    }

    #[test]
    fn a_member_given_twice_is_noticed_at_any_depth() {
        assert!(parse(r#"[{"a":{"b":1,"b":2}}]"#).unwrap().has_duplicate_member);
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
