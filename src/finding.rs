//! What the checks find, as data. How a finding looks is the business of [`crate::report`].

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::source::Location;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The data cannot be published: a build stops.
    Error,
    /// The data can be published but should be better.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The severity in one lower-case word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// What the errors of a rule keep from happening.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Publishing: it would be wrong or harmful. `build` refuses such errors, and no setting lowers
    /// or allows them.
    Output,
    /// A pull request's approval: the directory's order, such as names, folders and formatting.
    Review,
}

/// A rule whose findings come from a stage other than the checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Elsewhere {
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

impl Elsewhere {
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

/// Where the texts are that findings speak of.
pub(crate) trait Texts {
    /// The text of a file of the root, where it has been read.
    fn text(&self, path: &Path) -> Option<&str>;
}

/// Something that is wrong in a file of the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The id of the rule that found it, such as `json-syntax`.
    pub rule: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// What it keeps from happening if it is an error.
    pub guards: Guard,
    /// The file, relative to the root.
    pub path: PathBuf,
    /// Where in the file.
    pub(crate) location: Location,
    /// What is wrong: one sentence in plain text without a full stop. Values in it are quoted.
    pub message: String,
    /// How to mend it: one or more sentences in plain text.
    pub(crate) help: Option<String>,
    /// Other locations that belong to it.
    pub(crate) related: Vec<Related>,
    /// How a machine can mend it.
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

/// What a machine can do about a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the infinitive and without a full stop: "move it to …".
    pub(crate) title: String,
    /// The change itself.
    pub(crate) change: Change,
    /// Whether the published files differ afterwards.
    pub alters_output: bool,
}

/// A change to one file of the root. Whatever it does not speak of stays as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Remove the field or element at a JSON pointer (RFC 6901), and with the last element its
    /// list.
    Remove(String),
    /// Reformat an entry, with its fields in the order that they have.
    Format,
    /// Put the fields of an entry in canonical order, and reformat it.
    Reorder,
    /// Replace a value or a field's name by another, given as JSON.
    Write(Location, String),
    /// Save the text as UTF-8 without a byte-order mark.
    Encode,
    /// Replace ranges of bytes, which do not overlap, each by a text.
    Replace(Vec<(Range<usize>, String)>),
    /// Move the file to another path relative to the root, where nothing is yet.
    Move(PathBuf),
    /// Take these permission bits away.
    ClearMode(u32),
}
