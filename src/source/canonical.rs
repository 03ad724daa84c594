//! The canonical form of an entry: as `JSON.stringify` writes it with two spaces, a line feed at the
//! end, and members in a given order.

use std::io::{self, Write};
use std::ops::Range;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::document::escape;
use super::entry::Entry;
use super::json::{self, Json, Members};

/// The order in which members stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberOrder {
    /// The members of an entry.
    pub entry: Vec<String>,
    /// The members of an entry's `contact`.
    pub contact: Vec<String>,
}

/// The first thing in which a text is not canonical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// A member stands behind one that belongs behind it.
    Order {
        /// The JSON pointer to the member.
        pointer: String,
        /// Its name.
        member: String,
        /// The name of the first member that it belongs before.
        before: String,
    },
    /// Lines end in carriage return and line feed.
    LineEnds {
        /// The first such line end.
        bytes: Range<usize>,
    },
    /// The last line has no line end.
    FinalNewline,
    /// Something else: indentation, line breaks, needless escapes.
    Layout {
        /// The first character that is not as it would be.
        bytes: Range<usize>,
    },
}

impl MemberOrder {
    /// The order of an entry's members, and below it those of its contact.
    fn of(&self, pointer: &str) -> &[String] {
        match pointer {
            "" => &self.entry,
            "/contact" => &self.contact,
            _ => &[],
        }
    }
}

/// The first way in which the text of an entry is not canonical. A text with numbers, which no
/// entry has, is never judged: to write them anew could change them.
pub fn difference(text: &str, entry: &Entry<'_>, order: &MemberOrder) -> Option<Difference> {
    if has_number(&entry.members) {
        return None;
    }
    if let Some(difference) = disorder(entry, order) {
        return Some(difference);
    }
    let mut comparison = Comparison { text: text.as_bytes(), at: 0 };
    let is_equal = serde_json::to_writer_pretty(&mut comparison, &Site(entry)).is_ok();
    let at = comparison.at;
    match &text.as_bytes()[at..] {
        b"\n" if is_equal => None,
        b"" if is_equal => Some(Difference::FinalNewline),
        _ => Some(match text.find("\r\n") {
            Some(start) => Difference::LineEnds { bytes: start..start + 1 },
            None => Difference::Layout { bytes: at..text.ceil_char_boundary(at + 1) },
        }),
    }
}

/// The canonical form of an entry's text; `None` where it is not one site with a group of members,
/// gives a member twice, or holds a number.
pub fn canonical(text: &str, order: &MemberOrder) -> Option<String> {
    let parsed = json::parse(text).ok().filter(|parsed| !parsed.has_duplicate_member)?;
    let mut entry = Entry::from_json(parsed.value).filter(|it| !has_number(&it.members))?;
    sort(&mut entry.members, "", order);
    let text = serde_json::to_string_pretty(&Site(&entry)).ok()?;
    Some(text + "\n")
}

fn sort(members: &mut Members<'_>, pointer: &str, order: &MemberOrder) {
    members.sort_by_key(|name| rank(name, order.of(pointer)));
    for (name, value) in members.iter_mut() {
        if let Json::Object(inner) = value {
            sort(inner, &format!("{pointer}/{}", escape(name)), order);
        }
    }
}

/// Where a member stands; one that the order does not have stands last.
fn rank(member: &str, order: &[String]) -> usize {
    order.iter().position(|it| it == member).unwrap_or(order.len())
}

fn disorder(entry: &Entry<'_>, order: &MemberOrder) -> Option<Difference> {
    let contact = entry.members.get("contact").and_then(Json::as_object);
    let groups = [("", Some(&entry.members)), ("/contact", contact)];
    groups.into_iter().find_map(|(pointer, members)| {
        let order = order.of(pointer);
        let mut passed: Vec<(usize, &str)> = Vec::with_capacity(order.len());
        for (name, _) in members? {
            let rank = rank(name, order);
            if let Some((_, before)) = passed.iter().find(|(it, _)| *it > rank) {
                return Some(Difference::Order {
                    pointer: format!("{}{pointer}/{}", entry.pointer(), escape(name)),
                    member: name.to_owned(),
                    before: (*before).to_owned(),
                });
            }
            passed.push((rank, name));
        }
        None
    })
}

fn has_number(members: &Members<'_>) -> bool {
    fn is_number(value: &Json<'_>) -> bool {
        match value {
            Json::Number(_) => true,
            Json::Array(elements) => elements.iter().any(is_number),
            Json::Object(members) => has_number(members),
            _ => false,
        }
    }
    members.iter().any(|(_, value)| is_number(value))
}

/// An entry as the document that its file holds.
struct Site<'e>(&'e Entry<'e>);

impl Serialize for Site<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sites = serializer.serialize_map(Some(1))?;
        sites.serialize_entry(&self.0.name, &self.0.members)?;
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

    fn order() -> MemberOrder {
        let list = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
        MemberOrder { entry: list(&["a", "b", "contact"]), contact: list(&["x", "y"]) }
    }

    fn difference_of(text: &str) -> Option<Difference> {
        let entry = Entry::from_json(json::parse(text).unwrap().value).unwrap();
        difference(text, &entry, &order())
    }

    const CANONICAL: &str =
        "{\n  \"N\": {\n    \"a\": \"é\\n\",\n    \"b\": [\n      \"1\"\n    ]\n  }\n}\n";

    #[test]
    fn what_is_canonical_stays_as_it_is() {
        assert_eq!(difference_of(CANONICAL), None);
        assert_eq!(canonical(CANONICAL, &order()).unwrap(), CANONICAL);
    }

    #[test]
    fn every_other_form_becomes_canonical() {
        let kind = |difference| match difference {
            Difference::Order { member, before, .. } => format!("{member} before {before}"),
            Difference::LineEnds { .. } => "line ends".to_owned(),
            Difference::FinalNewline => "final newline".to_owned(),
            Difference::Layout { .. } => "layout".to_owned(),
        };
        for (text, expected) in [
            (CANONICAL.replace("  ", "\t"), "layout"),
            (CANONICAL.replace('\n', "\r\n"), "line ends"),
            (CANONICAL.trim_end().to_owned(), "final newline"),
            (CANONICAL.to_owned() + "\n", "layout"),
            (CANONICAL.replace('é', "\\u00e9"), "layout"),
            (r#"{"N":{"b":["1"],"a":"é\n"}}"#.to_owned(), "a before b"),
        ] {
            assert_eq!(kind(difference_of(&text).unwrap()), expected, "{text}");
            assert_eq!(canonical(&text, &order()).unwrap(), CANONICAL);
        }
    }

    #[test]
    fn the_first_difference_is_the_place() {
        let text = CANONICAL.replace("[\n      \"1\"\n    ]", "[\"é\"]");
        let Some(Difference::Layout { bytes }) = difference_of(&text) else { panic!() };
        assert_eq!(&text[bytes], "\"");
    }

    #[test]
    fn contact_has_its_own_order_and_what_is_unknown_stands_last() {
        let text = r#"{"N":{"contact":{"y":"","x":""},"z":null,"a":{"y":"","x":""}}}"#;
        let sorted = r#"{"N":{"a":{"y":"","x":""},"contact":{"x":"","y":""},"z":null}}"#;
        let canonical = canonical(text, &order()).unwrap();
        assert_eq!(canonical.split_whitespace().collect::<String>(), sorted);
    }

    #[test]
    fn numbers_are_not_touched() {
        let text = r#"{"N":{"a":[1.10]}}"#;
        assert_eq!(difference_of(text), None);
        assert_eq!(canonical(text, &order()), None);
    }
}
