//! Where things are: the root, its settings and its lists.

mod categories;
mod contradictions;
mod excluded;
mod settings;

use std::io;
use std::path::{Path, PathBuf};

use crate::check;
use crate::finding::{Finding, Severity};
use crate::report::Texts;
use crate::schema::{Name, SchemaError, Schemas};
use crate::source::canonical::MemberOrder;
use crate::source::file::{self, Problem};
use crate::source::{LoadError, Place, Tree};

pub use categories::{Categories, Category};
pub use excluded::Excluded;
pub use settings::{
    Allowance, CheckSettings, Hosting, Publisher, Security, Settings, SignatureEndings, Strictness,
    Version,
};

/// The name of the settings file in the root.
pub const SETTINGS_FILE: &str = "directory.toml";

/// One directory: a root with what is known of it before any entry is read.
#[derive(Debug)]
pub struct Project {
    /// The root as a canonical path.
    pub root: PathBuf,
    /// The settings; the built-in ones where there is no file.
    pub settings: Settings,
    /// The text of the settings file; empty where there is none.
    pub settings_text: String,
    /// The categories; the built-in ones where there is no file.
    pub categories: Categories,
    /// The sites that the directory does not list; the built-in ones where there is no file.
    pub excluded: Excluded,
    /// The schemas as this directory publishes them.
    pub schemas: Schemas,
    /// The order of an entry's members: that of the entry schema.
    pub member_order: MemberOrder,
}

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// No folder upwards looks like a root.
    #[error(
        "neither `{0}` nor a folder above it has a `{SETTINGS_FILE}` or a folder `entries`\n\
         help: run tfadir in the directory's folder, or name it with --root"
    )]
    NoRoot(PathBuf),
    /// The given root is not there.
    #[error("cannot open the root `{path}`: {source}")]
    Root {
        /// The root as it was given.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// A file of the root is not what it should be.
    #[error("`{}` is not valid", .0.path.display())]
    Invalid(Box<Invalid>),
    /// A fault of the program.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}

/// A settings or categories file that cannot be used.
#[derive(Debug)]
pub struct Invalid {
    /// What is wrong with it.
    pub findings: Vec<Finding>,
    /// The root.
    pub root: PathBuf,
    /// The file, relative to the root.
    pub path: PathBuf,
    /// Its text, as far as it could be read.
    pub text: String,
}

impl Texts for Invalid {
    fn text(&self, path: &Path) -> Option<&str> {
        (path == self.path).then_some(self.text.as_str())
    }
}

impl Project {
    /// Opens the directory at `root`, or else the nearest one from the current folder upwards:
    /// the first folder with a `directory.toml` or a folder `entries`.
    ///
    /// # Errors
    ///
    /// [`ProjectError`] where there is none or where its settings or categories cannot be used.
    pub fn open(root: Option<&Path>) -> Result<Self, ProjectError> {
        let root = match root {
            Some(root) => canonical(root)?,
            None => find_root(&canonical(Path::new("."))?)?,
        };
        let (settings, settings_text) = settings::load(&root)?;
        let categories = categories::load(&root)?;
        let excluded = excluded::load(&root)?;
        let schemas = Schemas::new(&settings.api, categories.ids(), check::ids())?;
        let member_order = MemberOrder {
            entry: schemas.members(Name::Entry, "/$defs/entry"),
            contact: schemas.members(Name::Entry, "/$defs/contact"),
        };
        Ok(Self { root, settings, settings_text, categories, excluded, schemas, member_order })
    }
}

impl Project {
    /// Reads all entries and icons.
    ///
    /// # Errors
    ///
    /// [`LoadError`] where the folders are not what they should be.
    pub fn load(&self) -> Result<Tree, LoadError> {
        let paths = &self.settings.paths;
        Tree::load(&self.root, paths.entries.as_ref(), paths.icons.as_ref())
    }

    /// Reads another file of the root, if it is there.
    ///
    /// # Errors
    ///
    /// [`ProjectError::Invalid`], with findings under the id `rule`, where it is no regular file of
    /// UTF-8, too large, or a link that leads out of the root.
    pub fn read(&self, path: &Path, rule: &'static str) -> Result<Option<String>, ProjectError> {
        read(&self.root, path, rule)
    }

    /// The error for a file of the root, which was read as `text`, with one thing wrong.
    pub fn invalid(
        &self,
        path: &Path,
        text: String,
        rule: &'static str,
        (place, message, help): (Place, String, &str),
    ) -> ProjectError {
        invalid(&self.root, path, text, rule, [(place, message, Some(help.to_owned()))])
    }
}

fn canonical(path: &Path) -> Result<PathBuf, ProjectError> {
    let canonical = path.canonicalize().and_then(|canonical| {
        canonical.read_dir()?;
        Ok(canonical)
    });
    canonical.map_err(|source| ProjectError::Root { path: path.to_owned(), source })
}

fn find_root(start: &Path) -> Result<PathBuf, ProjectError> {
    start
        .ancestors()
        .find(|folder| folder.join(SETTINGS_FILE).is_file() || folder.join("entries").is_dir())
        .map(Path::to_owned)
        .ok_or_else(|| ProjectError::NoRoot(start.to_owned()))
}

/// Reads a file of the root, if it is there. Its faults are reported under the id `rule`.
fn read(root: &Path, relative: &Path, rule: &'static str) -> Result<Option<String>, ProjectError> {
    let path = root.join(relative);
    if path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let read = file::follow_link(root, &path)
        .and_then(|target| file::read_into(&target, &mut bytes))
        .map(|_| file::decode(&bytes));
    let (text, problem) = match read {
        Ok((text, None)) => return Ok(Some(text)),
        Ok((text, Some(problem))) => (text, problem),
        Err(problem) => (String::new(), problem),
    };
    let (place, message) = match problem {
        Problem::Unreadable(error) => (Place::File, format!("this cannot be read: {error}")),
        Problem::NotAFile | Problem::OtherKind => {
            (Place::File, "this is no regular file".to_owned())
        }
        Problem::LeavesRoot => {
            (Place::File, "this is a link that leads out of the directory".to_owned())
        }
        Problem::TooLarge => (Place::File, "this file is larger than 1 MiB".to_owned()),
        Problem::NotUtf8 { at } => {
            (Place::Bytes(at..at + 1), "this file is not written in UTF-8".to_owned())
        }
        Problem::ByteOrderMark => {
            (Place::File, "this file begins with a byte-order mark".to_owned())
        }
    };
    Err(invalid(root, relative, text, rule, [(place, message, None)]))
}

/// The error for a file of the root with these things wrong: (place, message, help).
fn invalid(
    root: &Path,
    path: &Path,
    text: String,
    rule: &'static str,
    problems: impl IntoIterator<Item = (Place, String, Option<String>)>,
) -> ProjectError {
    let findings = problems
        .into_iter()
        .map(|(place, message, help)| Finding {
            rule,
            severity: Severity::Error,
            path: path.to_owned(),
            place,
            message,
            help,
            related: Vec::new(),
            fix: None,
        })
        .collect();
    ProjectError::Invalid(Box::new(Invalid {
        findings,
        root: root.to_owned(),
        path: path.to_owned(),
        text,
    }))
}
