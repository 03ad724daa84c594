//! From the tree to the published bytes of the API.

pub mod collation;
pub mod json;
pub mod schemas;
pub mod v3;
pub mod v4;

mod validate;

pub use json::Style;
pub use validate::{Validators, ValidityError};

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
/// then the schemas. Each file of a version is parsed again and met its schema.
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
    let mut artifacts = Vec::new();
    for version in project.settings.versions.iter().filter(|it| it.ended.is_none()) {
        match version.number {
            3 => artifacts.extend(v3::artifacts(entries, style)?),
            4 => artifacts.extend(v4::artifacts(entries, style)?),
            // The settings were refused if they listed any other.
            _ => {}
        }
    }
    artifacts.par_iter().try_for_each(|artifact| validators.validate(artifact))?;
    artifacts.extend(schemas::artifacts(project)?);
    Ok(artifacts)
}
