//! What rules look at.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::problem::Problem;
use crate::directory::{Allowance, Directory};
use crate::schema::Violation;
use crate::source::{self, Content, Domain, Entry, Kind, Location, Parsed, SourceFile};

/// One file and how it meets the entry schema.
#[derive(Debug)]
pub(crate) struct FileContext<'c> {
    /// The file.
    pub(crate) file: &'c SourceFile,
    /// What it means; `None` for an icon.
    pub(crate) content: Option<&'c Content>,
    /// All violations of the entry schema, which the rules divide among themselves.
    pub(crate) violations: &'c [Violation],
}

impl FileContext<'_> {
    /// The violations of some of the schema's definitions as problems, worded as the schema has it.
    pub(crate) fn of_definitions(&self, definitions: &[&str]) -> Vec<Problem> {
        self.violations
            .iter()
            .filter(|violation| definitions.contains(&violation.definition.as_str()))
            .map(Problem::from)
            .collect()
    }

    /// The file as parsed JSON, where it is JSON.
    pub(crate) fn parsed(&self) -> Option<&Parsed> {
        self.content?.as_ref().ok()
    }

    /// The file as a JSON value, where it is one.
    pub(crate) fn value(&self) -> Option<&Value> {
        self.parsed().map(|parsed| &parsed.value)
    }

    /// What kept the file from being read, if anything did.
    pub(crate) fn unread(&self) -> Option<&source::Problem> {
        self.file.problem.as_ref()
    }

    /// Whether the file is to be an icon.
    pub(crate) fn is_icon(&self) -> bool {
        self.file.kind == Kind::Icon
    }
}

/// One file with one site, whose fields may still be of any form.
#[derive(Debug)]
pub(crate) struct EntryContext<'c> {
    /// The file.
    pub(crate) file: &'c SourceFile,
    /// The site.
    pub(crate) entry: &'c Entry,
    /// Whether it meets the entry schema.
    pub(crate) is_valid: bool,
    /// The directory that it is to be in.
    pub(crate) directory: &'c Directory,
}

impl<'c> EntryContext<'c> {
    /// The location of a field's name.
    pub(crate) fn name_of(&self, field: &str) -> Location {
        Location::Name(self.entry.pointer_to(field))
    }

    /// The location of a field's value.
    pub(crate) fn value_of(&self, field: &str) -> Location {
        Location::Value(self.entry.pointer_to(field))
    }

    /// The main domain, where it is a host name.
    pub(crate) fn domain(&self) -> Option<&'c str> {
        Some(self.entry.domain()).filter(|domain| self.is_valid || is_host_name(domain))
    }

    /// The main domain and the additional ones, as far as they are host names.
    pub(crate) fn domains(&self) -> impl Iterator<Item = Domain<'c>> {
        let is_valid = self.is_valid;
        self.entry.domains().filter(move |domain| is_valid || is_host_name(domain.name))
    }

    /// The path where the entry of its main domain belongs, relative to the root.
    pub(crate) fn home(&self, domain: &str) -> PathBuf {
        let folder = domain.chars().next().map(String::from).unwrap_or_default();
        let entries = PathBuf::from(&self.directory.settings.paths.entries);
        entries.join(folder).join(format!("{domain}.json"))
    }

    /// The location of a domain.
    pub(crate) fn location_of(&self, domain: Domain<'_>) -> Location {
        Location::Value(domain.pointer(self.entry))
    }
}

/// Whether a text is a host name in the form of the entry schema, and so safe in a path.
pub(crate) fn is_host_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_allowed =
            |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || b"_-".contains(&it);
        !label.is_empty() && label.len() <= 63 && label.bytes().all(is_allowed)
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

/// One icon, read and parsed.
#[derive(Debug)]
pub(crate) struct IconContext<'c> {
    /// The file.
    pub(crate) file: &'c SourceFile,
    /// What it shows.
    pub(crate) image: &'c Image<'c>,
}

/// What an icon shows.
#[derive(Debug)]
pub(crate) enum Image<'c> {
    /// Nothing: it could not be read, which is the business of rules about files.
    Unread,
    /// An SVG file, or why it is none.
    Svg(Result<roxmltree::Document<'c>, roxmltree::Error>),
    /// A PNG file.
    Png,
}

impl<'c> IconContext<'c> {
    /// The document of an SVG file that is one.
    pub(crate) fn svg(&self) -> Option<&'c roxmltree::Document<'c>> {
        match self.image {
            Image::Svg(Ok(document)) => Some(document),
            _ => None,
        }
    }
}

/// All files of a root.
#[derive(Debug)]
pub(crate) struct TreeContext<'c> {
    /// The directory.
    pub(crate) directory: &'c Directory,
    /// Every file with one site, in the order of the files.
    pub(crate) sites: &'c [Site<'c>],
    /// Entry files without one site that could be looked at.
    pub(crate) broken: &'c [&'c SourceFile],
    /// The icons; `None` where the root has no folder of them.
    pub(crate) icons: Option<&'c [SourceFile]>,
}

/// A file with its one site.
#[derive(Debug)]
pub(crate) struct Site<'t> {
    /// The file.
    pub(crate) file: &'t SourceFile,
    /// The site.
    pub(crate) entry: Entry,
    /// Whether it meets the entry schema.
    pub(crate) is_valid: bool,
}

impl Site<'_> {
    /// The path of the file, relative to the root.
    pub(crate) fn path(&self) -> &Path {
        &self.file.path
    }
}

/// The settings, and what was found out about them.
#[derive(Debug)]
pub(crate) struct SettingsContext<'c> {
    /// The allowances that hide nothing, in their order.
    pub(crate) unneeded: Vec<Unneeded<'c>>,
}

/// An allowance that hides nothing.
#[derive(Debug)]
pub(crate) struct Unneeded<'c> {
    /// Which one it is, counted from 0.
    pub(crate) index: usize,
    /// The allowance.
    pub(crate) allowance: &'c Allowance,
    /// Whether its rule is turned off.
    pub(crate) is_off: bool,
}
