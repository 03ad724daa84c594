//! `site-index.json`: what the look-up on the pages searches before it loads an entry.

use serde_json::Value;

use super::extra::{Extra, Material};
use super::{ApiError, Version, version};
use crate::artifact::{Artifact, MediaType};
use crate::json_text::{self, Object, Part};

/// The path in `dist/`.
pub(crate) const FILE: &str = "site-index.json";

/// The fields of a site after `name`, by their names there and in the source.
const FIELDS: [(&str, &str); 4] = [
    ("domain", "domain"),
    ("additional-domains", "additional-domains"),
    ("methods", "tfa"),
    ("img", "img"),
];

/// The index of all sites, ordered by domain; absent if no version has a file to look up domains.
pub(super) struct SiteIndex;

impl Extra for SiteIndex {
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>, ApiError> {
        let mut supported = material.directory.settings.supported().filter_map(version);
        if supported.find_map(Version::lookup).is_none() {
            return Ok(Vec::new());
        }
        let mut entries: Vec<_> = material.entries.iter().collect();
        entries.sort_by_key(|entry| entry.domain());
        let sites = entries.into_iter().map(|entry| {
            let name = Value::from(entry.name.as_str());
            let field = |(name, source): &(_, &str)| Some((*name, entry.fields.get(*source)?));
            let fields = FIELDS.iter().filter_map(field);
            json_text::part(&Object(
                &[("name", &name)].into_iter().chain(fields).collect::<Vec<_>>(),
            ))
        });
        let sites = sites.collect::<Result<Vec<Part>, _>>()?;
        let bytes = json_text::write(&sites, material.style)?;
        let mut index = Artifact::new(FILE, MediaType::Json, "What the look-up searches.", bytes);
        index.count = Some(sites.len());
        Ok(vec![index])
    }
}
