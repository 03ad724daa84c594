//! `/icons/`: every icon of the root, unchanged (contract, section 6).

use crate::failure::Result;
use rayon::prelude::*;

use super::extra::{Extra, Material};
use crate::artifact::{Artifact, MediaType};

/// The icons.
pub(super) struct Icons;

impl Extra for Icons {
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>> {
        let folder = &material.directory.settings.paths.icons;
        let icons = material
            .tree
            .icons()
            .par_iter()
            .filter(|icon| icon.problem.is_none());
        let artifacts = icons.filter_map(|icon| {
            let path = icon.path.strip_prefix(folder).ok()?.to_str()?;
            let path = format!("icons/{}", path.replace(std::path::MAIN_SEPARATOR, "/"));
            let (media_type, bytes) = match icon.bytes.is_empty() {
                true => (MediaType::Svg, icon.text.as_bytes()),
                false => (MediaType::Png, icon.bytes.as_slice()),
            };
            Some(Artifact::new(path, media_type, "An icon.", bytes.to_vec()))
        });
        Ok(artifacts.collect())
    }
}
