//! The last look at what is to be published: is it what its schema promises?
//!
//! A site stands in several lists, the same bytes in each. Before they are written they are held
//! against the schema, once; a schema speaks of a list only through its elements. The joined lists
//! then only have to be well-formed, for which their bytes are parsed again.

use serde::de::IgnoredAny;

use crate::artifact::Artifact;
use crate::schema::{Name, SchemaError, Schemas, Validator};
use crate::source::Json;

/// The validators of a build.
#[derive(Debug)]
pub struct Validators {
    /// For entry files.
    pub entry: Validator,
    /// For an element of the lists of version 3.
    pub v3_site: FileValidator,
    /// For `v3/regions.json`.
    pub v3_regions: FileValidator,
    /// For the lists of version 4.
    pub v4: FileValidator,
}

/// A validator for the value of a file.
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
        let [entry, v3_site, v3_regions, v4] = schemas.validators([
            (Name::Entry, ""),
            (Name::V3, "/$defs/site"),
            (Name::V3, "/$defs/regions"),
            (Name::V4, ""),
        ])?;
        Ok(Self {
            entry,
            v3_site: FileValidator(v3_site),
            v3_regions: FileValidator(v3_regions),
            v4: FileValidator(v4),
        })
    }
}

impl FileValidator {
    /// Holds a value against the schema. `path` names the file in an error.
    ///
    /// # Errors
    ///
    /// [`ValidityError`] where the value breaks the schema.
    pub fn validate(&self, path: &str, value: &Json<'_>) -> Result<(), ValidityError> {
        if self.0.is_valid(value) {
            return Ok(());
        }
        self.0.validate(value).map_err(|error| ValidityError {
            path: path.to_owned(),
            at: error.instance_path().as_str().to_owned(),
            message: error.to_string(),
        })
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
    use crate::source::json;

    fn validators() -> Validators {
        let schemas = Schemas::new("https://api.example/", ["email"], []).unwrap();
        Validators::new(&schemas).unwrap()
    }

    #[test]
    fn a_file_that_breaks_its_schema_is_refused_with_the_place() {
        let Validators { v3_site, v3_regions, v4, .. } = validators();
        let validate = |validator: &FileValidator, path: &str, text: &str| {
            validator.validate(path, &json::parse(text).unwrap().value)
        };
        let text = r#"{"a.example":{},"b.example":{"tfa":["totp"]}}"#;
        let error = validate(&v4, "v4/all.json", text).unwrap_err().to_string();
        assert!(error.contains("`v4/all.json`") && error.contains("/b.example"), "{error}");
        assert!(validate(&v3_site, "", r#"["A",{"domain":"a.example"}]"#).is_err());
        assert!(validate(&v3_regions, "", r#"{"us":{"count":1}}"#).is_err());
        validate(&v4, "", "{}").unwrap();
        validate(&v3_regions, "", r#"{"int":{"count":0,"selection":true}}"#).unwrap();
    }

    #[test]
    fn a_list_that_is_badly_joined_is_refused() {
        let list = |json: &str| Artifact::new("", MediaType::Json, "", json.into());
        assert!(well_formed(&list("[1,]")).is_err());
        assert!(well_formed(&list("[1]")).is_ok());
    }

    /// What the reasoning at the top of this file rests on.
    #[test]
    fn the_schemas_speak_of_lists_only_through_their_elements() {
        let schemas = Schemas::new("https://api.example/", [], []).unwrap();
        let keywords = |schema: &serde_json::Value| -> Vec<String> {
            let annotations = ["$schema", "$id", "title", "description", "type", "$defs"];
            let keywords = schema.as_object().unwrap().keys().cloned();
            keywords.filter(|it| !annotations.contains(&it.as_str())).collect()
        };
        assert_eq!(keywords(&schemas.document(Name::V3)["$defs"]["sites"]), ["items"]);
        assert_eq!(keywords(schemas.document(Name::V4)), ["propertyNames", "additionalProperties"]);
    }
}
