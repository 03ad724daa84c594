//! What was published before: its manifest, and the signatures that may be kept.

use std::path::{Path, PathBuf};

use super::manifest::{self, Manifest};
use crate::artifact::sha256;
use crate::failure::{Result, fail, failure};
use crate::limits;
use crate::openpgp::{SignatureError, Signatures, Signed, Verifier};

const MAX_MANIFEST_BYTES: usize = 16 * 1024 * 1024;
const MAX_SIGNATURE_BYTES: usize = 64 * 1024;

/// What was published before.
#[derive(Debug, Default)]
pub(crate) struct Previous {
    /// The manifest with its bytes, if one of the keys of this build signed it.
    pub(crate) manifest: Option<(Manifest, Vec<u8>)>,
    /// Whether there is a manifest that none of those keys signed.
    pub(crate) is_by_others: bool,
    /// The folder whose signatures may be kept.
    pub(crate) folder: Option<PathBuf>,
    /// The folder of the manifest.
    pub(crate) place: PathBuf,
}

impl Previous {
    /// Reads the path that the user gave: a `manifest.json` next to its detached signature, a
    /// signed message that contains one, or a published folder. `verifier` trusts the keys of this
    /// build; one of them must have signed it.
    pub(crate) fn named(path: &Path, verifier: &Verifier) -> Result<Self> {
        let folder = path.is_dir().then(|| path.to_owned());
        let file = folder
            .as_ref()
            .map_or_else(|| path.to_owned(), |it| it.join(manifest::FILE));
        let found = Found::read(&file)?;
        if !found.is_signed(verifier) {
            fail!(
                "no key of this build has signed `{}`", file.display();
                help: "name the signed message (manifest.json.gpg), or put the signature \
                       (manifest.json.sig) next to it; to start again with another key, omit \
                       --previous"
            );
        }
        let manifest = Some((found.manifest, found.bytes));
        let place = file.parent().unwrap_or(Path::new("")).to_owned();
        Ok(Self {
            manifest,
            is_by_others: false,
            folder,
            place,
        })
    }

    /// Reads the folder that is replaced. If it has no manifest, or a manifest by another key,
    /// nothing was published before.
    pub(crate) fn replaced(folder: &Path, verifier: &Verifier) -> Result<Self> {
        let file = folder.join(manifest::FILE);
        if !file.exists() {
            return Ok(Self::default());
        }
        let found = Found::read(&file)?;
        let is_signed = found.is_signed(verifier);
        let manifest = is_signed.then_some((found.manifest, found.bytes));
        let place = folder.to_owned();
        Ok(Self {
            manifest,
            is_by_others: !is_signed,
            folder: Some(folder.to_owned()),
            place,
        })
    }

    /// The bytes of a file that the manifest lists, if it is there.
    pub(crate) fn file(&self, path: &str) -> Result<Option<Vec<u8>>> {
        let mut listed = self
            .manifest
            .iter()
            .flat_map(|(manifest, _)| &manifest.files);
        let file = self.place.join(path);
        let Some(listed) = listed.find(|it| it.path == path).filter(|_| file.exists()) else {
            return Ok(None);
        };
        let bytes = limits::read_regular(&file, listed.size);
        if !bytes
            .as_ref()
            .is_ok_and(|bytes| sha256(bytes) == listed.sha256)
        {
            fail!(
                "`{}` does not match the manifest of the previous build", file.display();
                help: "one of the two was changed or is of another build; download both again"
            );
        }
        Ok(Some(bytes?))
    }

    /// The detached signature that a published file had.
    pub(crate) fn signature(&self, path: &str, ending: &str) -> Option<Vec<u8>> {
        let file = self.folder.as_ref()?.join(format!("{path}.{ending}"));
        limits::read_regular(&file, MAX_SIGNATURE_BYTES).ok()
    }
}

/// A manifest, and the signatures next to it or around it, which are not verified yet.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) manifest: Manifest,
    bytes: Vec<u8>,
    signatures: Option<Signatures>,
}

impl Found {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = limits::read_regular(path, MAX_MANIFEST_BYTES)?;
        let failed = |problem: String| {
            failure!(
                "`{}` {problem}", path.display();
                help: "name a manifest.json, its signed message, or a published folder"
            )
        };
        let parse = |bytes: &[u8]| Manifest::parse(bytes).map_err(failed);
        if bytes.trim_ascii_start().starts_with(b"{") {
            let manifest = parse(&bytes)?;
            let mut signature = path.as_os_str().to_owned();
            signature.push(format!(".{}", manifest.signatures.detached));
            let signature = limits::read_regular(Path::new(&signature), MAX_SIGNATURE_BYTES).ok();
            let signatures = match signature.map(|it| Signed::read(&it, 0)) {
                Some(Ok(Signed::Detached(it) | Signed::Message(it, _))) => Some(it),
                _ => None,
            };
            return Ok(Self {
                manifest,
                bytes,
                signatures,
            });
        }
        match Signed::read(&bytes, MAX_MANIFEST_BYTES).map_err(|error| failed(error.to_string()))? {
            Signed::Message(signatures, data) => Ok(Self {
                manifest: parse(&data)?,
                bytes: data,
                signatures: Some(signatures),
            }),
            Signed::Detached(_) => {
                let problem = "is a detached signature, which contains no manifest";
                Err(failed(problem.to_owned()).into())
            }
        }
    }

    pub(crate) fn has_signature(&self) -> bool {
        self.signatures.is_some()
    }

    /// Whether one of the trusted keys signed it.
    pub(crate) fn is_signed(&self, verifier: &Verifier) -> bool {
        self.verify(verifier).is_ok()
    }

    /// Why none of the trusted keys signed it; `None` if it has no signature.
    pub(crate) fn verify(&self, verifier: &Verifier) -> Result<(), Option<SignatureError>> {
        let mut problem = None;
        for verdict in self
            .signatures
            .iter()
            .flat_map(|it| verifier.verify(it, &self.bytes))
        {
            match verdict {
                Ok(_) => return Ok(()),
                // A trusted key explains more than others.
                Err(error @ SignatureError::OtherKey(_)) => problem = problem.or(Some(error)),
                Err(error) => problem = Some(error),
            }
        }
        Err(problem)
    }
}
