//! The states that can be compared, and how each is read.

use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use crate::api::{CompleteFile, VERSIONS};
use crate::directory::Directory;
use crate::failure::{Failure, Result, fail, failure};
use crate::git;
use crate::limits::{self, ReadError};
use crate::publish::FoundManifest;
use crate::publish::manifest::{self, Manifest};
use crate::source::file::{Kind, MAX_BYTES};
use crate::source::tree::load_entries;
use crate::source::{Entry, FileProblem, SourceFile, json};
use crate::text::quote;

/// The largest published file that is read, in bytes.
const MAX_PUBLISHED_BYTES: usize = 64 * 1024 * 1024;

/// The entries of a directory at some time.
#[derive(Debug)]
pub(crate) struct State {
    /// What messages call it.
    pub(crate) name: String,
    /// By domain in byte order, each domain once.
    pub(crate) entries: Vec<Entry>,
    /// Where it was published.
    pub(crate) published: Option<PublishedState>,
}

/// A published build, which is not verified yet.
#[derive(Debug)]
pub(crate) struct PublishedState {
    /// The path of the manifest, which need not exist.
    pub(crate) manifest: PathBuf,
    pub(crate) found: Option<FoundManifest>,
}

/// The error for a state that has an unusable file.
fn unusable(state: &str, file: &str, problem: &str) -> Failure {
    failure!(
        "cannot compare {state}: {}: {problem}", quote(file);
        help: "fix the file, or compare with another state"
    )
}

/// The error for a name that leads to no data.
fn no_data(name: &str) -> Failure {
    failure!("{} has neither entries nor a complete published file", quote(name); help: "{USE}")
}

const USE: &str = "use a commit, a folder with `entries`, a published folder or its manifest";

impl State {
    /// A directory without entries.
    pub(crate) fn empty() -> Self {
        Self {
            name: "nothing".to_owned(),
            entries: Vec::new(),
            published: None,
        }
    }

    /// The entries in the files that a commit touches. Of several with one domain, the first counts.
    pub(crate) fn of_commit_part(mut entries: Vec<Entry>) -> Self {
        entries.sort_by(|a, b| a.domain().cmp(b.domain()));
        entries.dedup_by(|a, b| a.domain() == b.domain());
        Self {
            name: "a commit".to_owned(),
            entries,
            published: None,
        }
    }

    /// The entries as they are in the root.
    pub(crate) fn working_tree(directory: &Directory) -> Result<Self> {
        let name = "the working tree".to_owned();
        let files = load_entries(&directory.root, directory.settings.paths.entries.as_ref())?;
        Self::of_files(name, &files)
    }

    /// The state that a user named: a commit, a folder with entries, a published folder, or its
    /// manifest.
    ///
    /// A pull request can contain any path, so a path never hides a commit of the same name. A name
    /// like `./x` is a path.
    pub(crate) fn named(directory: &Directory, text: &str) -> Result<Self> {
        if text.is_empty() {
            fail!("a state to compare has an empty name"; help: "{USE}");
        }
        let path = Path::new(text);
        if !matches!(path.components().next(), Some(Component::Normal(_))) {
            return Self::at_path(directory, text);
        }
        match git::commit_id(&directory.root, text) {
            Ok(commit) if text != "HEAD" && path.symlink_metadata().is_ok() => fail!(
                "{} is both a commit and a path", quote(text);
                help: "write {} for the path, or the id {commit} for the commit",
                      quote(&format!("./{text}"))
            ),
            Ok(commit) => Self::of_commit(directory, text, &commit),
            Err(error) if error.is_absence() && path.symlink_metadata().is_ok() => {
                Self::at_path(directory, text)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The entries of the commit that is checked out.
    pub(crate) fn head(directory: &Directory) -> Result<Self> {
        Self::of_commit(directory, "HEAD", &git::commit_id(&directory.root, "HEAD")?)
    }

    fn at_path(directory: &Directory, text: &str) -> Result<Self> {
        let (path, entries) = (
            Path::new(text),
            Path::new(&directory.settings.paths.entries),
        );
        if path.join(entries).is_dir() {
            let root = path
                .canonicalize()
                .map_err(|error| ReadError::new(path, error))?;
            return Self::of_files(quote(text), &load_entries(&root, entries)?);
        }
        if path.is_file() {
            return Self::published(directory, text, path.parent().unwrap_or(path), path);
        }
        let manifest = path.join(manifest::FILE);
        if manifest.is_file() || complete_file(path).is_some() {
            return Self::published(directory, text, path, &manifest);
        }
        Err(no_data(text).into())
    }

    /// The entries of a commit, read without a checkout.
    fn of_commit(directory: &Directory, name: &str, commit: &str) -> Result<Self> {
        let (root, folder) = (&directory.root, &directory.settings.paths.entries);
        let mut blobs = git::blobs(root, commit, &[folder])?;
        blobs.retain(|blob| blob.path.extension() == Some("json".as_ref()));
        let state = quote(name);
        if blobs.is_empty() {
            fail!("{state} has no entries in the folder {}", quote(folder));
        }
        let contents = git::contents(root, &blobs.iter().collect::<Vec<_>>(), MAX_BYTES)?;
        let mut files = Vec::with_capacity(blobs.len());
        for (blob, content) in blobs.into_iter().zip(contents) {
            files.push(match content {
                _ if blob.is_link() => {
                    SourceFile::unread(blob.path, Kind::Entry, FileProblem::Link)
                }
                Some(bytes) => SourceFile::from_bytes(blob.path, Kind::Entry, &bytes, None),
                None => SourceFile::unread(blob.path, Kind::Entry, FileProblem::TooLarge),
            });
        }
        Self::of_files(state, &files)
    }

    /// The entries of a published folder. A manifest must match it. Without the file that holds
    /// everything, the manifest's commit counts.
    fn published(
        directory: &Directory,
        name: &str,
        folder: &Path,
        manifest: &Path,
    ) -> Result<Self> {
        let found = match manifest.is_file() {
            true => Some(FoundManifest::read(manifest)?),
            false => None,
        };
        let listed = found.as_ref().map(|found| &found.unverified);
        let state = if let Some(complete) = complete_file(folder) {
            Self::of_complete_file(name, folder, complete, manifest, listed)?
        } else {
            let Some(commit) = listed.and_then(|listed| listed.commit.as_deref()) else {
                return Err(no_data(name).into());
            };
            let id = git::commit_id(&directory.root, commit)?;
            Self::of_commit(directory, commit, &id)?
        };
        Ok(Self {
            published: Some(PublishedState {
                manifest: manifest.to_owned(),
                found,
            }),
            ..state
        })
    }

    /// The entries in the file of a published folder that holds everything, which must be as its
    /// manifest lists it.
    fn of_complete_file(
        name: &str,
        folder: &Path,
        (path, read): CompleteFile,
        manifest: &Path,
        listed: Option<&Manifest>,
    ) -> Result<Self> {
        let file = folder.join(path);
        let bytes = limits::read_regular(&file, MAX_PUBLISHED_BYTES)?;
        if listed.is_some_and(|listed| !listed.has(path, &bytes)) {
            fail!(
                "`{}` does not match `{}`", file.display(), manifest.display();
                help: "one of the two was changed or comes from another build; download both again"
            );
        }
        let state = quote(name);
        let unusable = |problem: &str| unusable(&state, &file.to_string_lossy(), problem);
        let parsed = json::parse(&String::from_utf8_lossy(&bytes))
            .map_err(|error| unusable(&error.to_string()))?;
        let Some(entries) = read(parsed.value) else {
            return Err(unusable("this file is not a list of sites").into());
        };
        let named = entries
            .into_iter()
            .map(|entry| (entry.name.clone(), entry))
            .collect();
        Self::of_entries(state, named)
    }

    fn of_files(state: String, files: &[SourceFile]) -> Result<Self> {
        let entries = files
            .par_iter()
            .filter(|file| !matches!(file.problem, Some(FileProblem::OtherKind)))
            .map(|file| named_entry(&state, file))
            .collect::<Result<_, _>>()?;
        Self::of_entries(state, entries)
    }

    /// `entries` are with the names of their files. Fields that are `null` count as absent.
    fn of_entries(state: String, mut entries: Vec<(String, Entry)>) -> Result<Self> {
        for (file, entry) in &mut entries {
            entry.fields.retain(|_, value| *value != Value::Null);
            if entry.domain().is_empty() {
                return Err(unusable(&state, file, "this entry has no domain").into());
            }
        }
        entries.sort_by(|(_, a), (_, b)| a.domain().cmp(b.domain()));
        let mut neighbours = entries.windows(2);
        if let Some([(a, entry), (b, _)]) =
            neighbours.find(|pair| pair[0].1.domain() == pair[1].1.domain())
        {
            fail!(
                "cannot compare {state}: {} and {} both have the domain {}",
                quote(a), quote(b), quote(entry.domain());
                help: "run `tfadir check`"
            );
        }
        Ok(Self {
            name: state,
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
            published: None,
        })
    }
}

/// An entry with the name of its file.
fn named_entry(state: &str, file: &SourceFile) -> Result<(String, Entry), Failure> {
    let name = file.path.to_string_lossy().into_owned();
    match Entry::from_file(file) {
        Ok(entry) => Ok((name, entry)),
        Err(problem) => Err(unusable(state, &name, &problem)),
    }
}

/// The file of a published folder that holds everything, and what reads it.
fn complete_file(folder: &Path) -> Option<CompleteFile> {
    let mut files = VERSIONS.iter().filter_map(|version| version.complete());
    files.find(|(path, _)| folder.join(path).is_file())
}
