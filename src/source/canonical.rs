//! The canonical form of an entry: as `JSON.stringify` writes it with an indent of two spaces, then
//! a line feed; fields in a given order.

use std::io::{self, Write};
use std::mem;
use std::ops::Range;

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Map, Value};

use super::document::escape;
use super::entry::Entry;
use super::json;

/// The order of fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldOrder {
    pub(crate) entry: Vec<String>,
    pub(crate) contact: Vec<String>,
}

/// The first field of an entry that is not in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disorder {
    /// A JSON pointer.
    pub(crate) pointer: String,
    pub(crate) field: String,
    /// The first field that should come after it.
    pub(crate) before: String,
}

/// The first difference between a text and its canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Difference {
    /// Lines end in carriage return and line feed; `bytes` is the first such line end.
    LineEnds { bytes: Range<usize> },
    /// The last line has no line end.
    FinalNewline,
    /// Something else, such as indentation, line breaks or unneeded escapes; `bytes` is the first
    /// character that differs.
    Layout { bytes: Range<usize> },
}

impl FieldOrder {
    fn of(&self, pointer: &str) -> &[String] {
        match pointer {
            "" => &self.entry,
            "/contact" => &self.contact,
            _ => &[],
        }
    }
}

/// How the text of an entry differs from its canonical form, ignoring the order of its fields. A
/// text with numbers, which no valid entry has, is not compared: formatting could change them.
pub(crate) fn difference(text: &str, entry: &Entry) -> Option<Difference> {
    if has_number(&entry.fields) {
        return None;
    }
    let mut comparison = Comparison {
        text: text.as_bytes(),
        at: 0,
    };
    let is_equal = serde_json::to_writer_pretty(&mut comparison, &EntryFile(entry)).is_ok();
    let at = comparison.at;
    match &text.as_bytes()[at..] {
        b"\n" if is_equal => None,
        b"" if is_equal => Some(Difference::FinalNewline),
        _ => Some(match text.find("\r\n") {
            Some(start) => Difference::LineEnds {
                bytes: start..start + 1,
            },
            None => Difference::Layout {
                bytes: at..text.ceil_char_boundary(at + 1),
            },
        }),
    }
}

/// The canonical form of an entry's text, with its fields in `order` if that is given; `None` if
/// the text is not one site with an object, has a duplicate field, or contains a number.
pub(crate) fn canonical(text: &str, order: Option<&FieldOrder>) -> Option<String> {
    let parsed = json::parse(text)
        .ok()
        .filter(|parsed| !parsed.has_duplicate_field)?;
    let mut entry = Entry::from_json(parsed.value).filter(|entry| !has_number(&entry.fields))?;
    if let Some(order) = order {
        sort(&mut entry.fields, "", order);
    }
    let text = serde_json::to_string_pretty(&EntryFile(&entry)).ok()?;
    Some(text + "\n")
}

fn sort(fields: &mut Map<String, Value>, pointer: &str, order: &FieldOrder) {
    let mut sorted: Vec<_> = mem::take(fields).into_iter().collect();
    sorted.sort_by_key(|(name, _)| rank(name, order.of(pointer)));
    fields.extend(sorted);
    for (name, value) in fields.iter_mut() {
        if let Value::Object(inner) = value {
            sort(inner, &format!("{pointer}/{}", escape(name)), order);
        }
    }
}

/// The rank of a field; unknown ones come last.
fn rank(field: &str, order: &[String]) -> usize {
    order
        .iter()
        .position(|name| name == field)
        .unwrap_or(order.len())
}

/// The first field of an entry that is not in `order`. A text with numbers is not checked.
pub(crate) fn disorder(entry: &Entry, order: &FieldOrder) -> Option<Disorder> {
    if has_number(&entry.fields) {
        return None;
    }
    let contact = entry.fields.get("contact").and_then(Value::as_object);
    for (pointer, fields) in [("", Some(&entry.fields)), ("/contact", contact)] {
        if let Some(fields) = fields
            && let Some((field, before)) = first_disorder(fields, order.of(pointer))
        {
            return Some(Disorder {
                pointer: format!("{}{pointer}/{}", entry.pointer(), escape(field)),
                field: field.to_owned(),
                before: before.to_owned(),
            });
        }
    }
    None
}

/// The first field that is not in order, and the first one that should come after it.
fn first_disorder<'f>(
    fields: &'f Map<String, Value>,
    order: &[String],
) -> Option<(&'f str, &'f str)> {
    let mut passed: Vec<(usize, &str)> = Vec::with_capacity(order.len());
    for name in fields.keys() {
        let rank = rank(name, order);
        if let Some((_, before)) = passed.iter().find(|(earlier, _)| *earlier > rank) {
            return Some((name, before));
        }
        passed.push((rank, name));
    }
    None
}

fn has_number(fields: &Map<String, Value>) -> bool {
    fn is_number(value: &Value) -> bool {
        match value {
            Value::Number(_) => true,
            Value::Array(elements) => elements.iter().any(is_number),
            Value::Object(fields) => has_number(fields),
            _ => false,
        }
    }
    fields.values().any(is_number)
}

/// An entry as the document in its file.
struct EntryFile<'e>(&'e Entry);

impl Serialize for EntryFile<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sites = serializer.serialize_map(Some(1))?;
        sites.serialize_entry(&self.0.name, &self.0.fields)?;
        sites.end()
    }
}

/// Compares what is written with a text, up to the first difference.
struct Comparison<'t> {
    text: &'t [u8],
    at: usize,
}

impl Write for Comparison<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let rest = &self.text[self.at..];
        if rest.starts_with(bytes) {
            self.at += bytes.len();
            return Ok(bytes.len());
        }
        self.at += rest.iter().zip(bytes).take_while(|(a, b)| a == b).count();
        Err(io::ErrorKind::InvalidData.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order() -> FieldOrder {
        let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        FieldOrder {
            entry: list(&["a", "b", "contact"]),
            contact: list(&["x", "y"]),
        }
    }

    fn entry(text: &str) -> Entry {
        Entry::from_json(json::parse(text).unwrap().value).unwrap()
    }

    fn difference_of(text: &str) -> Option<Difference> {
        difference(text, &entry(text))
    }

    const CANONICAL: &str =
        "{\n  \"N\": {\n    \"a\": \"é\\n\",\n    \"b\": [\n      \"1\"\n    ]\n  }\n}\n";

    #[test]
    fn canonical_text_does_not_change() {
        assert_eq!(difference_of(CANONICAL), None);
        assert_eq!(disorder(&entry(CANONICAL), &order()), None);
        assert_eq!(canonical(CANONICAL, None).unwrap(), CANONICAL);
        assert_eq!(canonical(CANONICAL, Some(&order())).unwrap(), CANONICAL);
    }

    #[test]
    fn every_other_layout_becomes_canonical() {
        let kind = |difference| match difference {
            Difference::LineEnds { .. } => "line ends",
            Difference::FinalNewline => "final newline",
            Difference::Layout { .. } => "layout",
        };
        for (text, expected) in [
            (CANONICAL.replace("  ", "\t"), "layout"),
            (CANONICAL.replace('\n', "\r\n"), "line ends"),
            (CANONICAL.trim_end().to_owned(), "final newline"),
            (CANONICAL.to_owned() + "\n", "layout"),
            (CANONICAL.replace('é', "\\u00e9"), "layout"),
        ] {
            assert_eq!(kind(difference_of(&text).unwrap()), expected, "{text}");
            assert_eq!(disorder(&entry(&text), &order()), None);
            assert_eq!(canonical(&text, None).unwrap(), CANONICAL);
        }
    }

    #[test]
    fn fields_are_reordered_only_on_request() {
        let text = r#"{"N":{"b":["1"],"a":"é\n"}}"#;
        let disorder = disorder(&entry(text), &order()).unwrap();
        assert_eq!((&*disorder.field, &*disorder.before), ("a", "b"));
        assert_eq!(disorder.pointer, "/N/a");
        assert_eq!(canonical(text, Some(&order())).unwrap(), CANONICAL);
        let formatted = canonical(text, None).unwrap();
        assert!(formatted.find("\"b\"") < formatted.find("\"a\""));
        assert_eq!(difference_of(&formatted), None);
    }

    #[test]
    fn the_first_difference_is_located() {
        let text = CANONICAL.replace("[\n      \"1\"\n    ]", "[\"é\"]");
        let Some(Difference::Layout { bytes }) = difference_of(&text) else {
            panic!()
        };
        assert_eq!(&text[bytes], "\"");
    }

    #[test]
    fn contact_has_its_own_order_and_unknown_fields_come_last() {
        let text = r#"{"N":{"contact":{"y":"","x":""},"z":null,"a":{"y":"","x":""}}}"#;
        let sorted = r#"{"N":{"a":{"y":"","x":""},"contact":{"x":"","y":""},"z":null}}"#;
        let canonical = canonical(text, Some(&order())).unwrap();
        assert_eq!(canonical.split_whitespace().collect::<String>(), sorted);
    }

    #[test]
    fn numbers_are_not_touched() {
        let text = r#"{"N":{"a":[1.10]}}"#;
        assert_eq!(difference_of(text), None);
        assert_eq!(disorder(&entry(text), &order()), None);
        assert_eq!(canonical(text, Some(&order())), None);
    }
}
