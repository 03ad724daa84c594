//! From the tree to the published bytes of the API.

pub mod collation;
pub mod json;
pub mod schemas;
pub mod v3;
pub mod v4;

mod validate;

pub use json::Style;
use validate::well_formed;
pub use validate::{FileValidator, Validators, ValidityError};

use rayon::prelude::*;

use crate::artifact::{Artifact, MediaType};
use crate::project::Project;
use crate::source::{Entry, Method};

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
    artifacts.extend(schemas::artifacts(project)?);
    Ok(artifacts)
}

/// A file of a version before it is joined: its name without ending, what it covers, and its
/// finished parts in their order.
type Parts<'p> = (&'static str, &'static str, Vec<&'p [u8]>);

/// Joins the parts of a version's files, in parallel.
fn join(
    version: &str,
    files: Vec<Parts<'_>>,
    join: impl Fn(&[&[u8]]) -> Vec<u8> + Sync,
) -> Result<Vec<Artifact>, ApiError> {
    files
        .into_par_iter()
        .map(|(name, about, parts)| {
            let path = format!("{version}/{name}.json");
            let mut artifact = Artifact::new(path, MediaType::Json, about, join(&parts));
            artifact.count = Some(parts.len());
            well_formed(&artifact)?;
            Ok(artifact)
        })
        .collect()
}

/// What the file of a method covers.
fn about(method: Method) -> &'static str {
    match method {
        Method::Sms => "Sites with codes by text message.",
        Method::Call => "Sites with codes by phone call.",
        Method::Email => "Sites with codes by e-mail.",
        Method::Totp => "Sites with time-based one-time passwords (RFC 6238).",
        Method::U2f => "Sites with security keys (FIDO2, U2F).",
        Method::CustomSoftware => "Sites with an app of their own.",
        Method::CustomHardware => "Sites with a device of their own.",
    }
}
