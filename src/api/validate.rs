//! The last look at what is to be published: is it what its schema promises?
//!
//! A site's element stands in several lists, the same bytes in each. It is parsed again once and
//! held against the whole schema, as a list of one; a schema speaks of a list only through its
//! elements. The joined lists then only have to be well-formed.

use serde::de::IgnoredAny;

use crate::artifact::Artifact;
use crate::schema::{Name, SchemaError, Schemas, Validator};
use crate::source::json;

/// The validators of a build.
#[derive(Debug)]
pub struct Validators {
    /// For entry files.
    pub entry: Validator,
    /// For the lists of version 3.
    pub v3_sites: FileValidator,
    /// For `v3/regions.json`.
    pub v3_regions: FileValidator,
    /// For the lists of version 4.
    pub v4: FileValidator,
}

/// A validator for the bytes of a file.
#[derive(Debug)]
pub struct FileValidator(Validator);

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
        let [entry, v3_sites, v3_regions, v4] = schemas.validators([
            (Name::Entry, ""),
            (Name::V3, "/$defs/sites"),
            (Name::V3, "/$defs/regions"),
            (Name::V4, ""),
        ])?;
        Ok(Self {
            entry,
            v3_sites: FileValidator(v3_sites),
            v3_regions: FileValidator(v3_regions),
            v4: FileValidator(v4),
        })
    }
}

impl FileValidator {
    /// Parses a text again and holds it against the schema. `path` names it in an error.
    ///
    /// # Errors
    ///
    /// [`ValidityError`] where the text is no JSON, gives a member twice, or breaks the schema.
    pub fn validate(&self, path: &str, bytes: &[u8]) -> Result<(), ValidityError> {
        let invalid = |at: &str, message: String| ValidityError {
            path: path.to_owned(),
            at: at.to_owned(),
            message,
        };
        let text = str::from_utf8(bytes).map_err(|error| invalid("", error.to_string()))?;
        let parsed = json::parse(text).map_err(|error| invalid("", error.to_string()))?;
        if parsed.has_duplicate_member {
            return Err(invalid("", "a member is given twice".to_owned()));
        }
        if self.0.is_valid(&parsed.value) {
            return Ok(());
        }
        self.0
            .validate(&parsed.value)
            .map_err(|error| invalid(error.instance_path().as_str(), error.to_string()))
    }
}

/// Parses the bytes of a joined list again.
///
/// # Errors
///
/// [`ValidityError`] where they are no JSON.
pub fn well_formed(artifact: &Artifact) -> Result<(), ValidityError> {
    match serde_json::from_slice::<IgnoredAny>(&artifact.bytes) {
        Ok(_) => Ok(()),
        Err(error) => Err(ValidityError {
            path: artifact.path.clone(),
            at: String::new(),
            message: error.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::MediaType;

    fn validators() -> Validators {
        let schemas = Schemas::new("https://api.example/", ["email"]).unwrap();
        Validators::new(&schemas).unwrap()
    }

    #[test]
    fn a_file_that_breaks_its_schema_is_refused_with_the_place() {
        let Validators { v3_sites, v3_regions, v4, .. } = validators();
        let json = br#"{"a.example":{},"b.example":{"tfa":["totp"]}}"#;
        let error = v4.validate("v4/all.json", json).unwrap_err().to_string();
        assert!(error.contains("`v4/all.json`") && error.contains("/b.example"), "{error}");
        assert!(v3_sites.validate("", br#"[["A",{"domain":"a.example"}]]"#).is_err());
        assert!(v3_regions.validate("", br#"{"us":{"count":1}}"#).is_err());
    }

    #[test]
    fn a_list_that_is_badly_joined_is_refused() {
        let list = |json: &str| Artifact::new("", MediaType::Json, "", json.into());
        assert!(well_formed(&list("[1,]")).is_err());
        assert!(well_formed(&list("[1]")).is_ok());
    }

    #[test]
    fn empty_lists_are_fine() {
        let Validators { v3_sites, v3_regions, v4, .. } = validators();
        v3_sites.validate("", b"[]").unwrap();
        v4.validate("", b"{}").unwrap();
        v3_regions.validate("", br#"{"int":{"count":0,"selection":true}}"#).unwrap();
    }

    /// What the reasoning at the top of this file rests on.
    #[test]
    fn the_schemas_speak_of_lists_only_through_their_elements() {
        let schemas = Schemas::new("https://api.example/", []).unwrap();
        let keywords = |schema: &serde_json::Value| -> Vec<String> {
            let annotations = ["$schema", "$id", "title", "description", "type", "$defs"];
            let keywords = schema.as_object().unwrap().keys().cloned();
            keywords.filter(|it| !annotations.contains(&it.as_str())).collect()
        };
        assert_eq!(keywords(&schemas.document(Name::V3)["$defs"]["sites"]), ["items"]);
        assert_eq!(keywords(schemas.document(Name::V4)), ["propertyNames", "additionalProperties"]);
    }
}
