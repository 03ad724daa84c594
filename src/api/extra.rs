//! Files published next to the versions, in one table.

use super::Style;
use super::site_change::SiteChange;
use crate::artifact::Artifact;
use crate::directory::Directory;
use crate::failure::Result;
use crate::source::{Entry, Tree};

/// What extra files are built from.
#[derive(Debug)]
pub(crate) struct Material<'m> {
    pub(crate) directory: &'m Directory,
    /// The files of the root.
    pub(crate) tree: &'m Tree,
    /// The valid entries, in the order of their files.
    pub(crate) entries: &'m [Entry],
    /// The newest changes of sites, if the settings ask for them.
    pub(crate) changes: Option<Vec<SiteChange>>,
    pub(crate) style: Style,
}

/// How the pages use extra files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ExtraKind {
    /// Data that the pages show and document.
    Data,
    /// Files that the pages and other sites of the same publisher load. They are not documented.
    Supplement,
}

/// A kind of extra files.
pub(crate) trait Extra: Sync {
    /// How the pages use these files.
    fn kind(&self) -> ExtraKind {
        ExtraKind::Supplement
    }

    /// The files; none if the settings do not enable them.
    ///
    /// # Errors
    ///
    /// If a file cannot be written or named.
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>>;
}
