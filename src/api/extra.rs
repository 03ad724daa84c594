//! Files published next to the documented API, in one table.

use super::frontend_v1::FrontendV1;
use super::icons::Icons;
use super::{ApiError, Style};
use crate::artifact::Artifact;
use crate::directory::Directory;
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

/// Files that are published but not documented: other sites of the same publisher use them.
pub(crate) trait Extra: Sync {
    /// The files; none where the settings do not ask for them.
    ///
    /// # Errors
    ///
    /// [`ApiError`] where a file cannot be written or named.
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>, ApiError>;
}

/// All extra files, each from one file of this folder.
static EXTRAS: &[&dyn Extra] = &[&FrontendV1, &Icons];

/// The extra files of a directory.
///
/// # Errors
///
/// [`ApiError`] where a file cannot be written or named.
pub(crate) fn extras(material: &Material<'_>) -> Result<Vec<Artifact>, ApiError> {
    let emitted = EXTRAS.iter().map(|extra| extra.emit(material));
    Ok(emitted.collect::<Result<Vec<_>, ApiError>>()?.into_iter().flatten().collect())
}
