//! Validates published data against its schema.
//!
//! A site is in several lists, as the same bytes. Each site is validated once, before it is
//! written, because the schemas constrain arrays only by their elements.

use crate::directory::Directory;
use serde_json::Value;

use crate::failure::{Result, failure};
use crate::schema::{self, Schemas, Validator};

use super::VERSIONS;

/// The validators of a build.
#[derive(Debug)]
pub struct Validators {
    /// For entry files.
    pub entry: Validator,
    /// For the parts of each version, by its number.
    versions: Vec<(u64, Vec<FileValidator>)>,
}

/// A validator for a part of a published file.
#[derive(Debug)]
pub(crate) struct FileValidator(Option<Validator>);

impl Validators {
    /// Compiles the schemas of entries and of the supported versions.
    ///
    /// # Errors
    ///
    /// If one of them does not compile.
    pub fn new(directory: &Directory) -> Result<Self> {
        let supported: Vec<u64> = directory.settings.supported().collect();
        Self::of(&directory.schemas, &supported)
    }

    fn of(schemas: &Schemas, supported: &[u64]) -> Result<Self> {
        let versions: Vec<_> = VERSIONS
            .iter()
            .filter(|version| supported.contains(&version.number()))
            .collect();
        let parts = versions.iter().flat_map(|version| {
            version
                .validated_parts()
                .iter()
                .map(|part| (version.schema(), *part))
        });
        let mut compiled = schemas
            .validators([(schema::ENTRY, "")].into_iter().chain(parts))?
            .into_iter();
        let entry = compiled
            .next()
            .ok_or_else(|| schema::unusable("no validator"))?;
        let mut of_versions = Vec::with_capacity(versions.len());
        for version in versions {
            let parts = compiled.by_ref().take(version.validated_parts().len());
            let validators = parts.map(|validator| FileValidator(Some(validator)));
            of_versions.push((version.number(), validators.collect()));
        }
        Ok(Self {
            entry,
            versions: of_versions,
        })
    }

    /// The validators of a version's parts.
    pub(super) fn of_version(&self, number: u64) -> &[FileValidator] {
        let found = self.versions.iter().find(|(known, _)| *known == number);
        found
            .map(|(_, validators)| validators.as_slice())
            .unwrap_or_default()
    }
}

impl FileValidator {
    /// Accepts everything.
    pub(super) const ANY: Self = Self(None);

    /// Validates a value. `path` names the file in an error.
    ///
    /// # Errors
    ///
    /// If the value violates the schema.
    pub(super) fn validate(&self, path: &str, value: &Value) -> Result<()> {
        let Some(validator) = self
            .0
            .as_ref()
            .filter(|validator| !validator.is_valid(value))
        else {
            return Ok(());
        };
        Ok(validator.validate(value).map_err(|error| {
            failure!(
                "`{path}` breaks its schema at `{}`: {error}", error.instance_path();
                help: "nothing was written; please report this bug in tfadir"
            )
        })?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Tables;
    use crate::source::json;

    fn schemas() -> Schemas {
        let versions = VERSIONS.iter().map(|version| version.schema()).collect();
        let tables = Tables {
            versions,
            ..Tables::default()
        };
        Schemas::new("https://api.example/", [("email", "Email")], &tables).unwrap()
    }

    #[test]
    fn a_file_that_violates_its_schema_is_refused_with_the_location() {
        let validators = Validators::of(&schemas(), &[3, 4]).unwrap();
        let ([site, regions], [v4]) = (validators.of_version(3), validators.of_version(4)) else {
            panic!("{validators:?}")
        };
        let validate = |validator: &FileValidator, path: &str, text: &str| {
            validator.validate(path, &json::parse(text).unwrap().value)
        };
        let text = r#"{"a.example":{},"b.example":{"tfa":["totp"]}}"#;
        let error = validate(v4, "v4/all.json", text).unwrap_err().to_string();
        assert!(
            error.contains("`v4/all.json`") && error.contains("/b.example"),
            "{error}"
        );
        assert!(validate(site, "", r#"["A",{"domain":"a.example"}]"#).is_err());
        assert!(validate(regions, "", r#"{"us":{"count":1}}"#).is_err());
        validate(v4, "", "{}").unwrap();
        validate(regions, "", r#"{"int":{"count":0,"selection":true}}"#).unwrap();
    }

    /// Tests the assumption in the documentation of this module.
    #[test]
    fn the_schemas_constrain_arrays_only_by_their_elements() {
        let keywords = |schema: &Value| -> Vec<String> {
            let annotations = ["$schema", "$id", "title", "description", "type", "$defs"];
            let keywords = schema.as_object().unwrap().keys().cloned();
            keywords
                .filter(|keyword| !annotations.contains(&keyword.as_str()))
                .collect()
        };
        let schemas = schemas();
        let document = |number| schemas.document(super::super::version(number).unwrap().schema());
        assert_eq!(keywords(&document(3)["$defs"]["sites"]), ["items"]);
        assert_eq!(
            keywords(document(4)),
            ["propertyNames", "additionalProperties"]
        );
    }
}
