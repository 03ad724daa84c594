//! From entries to the published bytes of the API.

mod changes;
mod collation;
mod examples;
mod extra;
mod frontend_v1;
mod icons;
mod schemas;
mod site_change;
mod site_index;
mod stats;
#[cfg(test)]
mod toy;
mod v3;
mod v4;
mod validate;
mod version;

use rayon::prelude::*;
use serde_json::value::RawValue;

use crate::artifact::{Artifact, Examples, MediaType};
use crate::directory::Directory;
use crate::failure::{Failure, Result};
use crate::source::Entry;
use validate::FileValidator;

pub use crate::json_text::Style;
pub(crate) use changes::{CHANGES_FILE, ChangesFile, MAX_CHANGES};
pub(crate) use collation::Collation;
use extra::Extra;
pub(crate) use extra::{ExtraKind, Material};
pub(crate) use site_change::{ChangeKind, SiteChange, Was};
pub(crate) use site_index::FILE as SITE_INDEX;
pub(crate) use stats::{Counts, STATS_FILE, Stats};
pub use validate::Validators;
pub(crate) use version::{CompleteFile, Version, VersionInput};

/// The versions that tfadir can build, newest first. To add one, add its line here.
pub(crate) static VERSIONS: &[&dyn Version] = &[
    #[cfg(test)]
    &toy::Toy,
    &v4::V4,
    &v3::V3,
];

/// The version with a number, if it can be built.
pub(crate) fn version(number: u64) -> Option<&'static dyn Version> {
    VERSIONS
        .iter()
        .copied()
        .find(|version| version.number() == number)
}

/// The extra files in their published order: each kind has its own module in this folder.
static EXTRAS: &[&dyn Extra] = &[
    &changes::NewestChanges,
    &stats::Statistics,
    &site_index::SiteIndex,
    &frontend_v1::FrontendV1,
    &icons::Icons,
];

/// The extra files of one kind.
///
/// # Errors
///
/// If a file cannot be written or named.
pub(crate) fn extras(kind: ExtraKind, material: &Material<'_>) -> Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    for extra in EXTRAS.iter().filter(|extra| extra.kind() == kind) {
        artifacts.extend(extra.emit(material)?);
    }
    Ok(artifacts)
}

/// All JSON files of the API, in a fixed order: the supported versions as the settings list them,
/// then the schemas. All files of a version are valid against its schema.
///
/// `entries` are in the order of their files.
///
/// # Errors
///
/// If a finished file violates its schema.
pub fn artifacts(
    directory: &Directory,
    entries: &[Entry],
    validators: &Validators,
    style: Style,
) -> Result<Vec<Artifact>> {
    let mut artifacts = versions(directory, entries, validators, style)?;
    artifacts.extend(schemas::artifacts(directory)?);
    Ok(artifacts)
}

/// The JSON files of the supported versions, as the settings list them. All files of a version are
/// valid against its schema.
pub(crate) fn versions(
    directory: &Directory,
    entries: &[Entry],
    validators: &Validators,
    style: Style,
) -> Result<Vec<Artifact>> {
    let supported: Vec<_> = directory.settings.supported().filter_map(version).collect();
    let emitted = supported
        .par_iter()
        .map(|version| {
            version.emit(&VersionInput {
                entries,
                validators: validators.of_version(version.number()),
                style,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(emitted.into_iter().flatten().collect())
}

/// The files of the supported versions without validation, from entries of any time.
pub(crate) fn unchecked(directory: &Directory, entries: &[Entry]) -> Result<Vec<Artifact>> {
    let supported: Vec<_> = directory.settings.supported().filter_map(version).collect();
    let emitted = supported
        .par_iter()
        .map(|version| unchecked_version(*version, entries))
        .collect::<Result<Vec<_>>>()?;
    Ok(emitted.into_iter().flatten().collect())
}

fn unchecked_version(version: &dyn Version, entries: &[Entry]) -> Result<Vec<Artifact>> {
    let parts = version.validated_parts().iter();
    let validators: Vec<_> = parts.map(|_| FileValidator::ANY).collect();
    version.emit(&VersionInput {
        entries,
        validators: &validators,
        style: Style::Compact,
    })
}

/// A finished part of a file, which lists one site, and its key.
type KeyedPart<'p> = (&'p str, &'p RawValue);

/// A file of a version before it is written: its name without extension, what it covers, and its
/// parts, in order.
type List<'p> = (&'static str, &'static str, Vec<KeyedPart<'p>>);

/// Writes the lists of a version, in parallel. The first one lists every site, and gets the examples.
fn write_lists(
    number: u64,
    lists: Vec<List<'_>>,
    examples: Examples,
    write: impl Fn(&[KeyedPart<'_>]) -> Result<Vec<u8>, Failure> + Sync,
) -> Result<Vec<Artifact>> {
    let written = lists.into_par_iter().map(|(name, about, parts)| {
        let path = format!("v{number}/{name}.json");
        let mut artifact = Artifact::new(path, MediaType::Json, about, write(&parts)?);
        artifact.count = Some(parts.len());
        Ok(artifact)
    });
    let mut artifacts = written.collect::<Result<Vec<_>>>()?;
    if let Some(all) = artifacts.first_mut() {
        all.examples = examples;
    }
    Ok(artifacts)
}
