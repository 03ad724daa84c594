//! What was published before: its manifest, and the signatures that may be kept.

use std::path::{Path, PathBuf};

use super::found::{FoundManifest, MAX_SIGNATURE_BYTES, Verified};
use super::manifest::{self, Manifest};
use crate::failure::{Result, fail};
use crate::limits;
use crate::openpgp::Verifier;

/// What was published before.
#[derive(Debug, Default)]
pub(crate) struct Previous {
    /// The manifest, if one of the keys of this build signed it.
    pub(crate) manifest: Option<Verified<Manifest>>,
    /// Whether there is a manifest that none of those keys signed.
    pub(crate) is_by_others: bool,
    /// The folder whose signatures may be kept.
    pub(crate) folder: Option<PathBuf>,
}

impl Previous {
    /// Reads the path that the user gave: a `manifest.json` next to its detached signature, a
    /// signed message that contains one, or a published folder. `verifier` trusts the keys of this
    /// build; one of them must have signed it.
    pub(crate) fn named(path: &Path, verifier: &Verifier) -> Result<Self> {
        let folder = path.is_dir().then(|| path.to_owned());
        let file = folder
            .as_ref()
            .map_or_else(|| path.to_owned(), |folder| folder.join(manifest::FILE));
        let Ok(manifest) = FoundManifest::read(&file)?.verify(verifier) else {
            fail!(
                "no key of this build has signed `{}`", file.display();
                help: "pass the signed message (manifest.json.gpg), or put the signature \
                       (manifest.json.sig) next to it; to start again with another key, omit \
                       --previous"
            );
        };
        Ok(Self {
            manifest: Some(manifest),
            is_by_others: false,
            folder,
        })
    }

    /// Reads the folder that is replaced. If it has no manifest, or a manifest by another key,
    /// nothing was published before.
    pub(crate) fn replaced(folder: &Path, verifier: &Verifier) -> Result<Self> {
        let file = folder.join(manifest::FILE);
        if !file.exists() {
            return Ok(Self::default());
        }
        let manifest = FoundManifest::read(&file)?.verify(verifier).ok();
        Ok(Self {
            is_by_others: manifest.is_none(),
            manifest,
            folder: Some(folder.to_owned()),
        })
    }

    /// The detached signature that a published file had.
    pub(crate) fn signature(&self, path: &str, extension: &str) -> Option<Vec<u8>> {
        let file = self.folder.as_ref()?.join(format!("{path}.{extension}"));
        limits::read_regular(&file, MAX_SIGNATURE_BYTES).ok()
    }
}
