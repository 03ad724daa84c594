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

/// Writes an element of an array as it stands in [`array()`].
///
/// Most sites are in several files; their elements are written once and joined many times.
///
/// # Errors
///
/// Those of [`write()`].
pub fn element(value: &impl Serialize, style: Style) -> Result<Vec<u8>, serde_json::Error> {
    let bytes = write(value, style)?;
    Ok(match style {
        Style::Compact => bytes,
        Style::Pretty => indent(&bytes),
    })
}

/// Writes a member of an object as it stands in [`object()`].
///
/// # Errors
///
/// Those of [`write()`].
pub fn member(
    name: &str,
    value: &impl Serialize,
    style: Style,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec(name)?;
    bytes.extend_from_slice(match style {
        Style::Compact => b":",
        Style::Pretty => b": ",
    });
    bytes.extend(element(value, style)?);
    Ok(bytes)
}

/// Joins finished elements to an array.
pub fn array(elements: &[&[u8]], style: Style) -> Vec<u8> {
    join(b'[', elements, b']', style)
}

/// Joins finished members to an object.
pub fn object(members: &[&[u8]], style: Style) -> Vec<u8> {
    join(b'{', members, b'}', style)
}

fn join(open: u8, parts: &[&[u8]], close: u8, style: Style) -> Vec<u8> {
    let (before_first, before_next, behind_last): (&[u8], &[u8], &[u8]) = match style {
        Style::Compact => (b"", b",", b""),
        Style::Pretty => (b"\n  ", b",\n  ", b"\n"),
    };
    let length: usize = parts.iter().map(|part| part.len() + before_next.len()).sum();
    let mut joined = Vec::with_capacity(length + 4);
    joined.push(open);
    for (index, part) in parts.iter().enumerate() {
        joined.extend_from_slice(if index == 0 { before_first } else { before_next });
        joined.extend_from_slice(part);
    }
    if !parts.is_empty() {
        joined.extend_from_slice(behind_last);
    }
    joined.push(close);
    joined
}

/// Moves a value one level deeper. A newline in JSON is always one of the layout's: in a string it
/// would be escaped.
fn indent(bytes: &[u8]) -> Vec<u8> {
    let mut indented = Vec::with_capacity(bytes.len() * 5 / 4);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if !indented.is_empty() {
            indented.extend_from_slice(b"  ");
        }
        indented.extend_from_slice(line);
    }
    indented
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

    #[test]
    fn joined_parts_are_what_the_whole_would_be() {
        let values = [
            serde_json::json!(["a\nb", {"c": [], "d": {}, "e": [1, {"f": 2}]}]),
            serde_json::json!(null),
        ];
        for style in [Style::Compact, Style::Pretty] {
            for count in 0..=values.len() {
                let elements: Vec<_> =
                    values[..count].iter().map(|it| element(it, style).unwrap()).collect();
                let elements: Vec<&[u8]> = elements.iter().map(Vec::as_slice).collect();
                let joined = array(&elements, style);
                assert_eq!(joined, write(&&values[..count], style).unwrap());

                let names = ["x", "y\n"];
                let members: Vec<_> = (0..count)
                    .map(|index| member(names[index], &values[index], style).unwrap())
                    .collect();
                let members: Vec<&[u8]> = members.iter().map(Vec::as_slice).collect();
                let joined = object(&members, style);
                let whole: serde_json::Map<_, _> = (0..count)
                    .map(|index| (names[index].to_owned(), values[index].clone()))
                    .collect();
                assert_eq!(joined, write(&whole, style).unwrap());
            }
        }
    }
}
