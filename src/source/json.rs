//! JSON texts as values.

use std::cell::Cell;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A JSON text as a value.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The value. If a field occurs several times, the last one counts.
    pub(crate) value: Value,
    /// Whether a field occurs twice in any object.
    pub(crate) has_duplicate_field: bool,
}

/// Parses a JSON text, nested at most 128 levels deep.
pub(crate) fn parse(text: &str) -> serde_json::Result<Parsed> {
    let has_duplicate = Cell::new(false);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Builder(&has_duplicate).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Parsed {
        value,
        has_duplicate_field: has_duplicate.get(),
    })
}

/// Builds a value and detects duplicate fields. `Value` itself would not detect them, and would
/// misinterpret an object with a field named `$serde_json::private::RawValue`.
#[derive(Clone, Copy)]
struct Builder<'c>(&'c Cell<bool>);

impl<'de> DeserializeSeed<'de> for Builder<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Builder<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = access.next_element_seed(self)? {
            elements.push(element);
        }
        // Most arrays have one element, but a vector begins with room for four.
        elements.shrink_to_fit();
        Ok(Value::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut fields = Map::new();
        while let Some(name) = access.next_key()? {
            if fields.insert(name, access.next_value_seed(self)?).is_some() {
                self.0.set(true);
            }
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_parsed_is_written_again_in_the_same_order() {
        for text in [
            r#"{"b":1,"a":[true,null,-2,0.5,"x\ny",{"":{}}]}"#,
            r#"{"$serde_json::private::RawValue":"[1]"}"#,
        ] {
            let parsed = parse(text).unwrap();
            assert_eq!(parsed.value.to_string(), text);
            assert!(!parsed.has_duplicate_field);
        }
    }

    #[test]
    fn a_duplicate_field_is_detected_at_any_depth() {
        assert!(
            parse(r#"[{"a":{"b":1,"b":2}}]"#)
                .unwrap()
                .has_duplicate_field
        );
        assert!(parse(r#"{"a":0,"\u0061":0}"#).unwrap().has_duplicate_field);
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        assert!(parse(&"[".repeat(1 << 20)).is_err());
    }

    #[test]
    fn text_after_the_value_is_an_error() {
        assert!(parse("{} {}").is_err());
    }
}
