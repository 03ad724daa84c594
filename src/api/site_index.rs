//! `site-index.json`: what the look-up on the pages searches before it loads an entry.

use std::collections::HashSet;
use std::ffi::OsStr;

use serde::Serialize;
use serde_json::Value;

use super::extra::{Extra, Material};
use super::{Version, version};
use crate::artifact::{Artifact, MediaType};
use crate::failure::Result;
use crate::json_text;

/// The path in `dist/`.
pub(crate) const FILE: &str = "site-index.json";

/// A site. Fields that its entry lacks are absent.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct IndexedSite<'e> {
    name: &'e str,
    domain: &'e str,
    /// The domain that its owner registered, if the site's is below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    registrable: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_domains: Option<&'e Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    methods: Option<&'e Value>,
    /// Null if the site has no icon.
    #[serde(skip_serializing_if = "Option::is_none")]
    img: Option<&'e Value>,
}

/// The index of all sites, ordered by domain; absent if no version has a file to look up domains.
pub(super) struct SiteIndex;

impl Extra for SiteIndex {
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>> {
        let mut supported = material.directory.settings.supported().filter_map(version);
        if supported.find_map(Version::lookup).is_none() {
            return Ok(Vec::new());
        }
        let mut icons: HashSet<&OsStr> = HashSet::new();
        for icon in material.tree.icons() {
            if icon.problem.is_none() {
                icons.extend(icon.path.file_name());
            }
        }
        let mut sites = Vec::with_capacity(material.entries.len());
        for entry in material.entries {
            let domain = entry.domain();
            sites.push(IndexedSite {
                name: &entry.name,
                domain,
                registrable: psl::domain_str(domain).filter(|parent| *parent != domain),
                additional_domains: entry.fields.get("additional-domains"),
                methods: entry.fields.get("tfa"),
                img: match icons.contains(OsStr::new(entry.icon().as_ref())) {
                    true => entry.fields.get("img"),
                    false => Some(&Value::Null),
                },
            });
        }
        sites.sort_by_key(|site| site.domain);
        let bytes = json_text::write(&sites, material.style)?;
        let mut index = Artifact::new(FILE, MediaType::Json, "What the look-up searches.", bytes);
        index.count = Some(sites.len());
        Ok(vec![index])
    }
}
