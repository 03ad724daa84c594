//! How findings look: one renderer each. A renderer returns text and prints nothing.

pub mod github;
pub mod html;
pub mod human;
pub mod json;
mod located;
pub mod rules;
pub mod sarif;
pub mod summary;

use std::ffi::OsStr;
use std::path::{Component, Path};

use crate::check::INTERNAL_ERROR;
use crate::finding::{Finding, Severity};
use crate::wording::{count, visible};

pub use located::{Located, Position, locate};

/// Where a renderer finds the texts that findings speak of.
pub trait Texts {
    /// The text of a file of the root, where it has been read.
    fn text(&self, path: &Path) -> Option<&str>;
}

/// How many findings of each severity there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Findings that stop a build.
    pub errors: usize,
    /// Findings that should be mended.
    pub warnings: usize,
    /// Findings that are worth knowing.
    pub notes: usize,
    /// Files with findings.
    pub files: usize,
    /// How many of the errors are failures of the program itself.
    pub failures: usize,
}

impl Tally {
    /// Counts findings, which come in the order of their files.
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut tally = Self::default();
        let mut file = None;
        for finding in findings {
            match finding.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Note => tally.notes += 1,
            }
            tally.files += usize::from(file != Some(&finding.path));
            tally.failures += usize::from(finding.rule == INTERNAL_ERROR);
            file = Some(&finding.path);
        }
        tally
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut parts = Vec::new();
        for (number, singular, plural) in [
            (self.errors, "error", "errors"),
            (self.warnings, "warning", "warnings"),
            (self.notes, "note", "notes"),
        ] {
            if number > 0 {
                parts.push(count(number, singular, plural));
            }
        }
        match parts.split_last() {
            None => f.write_str("no findings"),
            Some((last, rest)) => {
                if !rest.is_empty() {
                    write!(f, "{} and ", rest.join(", "))?;
                }
                write!(f, "{last} in {}", count(self.files, "file", "files"))
            }
        }
    }
}

/// Located findings, the worst first and else in their order.
fn worst_first<'f>(findings: &'f [Finding], texts: &dyn Texts) -> Vec<Located<'f>> {
    let mut located = locate(findings, texts);
    located.sort_by_key(|it| it.finding.severity);
    located
}

/// The parts of a path below a base, without `.`.
fn parts<'p>(base: &'p Path, path: &'p Path) -> impl Iterator<Item = &'p OsStr> {
    let is_part = |it: &Component<'_>| matches!(it, Component::Normal(_) | Component::ParentDir);
    base.components().chain(path.components()).filter(is_part).map(Component::as_os_str)
}

/// A path below a base, with `/` between its parts.
fn slashed(base: &Path, path: &Path) -> String {
    parts(base, path).map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
}

/// A place for people, on one line: `path:line:column`, or the path alone.
fn named_place(base: &Path, path: &Path, position: Option<&Position>) -> String {
    let path = visible(&slashed(base, path));
    match position {
        Some(position) => format!("{path}:{}:{}", position.line, position.column),
        None => path,
    }
}

#[cfg(test)]
mod samples;
