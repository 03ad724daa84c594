//! The file extensions of signatures.

use serde::{Deserialize, Serialize};

/// The extensions of a file's signatures, without the dot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "GivenEndings")]
pub(crate) struct SignatureEndings {
    /// The extension of detached signatures.
    pub(crate) detached: String,
    /// The extension of signed messages, which contain the file.
    pub(crate) inline: String,
    /// Whether the website's data is signed too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) frontend: bool,
}

impl SignatureEndings {
    /// The extensions of detached signatures and signed messages.
    pub(crate) fn pair(&self) -> [&str; 2] {
        [&self.detached, &self.inline]
    }
}

/// The extensions in the settings file.
#[derive(Default, Deserialize)]
#[serde(default)]
struct GivenEndings {
    detached: Option<String>,
    inline: Option<String>,
    frontend: bool,
}

impl From<GivenEndings> for SignatureEndings {
    /// A missing extension becomes the first default that the other one does not use.
    fn from(given: GivenEndings) -> Self {
        let free = |defaults: [&str; 2], taken: &Option<String>| {
            let [first, second] = defaults;
            if taken.as_deref() == Some(first) {
                second
            } else {
                first
            }
            .to_owned()
        };
        let GivenEndings {
            detached,
            inline,
            frontend,
        } = given;
        let free_detached = free(["sig", "detached"], &inline);
        let free_inline = free(["gpg", "pgp"], &detached);
        Self {
            detached: detached.unwrap_or(free_detached),
            inline: inline.unwrap_or(free_inline),
            frontend,
        }
    }
}

impl Default for SignatureEndings {
    fn default() -> Self {
        GivenEndings::default().into()
    }
}
