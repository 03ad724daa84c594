//! The schemas and categories as files of the API.

use super::ApiError;
use super::json::{Style, write};
use crate::artifact::{Artifact, MediaType};
use crate::project::Project;
use crate::schema::Name;

/// The schemas under the addresses that their `$id`s say, and the categories. They are written with
/// line breaks, since people read them.
///
/// # Errors
///
/// [`ApiError`] where a file could not be written; nothing in a root leads there.
pub fn artifacts(project: &Project) -> Result<Vec<Artifact>, ApiError> {
    let mut artifacts = Vec::new();
    for (name, document) in project.schemas.documents() {
        let bytes = write(document, Style::Pretty)?;
        let path = format!("schemas/{}", name.file());
        artifacts.push(Artifact::new(path, MediaType::Json, about(name), bytes));
    }
    artifacts.push(Artifact::new(
        "schemas/categories.json",
        MediaType::Json,
        "The categories with their titles.",
        write(&project.categories, Style::Pretty)?,
    ));
    Ok(artifacts)
}

fn about(name: Name) -> &'static str {
    match name {
        Name::Entry => "The form of an entry in the repository.",
        Name::V3 => "The form of the files of version 3.",
        Name::V4 => "The form of the files of version 4.",
        Name::Directory => "The form of the directory's settings.",
        Name::Manifest => "The form of the manifest.",
    }
}
