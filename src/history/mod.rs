//! What git history says about the data: the changes of sites.

mod changes;

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;
use serde_json::Value;

pub(crate) use changes::Changes;

use crate::git::{self, Blob, ChangesError};
use crate::source::file::MAX_BYTES;
use crate::source::{Entry, json};

/// The published entries among these files of commits, by the ids of their blobs, each of which is
/// parsed once. What cannot be published is not among them: links, and files that are too large or not
/// an entry with a domain.
fn entries<'b>(
    folder: &Path,
    blobs: impl Iterator<Item = &'b Blob>,
) -> Result<HashMap<&'b str, Entry>, ChangesError> {
    let mut blobs: Vec<&Blob> = blobs.filter(|blob| is_entry(blob)).collect();
    blobs.sort_by_key(|blob| &blob.id);
    blobs.dedup_by_key(|blob| &blob.id);
    let contents = git::contents(folder, &blobs, MAX_BYTES)?;
    let parsed = blobs.into_par_iter().zip(contents);
    Ok(parsed
        .filter_map(|(blob, bytes)| Some((blob.id.as_str(), entry(&bytes?)?)))
        .collect())
}

fn is_entry(blob: &Blob) -> bool {
    blob.path.extension().is_some_and(|it| it == "json") && blob.mode != "120000"
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut entry = Entry::from_json(json::parse(text).ok()?.value)?;
    entry.fields.retain(|_, value| *value != Value::Null);
    Some(entry).filter(|entry| !entry.domain().is_empty())
}
