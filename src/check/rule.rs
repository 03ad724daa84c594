//! What a rule is.

use crate::finding::{Finding, Related, Severity};
use crate::schema::Violation;
use crate::source;
use crate::source::document::escape;
use crate::source::{Content, Json, Members, Place, SourceFile};

/// One thing that can be wrong.
#[derive(Debug)]
pub struct Rule {
    /// The id in kebab case: file name, documentation anchor and report id at once.
    pub id: &'static str,
    /// How much its findings matter.
    pub severity: Severity,
    /// What it finds, why, and a bad and a good example, in Markdown: the doc comment of the rule.
    pub documentation: &'static str,
    /// The check itself.
    pub check: fn(&Checked<'_>) -> Vec<Problem>,
}

/// What a rule sees: one file and how it meets the entry schema.
#[derive(Debug)]
pub struct Checked<'c> {
    /// The file.
    pub file: &'c SourceFile,
    /// What it means.
    pub content: &'c Content<'c>,
    /// All violations of the entry schema, which the rules divide among themselves.
    pub violations: &'c [Violation],
}

/// What a rule says: a finding without that which the rule table and the file know already.
#[derive(Debug)]
pub struct Problem {
    /// Where in the file.
    pub place: Place,
    /// What is wrong, as in [`Finding::message`].
    pub message: String,
    /// How to mend it.
    pub help: Option<String>,
    /// Another place in the same file that belongs to it, and what is there.
    pub related: Option<(Place, String)>,
}

impl Problem {
    /// A problem at one place.
    pub fn new(place: Place, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { place, message: message.into(), help: Some(help.into()), related: None }
    }
}

impl From<&Violation> for Problem {
    fn from(violation: &Violation) -> Self {
        Self {
            place: violation.place.clone(),
            message: violation.message.clone(),
            help: violation.help.clone(),
            related: None,
        }
    }
}

impl Rule {
    /// Applies the rule to a file.
    pub fn apply(&self, checked: &Checked<'_>) -> Vec<Finding> {
        let path = &checked.file.path;
        let finding = |problem: Problem| {
            let related = problem.related.into_iter().map(|(place, message)| Related {
                path: path.clone(),
                place,
                message,
            });
            Finding {
                rule: self.id,
                severity: self.severity,
                path: path.clone(),
                place: problem.place,
                message: problem.message,
                help: problem.help,
                related: related.collect(),
            }
        };
        (self.check)(checked).into_iter().map(finding).collect()
    }
}

impl Checked<'_> {
    /// The violations of some of the schema's definitions as problems, worded as the schema has it.
    pub fn of_definitions(&self, definitions: &[&str]) -> Vec<Problem> {
        self.violations
            .iter()
            .filter(|violation| definitions.contains(&violation.definition.as_str()))
            .map(Problem::from)
            .collect()
    }

    /// Whether any of the schema's definitions is violated.
    pub fn violates(&self, definition: &str) -> bool {
        self.violations.iter().any(|it| it.definition == definition)
    }

    /// The JSON pointer to the entry and its members, where the file holds exactly one site whose
    /// entry is an object.
    pub fn entry(&self) -> Option<(String, &Members<'_>)> {
        let sites = self.value()?.as_object()?;
        let (name, entry) = sites.iter().next().filter(|_| sites.len() == 1)?;
        Some((format!("/{}", escape(name)), entry.as_object()?))
    }

    /// The file as a JSON value, where it is one.
    pub fn value(&self) -> Option<&Json<'_>> {
        self.content.as_ref().ok().map(|parsed| &parsed.value)
    }

    /// What kept the file from being read, if anything did.
    pub fn unread(&self) -> Option<&source::Problem> {
        self.file.problem.as_ref()
    }
}

/// Declares a rule whose doc comment is its documentation.
macro_rules! rule {
    ($(#[doc = $doc:literal])+ $name:ident = $id:literal, $severity:ident, $check:expr) => {
        $(#[doc = $doc])+
        pub static $name: $crate::check::rule::Rule = $crate::check::rule::Rule {
            id: $id,
            severity: $crate::finding::Severity::$severity,
            documentation: concat!($($doc, "\n"),+),
            check: $check,
        };
    };
}
pub(super) use rule;
