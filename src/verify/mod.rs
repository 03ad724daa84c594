//! Verifies published folders and files.
//!
//! The manifest lists what a folder must contain; signatures of both kinds cover the manifest and
//! every JSON file. Every problem is a finding, with its path in the folder.

mod contents;
mod file;
mod folder;
mod signed;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

pub(crate) use contents::Contents;
pub(crate) use file::file;
pub(crate) use folder::folder;

use crate::finding::{Finding, Severity, Stage};
use crate::openpgp::Verifier;
use crate::source::Location;

/// Which signatures are accepted.
#[derive(Debug)]
pub(crate) struct Trust {
    pub(crate) verifier: Verifier,
    /// The lowest serial, or signing time in seconds since 1970.
    pub(crate) after: Option<u64>,
    /// How many bytes of data a signed message may contain.
    pub(crate) max_size: usize,
}

/// What was verified at one path, and the result.
#[derive(Debug)]
pub(crate) struct Verification {
    pub(crate) findings: Vec<Finding>,
    /// The folder to which the paths of the findings are relative.
    pub(crate) base: PathBuf,
    /// Status lines for a good result: a label and a text each.
    pub(crate) summary: Vec<(&'static str, String)>,
    /// The same as a JSON object.
    pub(crate) record: Value,
    /// The data of a good signed message.
    pub(crate) data: Option<Vec<u8>>,
    /// The files of a folder, as they were verified.
    pub(crate) contents: Option<Contents>,
}

impl Verification {
    /// The outcome for a path that cannot be accepted, whatever else is in it.
    fn refused(path: &Path, base: &Path, finding: Finding) -> Self {
        let record = json!({ "path": path.to_string_lossy(), "good": false });
        let (findings, summary) = (vec![finding], Vec::new());
        Self {
            findings,
            base: base.to_owned(),
            summary,
            record,
            data: None,
            contents: None,
        }
    }

    pub(crate) fn is_good(&self) -> bool {
        !self
            .findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }
}

/// An error about a whole published file.
fn finding(rule: Stage, path: &str, message: impl Into<String>, help: &str) -> Finding {
    rule.finding(path, Location::File, message.into(), Some(help.to_owned()))
}
