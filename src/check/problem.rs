//! What a rule reports.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::finding::{Change, Fix, Guard, Related, Severity};
use crate::schema::Violation;
use crate::source::{FixTitle, Location, Verb};
use crate::text::quote;

/// A finding without the information from the rule table and the file.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) location: Location,
    /// As in [`Finding::message`](crate::finding::Finding::message).
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    pub(crate) related: Vec<Related>,
    pub(crate) fix: Option<Fix>,
    /// The severity, if it differs from the rule's.
    pub(crate) severity: Option<Severity>,
    /// What it guards, if that differs from the rule's.
    pub(crate) guards: Option<Guard>,
}

/// A problem, with the path of its file relative to the root.
pub(crate) type TreeProblem = (PathBuf, Problem);

impl Problem {
    pub(crate) fn new(
        location: Location,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            location,
            message: message.into(),
            help: Some(help.into()),
            related: Vec::new(),
            fix: None,
            severity: None,
            guards: None,
        }
    }

    /// A problem of a whole file.
    pub(crate) fn of_file(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(Location::File, message, help)
    }

    /// Adds another location, and a description.
    #[must_use]
    pub(crate) fn related(
        mut self,
        path: &Path,
        location: Location,
        message: impl Into<String>,
    ) -> Self {
        self.related.push(Related {
            path: path.to_owned(),
            location,
            message: message.into(),
        });
        self
    }

    /// Adds a fix that does not change the published files.
    #[must_use]
    pub(crate) fn fix(mut self, title: FixTitle, change: Change) -> Self {
        self.fix = Some(Fix {
            title,
            change,
            alters_output: false,
        });
        self
    }

    /// Adds the fix that replaces the string at the problem's location.
    #[must_use]
    pub(crate) fn replaced(self, wrong: &str, right: &str) -> Self {
        let title = Verb::Replace.title(format!("{} with {}", quote(wrong), quote(right)));
        let change = Change::Write(self.location.clone(), Value::from(right).to_string());
        self.fix(title, change)
    }

    /// Adds a fix that changes the published files.
    #[must_use]
    pub(crate) fn fix_that_alters_output(mut self, title: FixTitle, change: Change) -> Self {
        self.fix = Some(Fix {
            title,
            change,
            alters_output: true,
        });
        self
    }

    /// Turns it into a warning, which guards review.
    #[must_use]
    pub(crate) fn warning(mut self) -> Self {
        self.severity = Some(Severity::Warning);
        self.guarding(Guard::Review)
    }

    #[must_use]
    pub(crate) fn guarding(mut self, guards: Guard) -> Self {
        self.guards = Some(guards);
        self
    }
}

impl From<&Violation> for Problem {
    fn from(violation: &Violation) -> Self {
        Self {
            help: violation.help.clone(),
            fix: violation.fix.clone(),
            ..Self::new(violation.location.clone(), &*violation.message, "")
        }
    }
}
