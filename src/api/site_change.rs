//! A change of a site, as published.

use serde::{Deserialize, Serialize};

/// A change of a site by a commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SiteChange {
    /// The id of the commit in hexadecimal digits.
    pub(crate) commit: String,
    /// The committer's time (RFC 3339, in UTC).
    pub(crate) time: String,
    pub(crate) kind: ChangeKind,
    /// The domain after the change, or of a removed site.
    pub(crate) domain: String,
    pub(crate) name: String,
    /// The domain and name before a rename.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) was: Option<Was>,
    pub(crate) gained: Vec<String>,
    pub(crate) lost: Vec<String>,
    /// The fields of a changed or renamed site that differ, methods first.
    pub(crate) fields: Vec<String>,
    /// The site's own address, if it can be linked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) documentation: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ChangeKind {
    Added,
    Removed,
    /// Perhaps with other changes.
    Renamed,
    Changed,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Was {
    pub(crate) domain: String,
    pub(crate) name: String,
}
