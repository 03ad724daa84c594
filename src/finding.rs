//! Findings of the checks, as data. [`crate::report`] renders them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::source::{FixTitle, Location};

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// `check` fails. Whether a build stops too depends on what the rule guards.
    Error,
    /// It should be better, but nothing fails.
    Warning,
    /// It is worth knowing.
    Note,
}

impl Severity {
    /// All severities, the most severe first.
    pub(crate) const ALL: [Self; 3] = [Self::Error, Self::Warning, Self::Note];

    /// The severity in one lower-case word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What the errors of a rule prevent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The publication of wrong or harmful data. `build` refuses such errors, and no setting
    /// downgrades or allows them.
    Output,
    /// The approval of a pull request that violates conventions, such as names, folders and
    /// formatting.
    Review,
}

/// A rule whose findings come from a stage other than the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Settings,
    Categories,
    Excluded,
    Templates,
    InternalError,
    Manifest,
    Signature,
    MissingFile,
    AlteredFile,
    ExtraFile,
}

impl Stage {
    #[cfg(test)]
    pub(crate) const ALL: &[Self] = &[
        Self::Settings,
        Self::Categories,
        Self::Excluded,
        Self::Templates,
        Self::InternalError,
        Self::Manifest,
        Self::Signature,
        Self::MissingFile,
        Self::AlteredFile,
        Self::ExtraFile,
    ];

    /// The rule's id, as in [`Finding::rule`].
    pub(crate) const fn id(self) -> &'static str {
        match self {
            Self::Settings => "settings",
            Self::Categories => "categories",
            Self::Excluded => "excluded",
            Self::Templates => "templates",
            Self::InternalError => "internal-error",
            Self::Manifest => "manifest",
            Self::Signature => "signature",
            Self::MissingFile => "missing-file",
            Self::AlteredFile => "altered-file",
            Self::ExtraFile => "extra-file",
        }
    }

    /// An error about a file, given by its path relative to the root or to the verified folder.
    pub(crate) fn finding(
        self,
        path: impl Into<PathBuf>,
        location: Location,
        message: String,
        help: Option<String>,
    ) -> Finding {
        Finding {
            rule: self.id(),
            severity: Severity::Error,
            guards: Guard::Output,
            path: path.into(),
            location,
            message,
            help,
            related: Vec::new(),
            fix: None,
        }
    }
}

/// Access to the texts that findings refer to.
pub(crate) trait Texts {
    /// The text of a file of the root, if it has been read.
    fn text(&self, path: &Path) -> Option<&str>;
}

/// A problem in a file of the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The id of the rule that found it, such as `json-syntax`.
    pub rule: &'static str,
    /// The severity.
    pub severity: Severity,
    /// What it prevents if it is an error.
    pub guards: Guard,
    /// The file, relative to the root.
    pub path: PathBuf,
    /// Where in the file.
    pub(crate) location: Location,
    /// What is wrong: one sentence in plain text without a full stop. Values in it are quoted.
    pub message: String,
    /// How to fix it: one or more sentences in plain text, and lists on lines of their own.
    pub(crate) help: Option<String>,
    /// Other locations that explain it.
    pub(crate) related: Vec<Related>,
    /// The automatic fix, if there is one.
    pub fix: Option<Fix>,
}

/// A location that explains a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The file, relative to the root.
    pub(crate) path: PathBuf,
    /// Where in the file.
    pub(crate) location: Location,
    /// What is there, as a short phrase in plain text.
    pub(crate) message: String,
}

/// An automatic fix of a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does.
    pub(crate) title: FixTitle,
    /// The change itself.
    pub(crate) change: Change,
    /// Whether the published files differ afterwards.
    pub alters_output: bool,
}

/// A change to one file of the root. Everything else in the file stays unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Remove the field or element at a JSON pointer (RFC 6901). Removing the last element also
    /// removes the array.
    Remove(String),
    /// Reformat an entry without reordering its fields.
    Format,
    /// Put the fields of an entry in canonical order, and reformat it.
    Reorder,
    /// Replace a value or a field's name with another, given as JSON.
    Write(Location, String),
    /// Save the text as UTF-8 without a byte-order mark.
    Encode,
    /// Replace ranges of bytes, which do not overlap, each with a text.
    Replace(Vec<(Range<usize>, String)>),
    /// Move the file to another path relative to the root, which must not exist yet.
    Move(PathBuf),
    /// Remove these permission bits.
    ClearMode(u32),
}
