//! `site-index.json`: what the look-up on the pages searches before it loads an entry.

use serde::Serialize;
use serde_json::Value;

use super::extra::{Extra, Material};
use super::{ApiError, Version, version};
use crate::artifact::{Artifact, MediaType};
use crate::json_text;

/// The path in `dist/`.
pub(crate) const FILE: &str = "site-index.json";

/// A site. Fields that its entry lacks are absent.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Site<'e> {
    name: &'e str,
    domain: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_domains: Option<&'e Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    methods: Option<&'e Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    img: Option<&'e Value>,
}

/// The index of all sites, ordered by domain; absent if no version has a file to look up domains.
pub(super) struct SiteIndex;

impl Extra for SiteIndex {
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>, ApiError> {
        let mut supported = material.directory.settings.supported().filter_map(version);
        if supported.find_map(Version::lookup).is_none() {
            return Ok(Vec::new());
        }
        let sites = material.entries.iter().map(|entry| Site {
            name: &entry.name,
            domain: entry.domain(),
            additional_domains: entry.fields.get("additional-domains"),
            methods: entry.fields.get("tfa"),
            img: entry.fields.get("img"),
        });
        let mut sites: Vec<Site<'_>> = sites.collect();
        sites.sort_by_key(|site| site.domain);
        let bytes = json_text::write(&sites, material.style)?;
        let mut index = Artifact::new(FILE, MediaType::Json, "What the look-up searches.", bytes);
        index.count = Some(sites.len());
        Ok(vec![index])
    }
}
