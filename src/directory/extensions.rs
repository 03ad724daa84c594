//! The file extensions of signatures.

use serde::{Deserialize, Serialize};

/// The extensions of a file's signatures, without the dot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "GivenExtensions")]
pub(crate) struct SignatureExtensions {
    /// The extension of detached signatures.
    pub(crate) detached: String,
    /// The extension of signed messages, which contain the file.
    pub(crate) inline: String,
    /// Whether the website's data is signed too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) frontend: bool,
}

impl SignatureExtensions {
    /// The extensions of detached signatures and signed messages.
    pub(crate) fn pair(&self) -> [&str; 2] {
        [&self.detached, &self.inline]
    }
}

/// The extensions in the settings file.
#[derive(Default, Deserialize)]
#[serde(default)]
struct GivenExtensions {
    detached: Option<String>,
    inline: Option<String>,
    frontend: bool,
}

impl From<GivenExtensions> for SignatureExtensions {
    /// A missing extension becomes the first default that the other one does not use.
    fn from(given: GivenExtensions) -> Self {
        let GivenExtensions {
            detached,
            inline,
            frontend,
        } = given;
        let free_detached = free(["sig", "detached"], inline.as_deref());
        let free_inline = free(["gpg", "pgp"], detached.as_deref());
        Self {
            detached: detached.unwrap_or(free_detached),
            inline: inline.unwrap_or(free_inline),
            frontend,
        }
    }
}

/// The first of two defaults, or the second if the first is taken.
fn free([first, second]: [&str; 2], taken: Option<&str>) -> String {
    let default = if taken == Some(first) { second } else { first };
    default.to_owned()
}

impl Default for SignatureExtensions {
    fn default() -> Self {
        GivenExtensions::default().into()
    }
}
