//! A directory: its root, settings and lists.

pub(crate) mod examples;
mod extensions;
mod lists;
mod settings;

use std::io;
use std::path::{Path, PathBuf};

use crate::address::Hosts;
use crate::failure::{Result, fail, failure};
use crate::finding::{Finding, Stage, Texts};
use crate::schema::{self, Schemas, Tables};
use crate::source::canonical::FieldOrder;
use crate::source::file::{self, FileProblem};
use crate::source::{Document, Location, Tree};

pub(crate) use extensions::SignatureExtensions;
pub(crate) use lists::{Categories, Excluded};
pub(crate) use settings::{
    Allowance, CheckSettings, Paths, Refuse, RuleSetting, Settings, VersionSettings, Wording,
};

/// A problem with a file of the root: the location, the message, and how to fix it.
pub(crate) type SettingsProblem = (Location, String, Option<String>);

/// The name of the settings file in the root.
pub(crate) const SETTINGS_FILE: &str = "directory.toml";

/// A directory: a root, and what is read before any entry.
#[derive(Debug, Clone)]
pub struct Directory {
    /// The root as a canonical path.
    pub(crate) root: PathBuf,
    /// The settings; the defaults if there is no file.
    pub settings: Settings,
    /// The text of the settings file; empty if there is none.
    pub(crate) settings_text: String,
    /// The categories; the built-in ones if there is no file.
    pub(crate) categories: Categories,
    /// The sites that the directory does not list; empty without the file.
    pub(crate) excluded: Excluded,
    /// The schemas as this directory publishes them.
    pub(crate) schemas: Schemas,
    /// The order of an entry's fields, as in the entry schema.
    pub(crate) field_order: FieldOrder,
}

/// A settings or categories file that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("`{}` is not valid", path.display())]
pub struct Invalid {
    pub(crate) findings: Vec<Finding>,
    /// The root.
    pub(crate) root: PathBuf,
    /// The file, relative to the root.
    pub(crate) path: PathBuf,
    /// Its text, as far as it could be read.
    pub(crate) text: String,
}

impl Texts for Invalid {
    fn text(&self, path: &Path) -> Option<&str> {
        (path == self.path).then_some(self.text.as_str())
    }
}

impl Directory {
    /// Opens the directory at `root`, or else the nearest one from the current folder upwards:
    /// the first folder with a `directory.toml` or a folder `entries`. The settings match their
    /// schema; whether they agree with each other is for the caller to check.
    pub(crate) fn open(root: Option<&Path>, tables: &Tables) -> Result<Self> {
        let root = match root {
            Some(root) => canonical(root)?,
            None => find_root(&canonical(Path::new("."))?)?,
        };
        Self::of_files(&Folder(&root), tables)
    }

    /// The directory with these files, of which settings and lists are read.
    pub(crate) fn of_files(files: &dyn Files, tables: &Tables) -> Result<Self> {
        let (settings, settings_text) = settings::load(files, tables)?;
        let categories = Categories(lists::CATEGORIES.load(files)?);
        let excluded = Excluded(lists::EXCLUDED.load(files)?);
        let mut schemas = Schemas::new(&settings.api, categories.titles(), tables)?;
        if settings.check.hosts() == Hosts::Internal {
            schemas.accept_internal_hosts();
        }
        let field_order = FieldOrder {
            entry: schemas.fields(schema::ENTRY, "/$defs/entry"),
            contact: schemas.fields(schema::ENTRY, "/$defs/contact"),
        };
        Ok(Self {
            root: files.root().to_owned(),
            settings,
            settings_text,
            categories,
            excluded,
            schemas,
            field_order,
        })
    }

    /// Reads all entries and icons.
    ///
    /// # Errors
    ///
    /// If the folder of entries is missing, empty, or outside the root.
    pub fn load(&self) -> Result<Tree> {
        let paths = &self.settings.paths;
        Tree::load(&self.root, paths.entries.as_ref(), paths.icons.as_ref())
    }

    /// The hosts that the directory may list.
    pub(crate) fn hosts(&self) -> Hosts {
        self.settings.check.hosts()
    }

    /// The folder of the icons, which need not exist.
    pub(crate) fn icons(&self) -> PathBuf {
        self.root.join(&self.settings.paths.icons)
    }

    /// The path of the entry of a domain, relative to the root.
    pub(crate) fn home(&self, domain: &str) -> PathBuf {
        let folder = domain.chars().next().map(String::from).unwrap_or_default();
        PathBuf::from(&self.settings.paths.entries)
            .join(folder)
            .join(format!("{domain}.json"))
    }

    /// Reads another file of the root, if it exists.
    ///
    /// # Errors
    ///
    /// [`Invalid`], with findings under the id `rule`, if it is not a regular file
    /// in UTF-8, is too large, or is a link that leads out of the root.
    pub(crate) fn read(&self, path: &Path, rule: Stage) -> Result<Option<String>> {
        read(&Folder(&self.root), path, rule)
    }

    /// The error for a file of the root, which was read as `text`, with one problem.
    pub(crate) fn invalid(
        &self,
        path: &Path,
        text: String,
        rule: Stage,
        (location, message, help): (Location, String, &str),
    ) -> Invalid {
        invalid(
            &self.root,
            path,
            text,
            rule,
            [(location, message, Some(help.to_owned()))],
        )
    }

    /// The error for settings with these problems.
    pub(crate) fn invalid_settings(self, problems: Vec<SettingsProblem>) -> Invalid {
        let path = Path::new(SETTINGS_FILE);
        invalid(
            &self.root,
            path,
            self.settings_text,
            settings::RULE,
            problems,
        )
    }
}

fn canonical(path: &Path) -> Result<PathBuf> {
    let canonical = path.canonicalize().and_then(|canonical| {
        canonical.read_dir()?;
        Ok(canonical)
    });
    Ok(
        canonical
            .map_err(|error| failure!("cannot open the root `{}`: {error}", path.display()))?,
    )
}

fn find_root(start: &Path) -> Result<PathBuf> {
    let root = start
        .ancestors()
        .find(|folder| folder.join(SETTINGS_FILE).is_file() || folder.join("entries").is_dir());
    let Some(root) = root else {
        fail!(
            "no `{SETTINGS_FILE}` and no folder `entries` in `{}` or any folder above it",
            start.display();
            help: "run tfadir in the directory's folder, or pass --root"
        );
    };
    Ok(root.to_owned())
}

/// Reads a file of the root, if it exists. Its problems are reported under the id `rule`.
fn read(files: &dyn Files, relative: &Path, rule: Stage) -> Result<Option<String>> {
    let (text, problem) = match files.bytes(relative) {
        Ok(None) => return Ok(None),
        Ok(Some(bytes)) => match file::decode(&bytes) {
            (text, None) => return Ok(Some(text)),
            (text, Some(problem)) => (text, problem),
        },
        Err(problem) => (String::new(), problem),
    };
    let location = match problem {
        FileProblem::NotUtf8 { at } => Location::Bytes(at..at + 1),
        _ => Location::File,
    };
    Err(invalid(
        files.root(),
        relative,
        text,
        rule,
        [(location, problem.to_string(), None)],
    )
    .into())
}

/// The files of a root: in a folder, or in a commit.
pub(crate) trait Files {
    /// The canonical path of the root.
    fn root(&self) -> &Path;

    /// The content of a file, given relative to the root; `None` if it does not exist.
    fn bytes(&self, path: &Path) -> std::result::Result<Option<Vec<u8>>, FileProblem>;
}

/// A root on disk.
struct Folder<'r>(&'r Path);

impl Files for Folder<'_> {
    fn root(&self) -> &Path {
        self.0
    }

    fn bytes(&self, path: &Path) -> std::result::Result<Option<Vec<u8>>, FileProblem> {
        let full_path = self.0.join(path);
        if let Err(error) = full_path.symlink_metadata()
            && error.kind() == io::ErrorKind::NotFound
        {
            return Ok(None);
        }
        let target = file::follow_link(self.0, &full_path)?;
        let mut bytes = Vec::new();
        file::read_into(&target, &mut bytes)?;
        Ok(Some(bytes))
    }
}

/// The problem of a text that is not JSON.
fn json_problem(text: &str, error: &serde_json::Error) -> SettingsProblem {
    let location = match Document::json(text) {
        Err(error) => Location::Bytes(error.range().start..error.range().end),
        Ok(_) => Location::File,
    };
    (location, format!("this file is not JSON: {error}"), None)
}

/// The error for a file of the root with these problems.
fn invalid(
    root: &Path,
    path: &Path,
    text: String,
    rule: Stage,
    problems: impl IntoIterator<Item = SettingsProblem>,
) -> Invalid {
    let finding = |(location, message, help)| rule.finding(path, location, message, help);
    let findings = problems.into_iter().map(finding).collect();
    let (root, path) = (root.to_owned(), path.to_owned());
    Invalid {
        findings,
        root,
        path,
        text,
    }
}
