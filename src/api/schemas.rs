//! The schemas and categories as files of the API.

use crate::artifact::{Artifact, MediaType};
use crate::directory::Directory;
use crate::failure::Result;
use crate::json_text::write_pretty;
use crate::schema::CHANGES;

/// The schemas at the URLs in their `$id`s, and the categories. They are indented for readability.
///
/// # Errors
///
/// If a file cannot be written, which no root can cause.
pub(super) fn artifacts(directory: &Directory) -> Result<Vec<Artifact>> {
    let mut artifacts = Vec::new();
    for (source, document) in directory.schemas.documents() {
        if source == CHANGES && !directory.settings.feed.enabled {
            continue;
        }
        let path = format!("schemas/{}", source.file);
        let bytes = write_pretty(document)?;
        artifacts.push(Artifact::new(path, MediaType::Json, source.about, bytes));
    }
    artifacts.push(Artifact::new(
        "schemas/categories.json",
        MediaType::Json,
        "The categories with their titles.",
        write_pretty(&directory.categories)?,
    ));
    Ok(artifacts)
}
