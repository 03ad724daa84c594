//! What git history says about the data: the changes of sites.

mod changes;

use std::collections::HashMap;
use std::path::Path;

use rayon::prelude::*;

pub(crate) use changes::{Changes, newest_change};

use crate::check::OutputRules;
use crate::git::{self, Blob, ChangesError};
use crate::source::file::MAX_BYTES;
use crate::source::{Entry, Kind, SourceFile};

/// How many files are in memory at once. Each may have a mebibyte.
const MAX_FILES: usize = 256;

/// The entries among these files of commits that a build could publish today, by the ids of their
/// blobs, each of which is checked once. No check has seen them when they were on the branch: a pull
/// request can add a file in one commit and remove it in the next.
fn entries<'b>(
    folder: &Path,
    blobs: &[&'b Blob],
    rules: &OutputRules,
) -> Result<HashMap<&'b str, Entry>, ChangesError> {
    let mut wanted: Vec<&Blob> = blobs
        .iter()
        .copied()
        .filter(|blob| is_entry(blob))
        .collect();
    wanted.sort_by_key(|blob| &blob.id);
    wanted.dedup_by_key(|blob| &blob.id);
    let mut entries = HashMap::new();
    for blobs in wanted.chunks(MAX_FILES) {
        let contents = git::contents(folder, blobs, MAX_BYTES)?;
        let checked = blobs.par_iter().zip(contents);
        entries
            .par_extend(checked.filter_map(|(blob, bytes)| {
                Some((blob.id.as_str(), entry(blob, &bytes?, rules)?))
            }));
    }
    Ok(entries)
}

fn is_entry(blob: &Blob) -> bool {
    blob.path.extension() == Some("json".as_ref()) && !blob.is_link()
}

fn entry(blob: &Blob, bytes: &[u8], rules: &OutputRules) -> Option<Entry> {
    let file = SourceFile::from_bytes(blob.path.clone(), Kind::Entry, bytes, None);
    rules.entry(&file)
}
