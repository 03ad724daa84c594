//! Whether an entry of any time could be published today.

use serde_json::{Map, Value};

use super::{Checker, FileResult, Selection};
use crate::directory::Directory;
use crate::failure::Result;
use crate::finding::{Finding, Guard, Severity};
use crate::schema::{ENTRY, Validator};
use crate::source::{Entry, Kind, SourceFile};

/// The rules of a directory that stop a build, for single entries: from commits, and from other states
/// that no check has seen.
#[derive(Debug)]
pub(crate) struct OutputRules {
    directory: Directory,
    validator: Validator,
}

impl OutputRules {
    pub(crate) fn of(directory: &Directory) -> Result<Self> {
        Ok(Self {
            directory: directory.clone(),
            validator: directory.schemas.validator(ENTRY)?,
        })
    }

    /// The entry in a file, if nothing in this file would stop a build.
    pub(crate) fn entry(&self, file: &SourceFile) -> Option<Entry> {
        let checker = Checker::new(&self.directory, &self.validator, Selection::Errors);
        let FileResult {
            entry,
            is_valid,
            findings,
        } = checker.file(file);
        let is_stopped = findings.iter().any(stops_a_build);
        if is_stopped || !is_valid {
            return None;
        }
        entry
    }

    /// Whether nothing in an entry would stop a build.
    pub(crate) fn accept(&self, entry: &Entry) -> bool {
        let path = self.directory.home(entry.domain());
        let mut document = Map::new();
        document.insert(entry.name.clone(), entry.fields.clone().into());
        let text = Value::Object(document).to_string();
        let file = SourceFile::from_bytes(path, Kind::Entry, text.as_bytes(), None);
        self.entry(&file).is_some()
    }
}

/// Whether a finding stops a build.
pub(super) fn stops_a_build(finding: &Finding) -> bool {
    finding.guards == Guard::Output && finding.severity == Severity::Error
}
