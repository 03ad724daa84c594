//! The files of a published folder, compared with its manifest.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::de::IgnoredAny;
use walkdir::WalkDir;

use super::finding;
use crate::artifact::{Artifact, MediaType, sha256};
use crate::failure::{Result, fail};
use crate::finding::{Finding, Stage};
use crate::limits::{self, ReadError};
use crate::publish::manifest::{self, Manifest};
use crate::publish::{FoundManifest, marker};
use crate::text::{count, quote, thousands};

/// All files are read into memory.
const MAX_BYTES: u64 = 1 << 30;

/// All files of a folder, and its manifest, whose signature is not verified yet.
#[derive(Debug)]
pub(crate) struct Contents {
    pub(crate) manifest: Manifest,
    /// The bytes of every regular file, by its path with `/` between the parts.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// Links, special files, and files with names that are not UTF-8.
    others: Vec<String>,
}

/// A file that is not a manifest, and why; the text follows the file's name.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` {1}")]
pub(crate) struct BadManifest(PathBuf, pub(crate) String);

impl Contents {
    /// Reads a folder. Links are not followed.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let mut paths = Vec::new();
        let mut others = Vec::new();
        let mut left = MAX_BYTES;
        for item in WalkDir::new(folder).min_depth(1) {
            let item = item.map_err(|error| ReadError::of_walk(folder, error))?;
            let kind = item.file_type();
            if kind.is_dir() {
                continue;
            }
            let relative = item.path().strip_prefix(folder).unwrap_or(item.path());
            let shown = relative
                .to_string_lossy()
                .replace(std::path::MAIN_SEPARATOR, "/");
            // No manifest lists a name that is not UTF-8, however similar it looks.
            if !kind.is_file() || relative.to_str().is_none() {
                others.push(shown);
                continue;
            }
            let metadata = item.metadata();
            let size = metadata
                .map_err(|error| ReadError::of_walk(folder, error))?
                .len();
            if size > left {
                fail!(
                    "`{}` contains more than 1 GiB with {}, but builds are smaller", folder.display(), quote(&shown);
                    help: "remove files that do not belong there"
                );
            }
            left -= size;
            paths.push((
                shown,
                usize::try_from(size).unwrap_or(usize::MAX),
                item.into_path(),
            ));
        }
        let files: BTreeMap<_, _> = paths.into_par_iter().map(read).collect::<Result<_, _>>()?;
        let Some(bytes) = files.get(manifest::FILE) else {
            fail!(
                "`{}` contains no manifest.json", folder.display();
                help: "pass a folder that `tfadir build` wrote, or the signature file that you \
                       downloaded"
            );
        };
        let manifest =
            parse(bytes).map_err(|problem| BadManifest(folder.join(manifest::FILE), problem))?;
        Ok(Self {
            manifest,
            files,
            others,
        })
    }

    /// Whether the manifest in the folder is still the one that was read.
    pub(crate) fn is_current(&self, folder: &Path) -> bool {
        let read = self
            .files
            .get(manifest::FILE)
            .map_or(&[][..], Vec::as_slice);
        limits::read_regular(&folder.join(manifest::FILE), read.len()).is_ok_and(|now| now == read)
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, path: &str) -> Result<&[u8]> {
        match self.files.get(path) {
            Some(bytes) => Ok(bytes),
            None => fail!("this build has no {path}"; help: "{MISSING}"),
        }
    }

    /// The manifest with the detached signature next to it.
    pub(crate) fn found_manifest(&self) -> Result<FoundManifest> {
        let bytes = self.bytes(manifest::FILE)?;
        let [detached, _] = self.manifest.signatures_of(manifest::FILE);
        let detached = self.bytes(&detached)?;
        Ok(FoundManifest::of(self.manifest.clone(), bytes, detached))
    }

    /// The paths of the files in the manifest that are not signed.
    pub(crate) fn unsigned(&self) -> impl Iterator<Item = &str> {
        let files = self.manifest.files.iter().filter(|file| !file.is_signed());
        files.map(|file| file.path.as_str())
    }

    /// Every file that is signed.
    pub(crate) fn signed(&self) -> Vec<Artifact> {
        let mut signed = Vec::new();
        for path in self.manifest.signed() {
            let bytes = self.files.get(path).cloned().unwrap_or_default();
            signed.push(Artifact::new(path, MediaType::Json, "", bytes));
        }
        signed
    }

    /// What is missing, altered, or not in the manifest. Signatures are not verified here.
    pub(crate) fn differences(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> = self
            .manifest
            .files
            .par_iter()
            .filter_map(|file| self.difference(file))
            .collect();
        let signatures: HashSet<String> = self
            .manifest
            .signed()
            .flat_map(|path| self.manifest.signatures_of(path))
            .collect();
        let mut written: HashSet<&str> = self
            .manifest
            .files
            .iter()
            .map(|file| file.path.as_str())
            .collect();
        written.insert(manifest::FILE);
        for path in &self.others {
            let message = "this is a link or special file, or its name is not UTF-8";
            findings.push(finding(Stage::ExtraFile, path, message, EXTRA));
        }
        for path in self.files.keys() {
            let is_known = written.contains(path.as_str()) || signatures.contains(path);
            if !is_known && path != marker::FILE {
                let message = "this file is not in the manifest";
                findings.push(finding(Stage::ExtraFile, path, message, EXTRA));
            }
        }
        findings.extend(self.marker(&written, &signatures));
        findings
    }

    fn difference(&self, file: &manifest::File) -> Option<Finding> {
        let path = &file.path;
        let Some(bytes) = self.files.get(path) else {
            return Some(finding(
                Stage::MissingFile,
                path,
                "this file is missing",
                MISSING,
            ));
        };
        if bytes.len() != file.size {
            let (found, wanted) = (count(bytes.len(), "byte", "bytes"), thousands(file.size));
            let message = format!("this file has {found}, but the manifest says {wanted}");
            return Some(finding(Stage::AlteredFile, path, message, ALTERED));
        }
        if sha256(bytes) != file.sha256 {
            let message = "the SHA-256 of this file differs from the manifest";
            return Some(finding(Stage::AlteredFile, path, message, ALTERED));
        }
        if file.is_signed()
            && let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes)
        {
            let message = format!("this file is not JSON: {error}");
            return Some(finding(Stage::AlteredFile, path, message, ALTERED));
        }
        None
    }

    /// Whether the list of written files differs from the manifest. The list may be absent, since
    /// clients do not need it.
    fn marker(&self, written: &HashSet<&str>, signatures: &HashSet<String>) -> Option<Finding> {
        let bytes = self.files.get(marker::FILE)?;
        if let Some(listed) = marker::paths(bytes)
            && self.is_list(&listed, written, signatures)
        {
            return None;
        }
        let message = "this list does not match the manifest";
        Some(finding(Stage::AlteredFile, marker::FILE, message, ALTERED))
    }

    /// Whether paths are those of all written files, with the signatures that are in the folder.
    fn is_list(
        &self,
        paths: &[&str],
        written: &HashSet<&str>,
        signatures: &HashSet<String>,
    ) -> bool {
        let listed: HashSet<&str> = paths.iter().copied().collect();
        written.is_subset(&listed)
            && signatures
                .iter()
                .all(|path| listed.contains(path.as_str()) || !self.files.contains_key(path))
            && paths
                .iter()
                .all(|path| written.contains(path) || signatures.contains(*path))
    }
}

fn read((shown, size, path): (String, usize, PathBuf)) -> Result<(String, Vec<u8>), ReadError> {
    Ok((shown, limits::read_regular(&path, size)?))
}

fn parse(bytes: &[u8]) -> Result<Manifest, String> {
    if bytes.len() > manifest::MAX_BYTES {
        return Err("is larger than 16 MiB, but no build has a manifest of that size".to_owned());
    }
    Manifest::parse(bytes)
}

pub(super) const MISSING: &str = "Download or copy all files of one build again.";
const ALTERED: &str = "It was changed after the build, or is from another one. Build again, or copy all files of one build.";
const EXTRA: &str = "Remove it, or build again into an empty folder.";
