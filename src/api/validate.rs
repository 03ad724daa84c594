//! The last look at a finished file: is it what its schema promises?

use jsonschema::Validator;
use serde_json::Value;

use crate::artifact::Artifact;
use crate::schema::{Name, SchemaError, Schemas};

/// The validators of the published versions.
#[derive(Debug)]
pub struct Validators {
    v3_sites: Validator,
    v3_regions: Validator,
    v4: Validator,
}

/// A finished file does not meet the schema of its version.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{path}` would break its schema at `{at}`: {message}\n\
     help: nothing was written; please report this, it is a fault of tfadir"
)]
pub struct ValidityError {
    /// The file's path in `dist/`.
    path: String,
    /// A JSON pointer into the file.
    at: String,
    /// What the validator says.
    message: String,
}

impl Validators {
    /// Compiles the schemas.
    ///
    /// # Errors
    ///
    /// [`SchemaError`] where one of them does not compile.
    pub fn new(schemas: &Schemas) -> Result<Self, SchemaError> {
        Ok(Self {
            v3_sites: schemas.validator(Name::V3, "/$defs/sites")?,
            v3_regions: schemas.validator(Name::V3, "/$defs/regions")?,
            v4: schemas.validator(Name::V4, "")?,
        })
    }

    /// Parses the bytes of a file of a version again and holds them against its schema.
    ///
    /// # Errors
    ///
    /// [`ValidityError`] where the bytes are no JSON or break the schema.
    pub fn validate(&self, artifact: &Artifact) -> Result<(), ValidityError> {
        let validator = match artifact.path.as_str() {
            "v3/regions.json" => &self.v3_regions,
            path if path.starts_with("v3/") => &self.v3_sites,
            _ => &self.v4,
        };
        let invalid = |at: &str, message: String| ValidityError {
            path: artifact.path.clone(),
            at: at.to_owned(),
            message,
        };
        let value: Value = serde_json::from_slice(&artifact.bytes)
            .map_err(|error| invalid("", error.to_string()))?;
        if validator.is_valid(&value) {
            return Ok(());
        }
        match validator.validate(&value) {
            Ok(()) => Ok(()),
            Err(error) => Err(invalid(error.instance_path().as_str(), error.to_string())),
        }
    }
}
