//! JSON as `JSON.stringify` writes it (ECMA-262, section 25.5.2): UTF-8, nothing escaped that need
//! not be, no newline at the end.

use serde::Serialize;

/// How much white space there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// None at all.
    #[default]
    Compact,
    /// Lines, indented by two spaces for each level.
    Pretty,
}

/// Writes a value.
///
/// # Errors
///
/// Where the value has no form in JSON, such as an object whose names are no strings.
pub fn write(value: &impl Serialize, style: Style) -> Result<Vec<u8>, serde_json::Error> {
    match style {
        Style::Compact => serde_json::to_vec(value),
        Style::Pretty => serde_json::to_vec_pretty(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_must_be_escaped_is_escaped() {
        let value = "\u{0}\u{8}\t\n\u{c}\r\u{1f}\"\\/\u{7f}é\u{2028}😀";
        assert_eq!(
            String::from_utf8(write(&value, Style::Compact).unwrap()).unwrap(),
            "\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\u{7f}é\u{2028}😀\""
        );
    }

    #[test]
    fn pretty_is_two_spaces_and_leaves_empty_groups_on_one_line() {
        let value = serde_json::json!({"a": [], "b": {}, "c": [1]});
        assert_eq!(
            String::from_utf8(write(&value, Style::Pretty).unwrap()).unwrap(),
            "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1\n  ]\n}"
        );
    }
}
