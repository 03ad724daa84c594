//! The states that can be compared, and how each is read.

use std::path::{Component, Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use crate::api::{CompleteFile, VERSIONS};
use crate::artifact::sha256;
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
        blobs.retain(|blob| {
            blob.path
                .extension()
                .is_some_and(|extension| extension == "json")
        });
        let state = quote(name);
        if blobs.is_empty() {
            fail!("{state} has no entries in the folder {}", quote(folder));
        }
        let contents = git::contents(root, &blobs.iter().collect::<Vec<_>>(), MAX_BYTES)?;
        let files = blobs.into_iter().zip(contents).map(|(blob, bytes)| {
            let problem = match bytes {
                _ if blob.is_link() => FileProblem::Link,
                Some(bytes) => {
                    return SourceFile::from_bytes(blob.path, Kind::Entry, &bytes, None);
                }
                None => FileProblem::TooLarge,
            };
            SourceFile::unread(blob.path, Kind::Entry, problem)
        });
        Self::of_files(state, &files.collect::<Vec<_>>())
    }

    /// The entries of a published folder. A manifest must match it. Without the file that holds
    /// everything, the manifest's commit counts.
    fn published(
        directory: &Directory,
        name: &str,
        folder: &Path,
        manifest: &Path,
    ) -> Result<Self> {
        let found = manifest
            .is_file()
            .then(|| FoundManifest::read(manifest))
            .transpose();
        let found = found?;
        let listed = found.as_ref().map(|found| &found.unverified);
        let Some((path, read)) = complete_file(folder) else {
            let commit = listed.and_then(|manifest| manifest.commit.clone());
            let commit = commit.ok_or_else(|| no_data(name))?;
            let published = Some(PublishedState {
                manifest: manifest.to_owned(),
                found,
            });
            let id = git::commit_id(&directory.root, &commit)?;
            return Ok(Self {
                published,
                ..Self::of_commit(directory, &commit, &id)?
            });
        };
        let file = folder.join(path);
        let bytes = limits::read_regular(&file, MAX_PUBLISHED_BYTES)?;
        let hash = sha256(&bytes);
        let fits = |manifest: &Manifest| {
            manifest
                .files
                .iter()
                .any(|file| file.path == path && file.sha256 == hash)
        };
        if listed.is_some_and(|manifest| !fits(manifest)) {
            fail!(
                "`{}` does not match `{}`", file.display(), manifest.display();
                help: "one of the two was changed or comes from another build; download both again"
            );
        }
        let state = quote(name);
        let parsed =
            json::parse(&String::from_utf8_lossy(&bytes)).map_err(|error| error.to_string());
        let entries = parsed.and_then(|parsed| {
            read(parsed.value).ok_or_else(|| "this file is not a list of sites".to_owned())
        });
        let entries =
            entries.map_err(|problem| unusable(&state, &file.to_string_lossy(), &problem))?;
        let entries = entries
            .into_iter()
            .map(|entry| (entry.name.clone(), entry))
            .collect();
        let published = Some(PublishedState {
            manifest: manifest.to_owned(),
            found,
        });
        Ok(Self {
            published,
            ..Self::of_entries(state, entries)?
        })
    }

    fn of_files(state: String, files: &[SourceFile]) -> Result<Self> {
        let files = files
            .par_iter()
            .filter(|file| !matches!(file.problem, Some(FileProblem::OtherKind)));
        let entries = files.map(|file| {
            let name = file.path.to_string_lossy().into_owned();
            match Entry::from_file(file) {
                Ok(entry) => Ok((name, entry)),
                Err(problem) => Err(unusable(&state, &name, &problem)),
            }
        });
        let entries = entries.collect::<Result<Vec<_>, _>>()?;
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
        let entries = entries.into_iter().map(|(_, entry)| entry).collect();
        Ok(Self {
            name: state,
            entries,
            published: None,
        })
    }
}

/// The file of a published folder that holds everything, and what reads it.
fn complete_file(folder: &Path) -> Option<CompleteFile> {
    let mut files = VERSIONS.iter().filter_map(|version| version.complete());
    files.find(|(path, _)| folder.join(path).is_file())
}
