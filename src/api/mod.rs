//! From the tree to the published bytes of the API.

pub mod collation;
pub mod json;
pub mod schemas;
pub mod v3;
pub mod v4;

mod validate;

pub use json::Style;
pub use validate::{FileValidator, Validators, ValidityError, well_formed};

use rayon::prelude::*;

use crate::artifact::Artifact;
use crate::project::Project;
use crate::source::Entry;

/// The versions that this program can build, newest first.
pub const VERSIONS: [u64; 2] = [4, 3];

/// Why the API could not be made of a tree without findings: a fault of the program.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// A file could not be written as JSON.
    #[error("cannot write JSON: {0}\nhelp: please report this")]
    Json(#[from] serde_json::Error),
    /// Names could not be put into order.
    #[error(transparent)]
    Collation(#[from] collation::CollationError),
    /// A finished file does not meet the schema of its version.
    #[error(transparent)]
    Validity(#[from] ValidityError),
}

/// All JSON files of the API, in a fixed order: the supported versions as the settings list them,
/// then the schemas. Whatever belongs to a version has been held against the version's schema.
///
/// `entries` are in the order of their files.
///
/// # Errors
///
/// [`ApiError`] where a finished file is not what its schema promises.
pub fn artifacts(
    project: &Project,
    entries: &[Entry<'_>],
    validators: &Validators,
    style: Style,
) -> Result<Vec<Artifact>, ApiError> {
    let supported: Vec<u64> = project.settings.supported().collect();
    let versions = supported
        .par_iter()
        .map(|version| match version {
            3 => v3::artifacts(entries, validators, style),
            4 => v4::artifacts(entries, validators, style),
            // The settings were refused if they listed any other.
            _ => Ok(Vec::new()),
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let mut artifacts: Vec<Artifact> = versions.into_iter().flatten().collect();
    artifacts.par_iter().try_for_each(well_formed)?;
    artifacts.extend(schemas::artifacts(project)?);
    Ok(artifacts)
}
