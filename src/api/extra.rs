//! Files published next to the documented API, in one table.

use super::Style;
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
    pub(crate) style: Style,
}

/// Files that are published but not documented: the pages and other sites of the same publisher
/// use them.
pub(crate) trait Extra: Sync {
    /// The files; none if the settings do not enable them.
    ///
    /// # Errors
    ///
    /// If a file cannot be written or named.
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>>;
}
