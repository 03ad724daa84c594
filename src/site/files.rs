//! Published files as rows of a table.

use serde::Serialize;

use crate::artifact::Artifact;
use crate::text::{size, thousands};

/// One published file.
#[derive(Debug, Serialize)]
pub(crate) struct File<'s> {
    path: &'s str,
    name: &'s str,
    about: &'static str,
    count: Option<String>,
    size: String,
    sha256: &'s str,
}

impl<'s> File<'s> {
    /// The row of a file.
    pub(crate) fn of(artifact: &'s Artifact) -> Self {
        Self {
            path: &artifact.path,
            name: artifact.path.rsplit('/').next().unwrap_or_default(),
            about: artifact.about,
            count: artifact.count.map(thousands),
            size: size(artifact.bytes.len()),
            sha256: artifact.sha256(),
        }
    }
}
