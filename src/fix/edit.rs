//! Applies changes to a text.

use jsonc_parser::cst::{CstArray, CstNode, CstObjectProp, CstRootNode};

use crate::source::canonical::{FieldOrder, canonical};
use crate::source::document::{STRICT, unescape};

/// Removes fields and elements, given by JSON pointers, from a JSON text. The rest of the text
/// stays unchanged. If the last element of an array is removed, the array is removed too. Pointers
/// to nothing are ignored.
pub(crate) fn remove(text: &str, pointers: &[&str]) -> String {
    let Ok(root) = CstRootNode::parse(text, &STRICT) else {
        return text.to_owned();
    };
    // All pointers are resolved first, because removing an element changes later indices.
    let found: Vec<Found> = pointers
        .iter()
        .filter_map(|pointer| find(&root, pointer))
        .collect();
    for found in found {
        match found {
            Found::Field(field) => field.remove(),
            Found::Element { list, element } => {
                element.remove();
                if list.elements().is_empty() {
                    match list.parent().and_then(|it| it.as_object_prop()) {
                        Some(field) => field.remove(),
                        None => list.remove(),
                    }
                }
            }
        }
    }
    root.to_string()
}

enum Found {
    Field(CstObjectProp),
    Element { list: CstArray, element: CstNode },
}

fn find(root: &CstRootNode, pointer: &str) -> Option<Found> {
    let mut value = root.value()?;
    let mut found = None;
    for step in pointer.split('/').skip(1).map(unescape) {
        let (next, here) = if let Some(object) = value.as_object() {
            let mut fields = object.properties().into_iter();
            let field = fields.find(|it| it.decoded_name().as_deref() == Some(&*step))?;
            (field.value()?, Found::Field(field))
        } else {
            let list = value.as_array()?;
            let element = list.elements().into_iter().nth(step.parse().ok()?)?;
            (element.clone(), Found::Element { list, element })
        };
        value = next;
        found = Some(here);
    }
    found
}

/// The formatted text of an entry, with its fields reordered if `order` is given. A text that
/// cannot be formatted stays the same.
pub(crate) fn format(text: String, order: Option<&FieldOrder>) -> String {
    canonical(&text, order).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_item_takes_only_its_comma_with_it() {
        let text = "{ \"N\": {\r\n\t\"a\": 1,\r\n\t\"b\" : 2,\r\n\t\"c\": [ 3 ] } }";
        let after = |pointers: &[&str]| remove(text, pointers);
        assert_eq!(
            after(&["/N/b"]),
            "{ \"N\": {\r\n\t\"a\": 1,\r\n\t\"c\": [ 3 ] } }"
        );
        assert_eq!(
            after(&["/N/a"]),
            "{ \"N\": {\r\n\t\"b\" : 2,\r\n\t\"c\": [ 3 ] } }"
        );
        let without_list = after(&["/N/c/0"]);
        assert!(
            !without_list.contains("\"c\"") && !without_list.contains("2,"),
            "{without_list}"
        );
        assert_eq!(after(&["/N/x", "/N/c/7", "/M", ""]), text);
    }

    #[test]
    fn elements_are_counted_before_any_is_removed() {
        let text = r#"{"N":{"a":["0","1","2","3"]}}"#;
        assert_eq!(
            remove(text, &["/N/a/0", "/N/a/2"]),
            r#"{"N":{"a":["1","3"]}}"#
        );
        assert_eq!(
            remove(r#"{"A~/":["0","1"]}"#, &["/A~0~1/0"]),
            r#"{"A~/":["1"]}"#
        );
    }
}
