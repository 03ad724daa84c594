//! What every command has: an open directory, the time, the console, and how a failure is shown.

pub(crate) mod clock;
pub(crate) mod console;
pub(crate) mod report;
mod settings;

use std::env;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

use crate::api::VERSIONS;
use crate::check;
use crate::cli::Global;
use crate::directory::{Directory, Files};
use crate::failure::Result;
use crate::schema::Tables;
use crate::session::console::Console;
use crate::source::Tree;

/// The state that all stages of a command share.
#[derive(Debug)]
pub(crate) struct Session<'c> {
    /// The directory.
    pub(crate) directory: Directory,
    /// The time of signing; see [`clock::time`].
    pub(crate) at: SystemTime,
    /// Whether this is a build for publication.
    pub(crate) is_release: bool,
    /// When the command started.
    pub(crate) start: Instant,
    /// Where to print.
    pub(crate) console: &'c Console,
}

impl<'c> Session<'c> {
    /// Opens the directory that the command line names. With `CI=true`, a build is for publication.
    ///
    /// # Errors
    ///
    /// If there is no directory, or its settings or `SOURCE_DATE_EPOCH` cannot be used.
    pub(crate) fn open(global: &Global, console: &'c Console) -> Result<Self> {
        let at = clock::time()?;
        let is_release = env::var_os("CI").is_some_and(|value| value == "true");
        let directory = open(global.root.as_deref())?;
        Ok(Self {
            directory,
            at,
            is_release,
            start: Instant::now(),
            console,
        })
    }

    /// Prints the end of a stage, with `--verbose`.
    pub(crate) fn reached(&self, stage: &str) {
        let elapsed = self.start.elapsed().as_secs_f64() * 1e3;
        self.console
            .detail("", &format!("{stage} after {elapsed:.1} ms"));
    }

    /// Reads all entries and icons while the validators that the command needs are compiled.
    ///
    /// # Errors
    ///
    /// If the folders of the root cannot be used.
    pub(crate) fn load<V: Send>(
        &self,
        compile: impl FnOnce(&Directory) -> Result<V> + Send,
    ) -> Result<(Tree, V)> {
        let directory = &self.directory;
        let (tree, validators) = self.console.patiently("reading the entries", || {
            rayon::join(|| directory.load(), || compile(directory))
        });
        Ok((tree?, validators?))
    }
}

/// Opens the directory at `root`, or else the nearest one from the current folder upwards.
///
/// # Errors
///
/// If there is none, or if its settings or lists cannot be used.
pub fn open(root: Option<&Path>) -> Result<Directory> {
    valid(Directory::open(root, &tables())?)
}

/// Opens the directory with these files.
pub(crate) fn open_files(files: &dyn Files) -> Result<Directory> {
    valid(Directory::of_files(files, &tables())?)
}

/// The directory, if its settings agree with each other and with the tables.
fn valid(directory: Directory) -> Result<Directory> {
    match settings::validate(&directory.settings) {
        problems if problems.is_empty() => Ok(directory),
        problems => Err(directory.invalid_settings(problems).into()),
    }
}

/// The names that settings and schemas may use.
pub(super) fn tables() -> Tables {
    let versions = VERSIONS.iter().map(|version| version.schema());
    Tables {
        rules: check::ids().collect(),
        versions: versions.collect(),
    }
}

/// The given folder, or else `paths.dist` of the settings, in the root.
///
/// # Errors
///
/// The same as [`open()`].
pub(crate) fn dist(named: Option<&Path>, global: &Global) -> Result<PathBuf> {
    if let Some(folder) = named {
        return Ok(folder.to_owned());
    }
    let directory = open(global.root.as_deref())?;
    Ok(directory.root.join(&directory.settings.paths.dist))
}
