//! A folder that tfadir built, held against its manifest.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde::de::IgnoredAny;
use walkdir::WalkDir;

use super::finding;
use crate::artifact::sha256;
use crate::finding::{Elsewhere, Finding};
use crate::limits;
use crate::publish::manifest::{self, FormError, Manifest};
use crate::publish::marker;
use crate::text::{count, thousands};

/// The most that the files of a folder may hold together, in bytes: all are read into memory.
const MAX_BYTES: u64 = 1 << 30;

/// All files of a folder, and the manifest among them.
#[derive(Debug)]
pub(crate) struct Contents {
    /// The manifest; nothing is known yet of who made it.
    pub(crate) manifest: Manifest,
    /// The bytes of every regular file, by its path with `/` between the parts.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// What is neither a file nor a folder, and what has a name that is no UTF-8.
    others: Vec<String>,
}

/// A folder cannot be held against a manifest.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ContentsError {
    /// There is none.
    #[error(
        "`{0}` holds no manifest.json\n\
         help: name a folder that `tfadir build` left, or the signature file that you downloaded"
    )]
    NoManifest(PathBuf),
    /// It is none.
    #[error("`{path}` {problem}")]
    Manifest {
        /// The manifest's path.
        path: PathBuf,
        /// What is wrong.
        problem: FormError,
    },
    /// More than can be read.
    #[error(
        "`{}` holds more than 1 GiB with {}, which no build leaves\n\
         help: remove what does not belong there", .folder.display(), crate::text::quote(.file)
    )]
    TooMuch {
        /// The folder.
        folder: PathBuf,
        /// The file with which it is too much.
        file: String,
    },
    /// Something cannot be read.
    #[error("cannot read `{}`: {source}", crate::text::visible(&path.to_string_lossy()))]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl Contents {
    /// Reads a folder. Links are not followed.
    ///
    /// # Errors
    ///
    /// [`ContentsError`] where a file cannot be read or the manifest is missing or none.
    pub(crate) fn read(folder: &Path) -> Result<Self, ContentsError> {
        let unreadable =
            |path: &Path, source| ContentsError::Unreadable { path: path.to_owned(), source };
        let mut paths = Vec::new();
        let mut others = Vec::new();
        let mut left = MAX_BYTES;
        for item in WalkDir::new(folder).min_depth(1) {
            let item = item.map_err(|error| {
                let path = error.path().unwrap_or(folder).to_owned();
                ContentsError::Unreadable { path, source: error.into() }
            })?;
            let kind = item.file_type();
            if kind.is_dir() {
                continue;
            }
            let relative = item.path().strip_prefix(folder).unwrap_or(item.path());
            let shown = relative.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
            // What is no UTF-8 is in no manifest, whatever it looks like.
            if !kind.is_file() || relative.to_str().is_none() {
                others.push(shown);
                continue;
            }
            let metadata = item.metadata();
            let metadata = metadata.map_err(|error| unreadable(item.path(), error.into()))?;
            left = left.checked_sub(metadata.len()).ok_or_else(|| ContentsError::TooMuch {
                folder: folder.to_owned(),
                file: shown.clone(),
            })?;
            paths.push((shown, metadata.len(), item.into_path()));
        }
        let read = |(relative, most, path): (String, u64, PathBuf)| {
            let most = usize::try_from(most).unwrap_or(usize::MAX);
            match limits::read_regular(&path, most) {
                Ok(bytes) => Ok((relative, bytes)),
                Err(error) => Err(unreadable(&path, error)),
            }
        };
        let files: BTreeMap<_, _> = paths.into_par_iter().map(read).collect::<Result<_, _>>()?;
        let bytes = files.get(manifest::FILE);
        let bytes = bytes.ok_or_else(|| ContentsError::NoManifest(folder.to_owned()))?;
        let path = folder.join(manifest::FILE);
        let manifest = Manifest::parse(bytes);
        let manifest = manifest.map_err(|problem| ContentsError::Manifest { path, problem })?;
        Ok(Self { manifest, files, others })
    }

    /// The paths of all files that are signed: the manifest, and every JSON file in it.
    pub(crate) fn signed(&self) -> impl Iterator<Item = &str> {
        self.manifest.signed()
    }

    /// The names of the two signatures of a file.
    pub(crate) fn signatures_of(&self, path: &str) -> [String; 2] {
        self.manifest.signatures_of(path)
    }

    /// What differs between the manifest and the files: what is missing, altered, or not in it.
    /// Signature files are taken as they are.
    pub(crate) fn differences(&self) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            self.manifest.files.par_iter().filter_map(|file| self.difference(file)).collect();
        let mut known: HashSet<&str> =
            self.manifest.files.iter().map(|file| file.path.as_str()).collect();
        known.extend([manifest::FILE, marker::FILE]);
        let signatures: HashSet<String> =
            self.signed().flat_map(|path| self.signatures_of(path)).collect();
        for path in &self.others {
            let message = "this is a link or special file, or its name is no UTF-8".to_owned();
            findings.push(finding(Elsewhere::ExtraFile, path, message, EXTRA));
        }
        for path in self.files.keys() {
            if !known.contains(path.as_str()) && !signatures.contains(path) {
                let message = "the manifest does not know this file".to_owned();
                findings.push(finding(Elsewhere::ExtraFile, path, message, EXTRA));
            }
        }
        findings.extend(self.marker());
        findings
    }

    fn difference(&self, file: &manifest::File) -> Option<Finding> {
        let path = &file.path;
        let Some(bytes) = self.files.get(path) else {
            let message = "this file is missing".to_owned();
            return Some(finding(Elsewhere::MissingFile, path, message, MISSING));
        };
        if bytes.len() != file.size {
            let (found, wanted) = (count(bytes.len(), "byte", "bytes"), thousands(file.size));
            let message = format!("this file has {found}; the manifest says {wanted}");
            return Some(finding(Elsewhere::AlteredFile, path, message, ALTERED));
        }
        if sha256(bytes) != file.sha256 {
            let message = "this file has another SHA-256 than the manifest says".to_owned();
            return Some(finding(Elsewhere::AlteredFile, path, message, ALTERED));
        }
        if file.is_signed()
            && let Err(error) = serde_json::from_slice::<IgnoredAny>(bytes)
        {
            let message = format!("this file is no JSON: {error}");
            return Some(finding(Elsewhere::AlteredFile, path, message, ALTERED));
        }
        None
    }

    /// What is wrong with the list of files that a build leaves. It need not be there, since it is
    /// of no use to clients.
    fn marker(&self) -> Option<Finding> {
        let bytes = self.files.get(marker::FILE)?;
        let others = self.files.keys().map(String::as_str).filter(|path| *path != marker::FILE);
        let message = "this list does not fit the files beside it".to_owned();
        (*bytes != marker::text(others).into_bytes())
            .then(|| finding(Elsewhere::AlteredFile, marker::FILE, message, ALTERED))
    }
}

const MISSING: &str = "Download or copy all files of one build again.";
const ALTERED: &str = "It was changed after the build, or comes from another one. Build again, or copy all files \
                       of one build.";
const EXTRA: &str = "Remove it, or build again into an empty folder.";
