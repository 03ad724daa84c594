//! `/icons/`: every icon of the root, unchanged (contract, section 6).

use std::path::MAIN_SEPARATOR;

use rayon::prelude::*;

use super::extra::{Extra, Material};
use crate::artifact::{Artifact, MediaType};
use crate::failure::Result;
use crate::source::SourceFile;

/// The icons.
pub(super) struct Icons;

impl Extra for Icons {
    fn emit(&self, material: &Material<'_>) -> Result<Vec<Artifact>> {
        let folder = &material.directory.settings.paths.icons;
        let icons = material.tree.icons().par_iter();
        Ok(icons.filter_map(|icon| artifact(icon, folder)).collect())
    }
}

/// `None` if the icon cannot be read, or is not in the folder of icons.
fn artifact(icon: &SourceFile, folder: &str) -> Option<Artifact> {
    if icon.problem.is_some() {
        return None;
    }
    let path = icon.path.strip_prefix(folder).ok()?.to_str()?;
    let published = format!("icons/{}", path.replace(MAIN_SEPARATOR, "/"));
    let (media_type, bytes) = match icon.bytes.is_empty() {
        true => (MediaType::Svg, icon.text.as_bytes()),
        false => (MediaType::Png, icon.bytes.as_slice()),
    };
    Some(Artifact::new(
        published,
        media_type,
        "An icon.",
        bytes.to_vec(),
    ))
}
