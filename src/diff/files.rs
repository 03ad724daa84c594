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
    let emit = |state: &State| api::unchecked(directory, &state.entries);
    let (before, after) = rayon::join(|| emit(from), || emit(to));
    let mut files = Vec::new();
    for (was, is) in before?.iter().zip(&after?) {
        if was.bytes == is.bytes {
            continue;
        }
        let (before, after) = (elements(&was.bytes)?, elements(&is.bytes)?);
        let missing = |here: &Elements<'_>, there: &Elements<'_>| {
            here.keys().filter(|key| !there.contains_key(*key)).count()
        };
        let both = before
            .iter()
            .filter_map(|(key, was)| Some((was.get(), after.get(key)?.get())));
        let (added, removed) = (missing(&after, &before), missing(&before, &after));
        let changed = both
            .filter(|(was, is)| was != is && value(was) != value(is))
            .count();
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
    let elements: Vec<&RawValue> = serde_json::from_slice(bytes)?;
    let keyed = elements
        .into_iter()
        .map(|element| match serde_json::from_str(element.get()) {
            Ok((key, value)) => (key, value),
            Err(_) => (Cow::Borrowed(element.get()), element),
        });
    Ok(keyed.collect())
}

fn value(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok()
}
