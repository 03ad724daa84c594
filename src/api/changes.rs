//! `changes.json`: the newest changes of sites.

use serde::{Deserialize, Serialize};

use super::extra::{Extra, ExtraKind, Material};
use super::site_change::SiteChange;
use crate::artifact::{Artifact, MediaType};
use crate::failure::Result;
use crate::json_text;

/// The path of the published changes.
pub(crate) const CHANGES_FILE: &str = "changes.json";

/// How many changes are published.
pub(crate) const MAX_CHANGES: usize = 200;

/// The content of `changes.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChangesFile {
    /// Newest commit first; those of a commit by domain.
    pub(crate) changes: Vec<SiteChange>,
}

/// The changes, if the settings ask for them.
pub(super) struct NewestChanges;

impl Extra for NewestChanges {
    fn kind(&self) -> ExtraKind {
        ExtraKind::Data
    }

    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>> {
        let Some(changes) = &material.changes else {
            return Ok(Vec::new());
        };
        let file = ChangesFile {
            changes: changes.clone(),
        };
        let bytes = json_text::write(&file, material.style)?;
        let about = "The newest changes of sites.";
        Ok(vec![Artifact::new(
            CHANGES_FILE,
            MediaType::Json,
            about,
            bytes,
        )])
    }
}
