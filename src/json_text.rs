//! JSON as `JSON.stringify` writes it (ECMA-262, section 25.5.2): UTF-8, no unneeded escapes, no
//! newline at the end.

use serde::ser::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};

use crate::failure::{Failure, failure};

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Without white space.
    #[default]
    Compact,
    /// Lines, indented by two spaces for each level.
    Pretty,
}

pub(crate) fn write(value: &impl Serialize, style: Style) -> Result<Vec<u8>, Failure> {
    let compact = serde_json::to_vec(value).map_err(|error| unwritable(&error))?;
    if style == Style::Compact {
        return Ok(compact);
    }
    // Finished parts contain no white space, so the whole text is parsed again to be indented.
    let value: Value = serde_json::from_slice(&compact).map_err(|error| unwritable(&error))?;
    write_pretty(&value)
}

/// Writes a value that contains no finished parts in [`Style::Pretty`].
pub(crate) fn write_pretty(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec_pretty(value).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Failure {
    failure!("cannot write JSON: {error}"; help: "please report this")
}

/// A part of a document as text. Most sites are in several files, but serialized once.
pub(crate) type JsonPart = Box<RawValue>;

pub(crate) fn part(value: &impl Serialize) -> Result<JsonPart, Failure> {
    to_raw_value(value).map_err(|error| unwritable(&error))
}

/// An object of these fields, in this order.
pub(crate) struct JsonObject<'p, V>(pub(crate) &'p [(&'p str, V)]);

impl<V: Serialize> Serialize for JsonObject<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &impl Serialize, style: Style) -> String {
        String::from_utf8(write(value, style).unwrap()).unwrap()
    }

    #[test]
    fn only_what_must_be_escaped_is_escaped() {
        let value = "\u{0}\u{8}\t\n\u{c}\r\u{1f}\"\\/\u{7f}é\u{2028}😀";
        assert_eq!(
            written(&value, Style::Compact),
            "\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\u{7f}é\u{2028}😀\""
        );
    }

    #[test]
    fn pretty_indents_by_two_spaces_and_keeps_empty_values_on_one_line() {
        let parts = [
            part(&serde_json::json!([])).unwrap(),
            part(&serde_json::json!([1])).unwrap(),
        ];
        let object = JsonObject(&[("b", &parts[0]), ("a", &parts[1])]);
        assert_eq!(written(&object, Style::Compact), r#"{"b":[],"a":[1]}"#);
        assert_eq!(
            written(&object, Style::Pretty),
            "{\n  \"b\": [],\n  \"a\": [\n    1\n  ]\n}"
        );
    }
}
