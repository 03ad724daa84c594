//! Applies changes to a text.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;

use crate::directory::Directory;
use crate::finding::{Change, Fix};
use crate::source::canonical::canonical;
use crate::source::document::{bytes, unescape};
use crate::source::{Document, SourceFile};
use crate::text::replace;

/// The text of a file after all fixes that change it.
pub(super) fn edited(directory: &Directory, file: &SourceFile, fixes: &[&Fix]) -> String {
    let mut pointers = Vec::new();
    let mut replacements = Vec::new();
    let mut writes = Vec::new();
    let (mut is_formatted, mut is_reordered) = (false, false);
    for fix in fixes {
        match &fix.change {
            Change::Remove(pointer) => pointers.push(pointer.as_str()),
            Change::Replace(ranges) => replacements.extend(ranges.iter().cloned()),
            Change::Write(location, value) => writes.push((location, value)),
            Change::Format => is_formatted = true,
            Change::Reorder => is_reordered = true,
            Change::Move(_) | Change::ClearMode(_) | Change::Encode => {}
        }
    }
    if !writes.is_empty()
        && let Ok(Some(document)) = Document::json(&file.text)
    {
        for (location, value) in writes {
            let range = document.locate(location);
            replacements.extend(range.map(|range| (range, value.clone())));
        }
    }
    let replaced = replace(&file.text, replacements);
    let shortened = if pointers.is_empty() {
        replaced
    } else {
        remove(&replaced, &pointers)
    };
    if !is_formatted && !is_reordered {
        return shortened;
    }
    let order = is_reordered.then_some(&directory.field_order);
    canonical(&shortened, order).unwrap_or(shortened)
}

/// Removes fields and elements, given by JSON pointers, from a JSON text. The rest of the text
/// stays unchanged. If all elements of an array are removed, its field is removed too. Pointers to
/// nothing are ignored.
fn remove(text: &str, pointers: &[&str]) -> String {
    let Ok(Some(Document::Json(root))) = Document::json(text) else {
        return text.to_owned();
    };
    // All pointers are resolved first, because removing an element changes later indices.
    let mut removals = BTreeMap::new();
    for pointer in pointers {
        mark(&root, pointer, &mut removals);
    }
    let ranges = removals.values().flat_map(Removal::ranges);
    replace(text, ranges.map(|range| (range, String::new())).collect())
}

/// What is removed from one object or array.
struct Removal {
    /// The ranges of all fields or elements.
    items: Vec<Range<usize>>,
    /// The indices of those that are removed.
    removed: BTreeSet<usize>,
}

/// Marks what a pointer names as removed, by where the object or array around it starts.
fn mark(root: &Value<'_>, pointer: &str, removals: &mut BTreeMap<usize, Removal>) {
    let mut way = Vec::new();
    let mut value = root;
    for step in pointer.split('/').skip(1) {
        let Some((index, next)) = child(value, &unescape(step)) else {
            return;
        };
        way.push((value, index));
        value = next;
    }
    while let Some((whole, index)) = way.pop() {
        let removal = removals.entry(whole.start()).or_insert_with(|| Removal {
            items: items(whole),
            removed: BTreeSet::new(),
        });
        removal.removed.insert(index);
        let is_field = matches!(way.last(), Some((Value::Object(_), _)));
        let is_empty_array =
            matches!(whole, Value::Array(_)) && removal.removed.len() == removal.items.len();
        if !is_field || !is_empty_array {
            break;
        }
    }
}

/// The value of a field or an element, and its index. If a field occurs twice, the last one counts,
/// as in [`Document::locate`].
fn child<'v, 't>(value: &'v Value<'t>, step: &str) -> Option<(usize, &'v Value<'t>)> {
    match value {
        Value::Object(object) => {
            let mut fields = object.properties.iter();
            let index = fields.rposition(|field| field.name.as_str() == step)?;
            Some((index, &object.properties[index].value))
        }
        Value::Array(array) => {
            let index: usize = step.parse().ok()?;
            Some((index, array.elements.get(index)?))
        }
        _ => None,
    }
}

/// The ranges of the fields or elements of a value.
fn items(value: &Value<'_>) -> Vec<Range<usize>> {
    match value {
        Value::Object(object) => object.properties.iter().map(bytes).collect(),
        Value::Array(array) => array.elements.iter().map(bytes).collect(),
        _ => Vec::new(),
    }
}

impl Removal {
    /// The ranges of bytes to remove, each with the commas that are not needed any more.
    fn ranges(&self) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut last_kept_end = None;
        let mut run_start = None;
        for (index, item) in self.items.iter().enumerate() {
            if self.removed.contains(&index) {
                run_start.get_or_insert(item.start);
            } else {
                ranges.extend(run_start.take().map(|start| start..item.start));
                last_kept_end = Some(item.end);
            }
        }
        if let (Some(start), Some(last)) = (run_start, self.items.last()) {
            ranges.push(last_kept_end.unwrap_or(start)..last.end);
        }
        ranges
    }
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
        assert_eq!(remove(r#"{"a":1,"a":2}"#, &["/a"]), r#"{"a":1}"#);
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
