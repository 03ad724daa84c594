//! The sites that the documentation shows as examples.

use std::cmp::Reverse;

use serde_json::value::RawValue;

use super::KeyedPart;
use crate::artifact::Examples;
use crate::failure::Failure;

/// Sites longer than this, in bytes, are not used as examples.
const MAX_EXAMPLE_BYTES: usize = 900;

/// Chooses one site with two-factor authentication and one without. `write` writes a file that lists
/// some sites.
pub(super) fn examples(
    with: &[KeyedPart<'_>],
    without: &[KeyedPart<'_>],
    write: impl Fn(&[KeyedPart<'_>]) -> Result<Vec<u8>, Failure>,
) -> Result<Examples, Failure> {
    let example = |parts| richest(parts).map(|part| write(&[*part])).transpose();
    Ok(Examples {
        rich: example(with)?,
        without: example(without)?,
    })
}

/// The site with the most fields; if there are several, the shortest.
fn richest<'l, 'p>(parts: &'l [KeyedPart<'p>]) -> Option<&'l KeyedPart<'p>> {
    let short = parts
        .iter()
        .filter(|(_, part)| part.get().len() <= MAX_EXAMPLE_BYTES);
    short.min_by_key(|(_, part)| (Reverse(fields(part)), part.get().len()))
}

/// The number of fields at any depth, counted by the colons after names, which is accurate enough.
fn fields(part: &RawValue) -> usize {
    let pairs = part.get().as_bytes().windows(2);
    pairs.filter(|pair| pair == b"\":").count()
}
