//! JSON as `JSON.stringify` writes it (ECMA-262, section 25.5.2): UTF-8, no unneeded escapes, no
//! newline at the end.

use serde::ser::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Without white space.
    #[default]
    Compact,
    /// Lines, indented by two spaces for each level.
    Pretty,
}

pub(crate) fn write(value: &impl Serialize, style: Style) -> Result<Vec<u8>, serde_json::Error> {
    let compact = serde_json::to_vec(value)?;
    match style {
        Style::Compact => Ok(compact),
        // Finished parts contain no white space, so the whole text is parsed again to be indented.
        Style::Pretty => {
            serde_json::to_vec_pretty(&serde_json::from_slice::<serde_json::Value>(&compact)?)
        }
    }
}

/// A part of a document as text. Most sites are in several files, but serialized once.
pub(crate) type Part = Box<RawValue>;

pub(crate) fn part(value: &impl Serialize) -> Result<Part, serde_json::Error> {
    to_raw_value(value)
}

/// An object of these fields, in this order.
pub(crate) struct Object<'p, V>(pub(crate) &'p [(&'p str, V)]);

impl<V: Serialize> Serialize for Object<'_, V> {
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
        let object = Object(&[("b", &parts[0]), ("a", &parts[1])]);
        assert_eq!(written(&object, Style::Compact), r#"{"b":[],"a":[1]}"#);
        assert_eq!(
            written(&object, Style::Pretty),
            "{\n  \"b\": [],\n  \"a\": [\n    1\n  ]\n}"
        );
    }
}
