//! Which published files change, and by how much.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::api;
use crate::directory::Directory;
use crate::failure::Result;
use crate::state::State;

/// How many elements of a published file differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileDifference {
    /// Its path in `dist/`.
    pub(crate) path: String,
    pub(crate) added: usize,
    pub(crate) removed: usize,
    pub(crate) changed: usize,
}

impl fmt::Display for FileDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} +{} −{} ~{}",
            self.path, self.added, self.removed, self.changed
        )
    }
}

/// The files of the API versions that differ between two states.
pub(crate) fn published(
    directory: &Directory,
    from: &State,
    to: &State,
) -> Result<Vec<FileDifference>> {
    let (before, after) = rayon::join(
        || api::unchecked(directory, &from.entries),
        || api::unchecked(directory, &to.entries),
    );
    let mut files = Vec::new();
    for (was, is) in before?.iter().zip(&after?) {
        if was.bytes == is.bytes {
            continue;
        }
        let (before, after) = (elements(&was.bytes)?, elements(&is.bytes)?);
        let (added, removed) = (missing(&after, &before), missing(&before, &after));
        let mut changed = 0;
        for (key, was) in &before {
            if after.get(key).is_some_and(|is| differ(was.get(), is.get())) {
                changed += 1;
            }
        }
        // Only the order differs otherwise.
        if added + removed + changed > 0 {
            files.push(FileDifference {
                path: is.path.clone(),
                added,
                removed,
                changed,
            });
        }
    }
    Ok(files)
}

/// The elements of a published file by their keys: an object's names, the first elements of pairs,
/// or else the elements themselves.
type Elements<'b> = BTreeMap<Cow<'b, str>, &'b RawValue>;

fn elements(bytes: &[u8]) -> serde_json::Result<Elements<'_>> {
    if !bytes.starts_with(b"[") {
        return serde_json::from_slice(bytes);
    }
    let array: Vec<&RawValue> = serde_json::from_slice(bytes)?;
    let mut elements = Elements::new();
    for element in array {
        let (key, value) =
            serde_json::from_str(element.get()).unwrap_or((Cow::Borrowed(element.get()), element));
        elements.insert(key, value);
    }
    Ok(elements)
}

/// How many elements are only in the first of two files.
fn missing(here: &Elements<'_>, there: &Elements<'_>) -> usize {
    here.keys().filter(|key| !there.contains_key(*key)).count()
}

fn differ(was: &str, is: &str) -> bool {
    was != is && value(was) != value(is)
}

fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
