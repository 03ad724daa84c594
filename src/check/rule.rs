//! What a rule is.

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use super::context::{EntryContext, FileContext, IconContext, SettingsContext, TreeContext};
use crate::finding::{Change, Finding, Fix, Guard, Related, Severity};
use crate::schema::Violation;
use crate::source::Location;

/// One thing that can be wrong.
#[derive(Debug)]
pub struct Rule {
    /// The id in kebab case: file name, documentation anchor and report id at once.
    pub id: &'static str,
    /// How much its findings matter, where the settings do not say otherwise.
    pub severity: Severity,
    /// What its errors keep from happening.
    pub guards: Guard,
    /// Whether tfadir can fix at least some of what it finds.
    pub is_fixable: bool,
    /// The doc comment of the rule; see [`Self::documentation`].
    pub(crate) doc_comment: &'static str,
    /// The check itself.
    pub(crate) check: Check,
}

/// What a rule looks at.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// One file, as it was read and parsed.
    File(fn(&FileContext<'_>) -> Vec<Problem>),
    /// One file that holds one site with a group of fields.
    Entry(fn(&EntryContext<'_>) -> Vec<Problem>),
    /// One icon.
    Icon(fn(&IconContext<'_>) -> Vec<Problem>),
    /// All files at once.
    Tree(fn(&TreeContext<'_>) -> Vec<TreeProblem>),
    /// The settings, once all else is known.
    Settings(fn(&SettingsContext<'_>) -> Vec<Problem>),
}

/// What a rule says: a finding without that which the rule table and the file know already.
#[derive(Debug)]
pub(crate) struct Problem {
    /// Where in the file.
    pub(crate) location: Location,
    /// What is wrong, as in [`Finding::message`].
    pub(crate) message: String,
    /// How to mend it.
    pub(crate) help: Option<String>,
    /// Other locations that belong to it.
    pub(crate) related: Vec<Related>,
    /// How a machine can mend it.
    pub(crate) fix: Option<Fix>,
    /// How much this one matters, where that differs from the rule's level.
    pub(crate) severity: Option<Severity>,
}

/// A problem with the path of the file that has it, relative to the root.
pub(crate) type TreeProblem = (PathBuf, Problem);

impl Problem {
    /// A problem at one location.
    pub(crate) fn new(
        location: Location,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let help = Some(help.into());
        Self { location, message: message.into(), help, related: vec![], fix: None, severity: None }
    }

    /// The same with another location that belongs to it, and what is there.
    #[must_use]
    pub(crate) fn related(
        mut self,
        path: &Path,
        location: Location,
        message: impl Into<String>,
    ) -> Self {
        self.related.push(Related { path: path.to_owned(), location, message: message.into() });
        self
    }

    /// The same with a fix that leaves the published files as they are. The title says what it
    /// does, in the infinitive.
    #[must_use]
    pub(crate) fn fix(mut self, title: impl Into<String>, change: Change) -> Self {
        self.fix = Some(Fix { title: title.into(), change, alters_output: false });
        self
    }

    /// The same with a fix after which the published files differ.
    #[must_use]
    pub(crate) fn fix_that_alters_output(
        mut self,
        title: impl Into<String>,
        change: Change,
    ) -> Self {
        self.fix = Some(Fix { title: title.into(), change, alters_output: true });
        self
    }

    /// The same as a warning, whatever the rule's level is.
    #[must_use]
    pub(crate) fn as_warning(mut self) -> Self {
        self.severity = Some(Severity::Warning);
        self
    }
}

impl From<&Violation> for Problem {
    fn from(violation: &Violation) -> Self {
        Self {
            location: violation.location.clone(),
            message: violation.message.clone(),
            help: violation.help.clone(),
            related: vec![],
            fix: None,
            severity: None,
        }
    }
}

/// The id of findings about a rule that panicked.
pub const INTERNAL_ERROR: &str = "internal-error";

impl Rule {
    /// What it looks at, in one word.
    pub fn scope(&self) -> &'static str {
        match self.check {
            Check::File(_) => "file",
            Check::Entry(_) => "entry",
            Check::Icon(_) => "icon",
            Check::Tree(_) => "tree",
            Check::Settings(_) => "settings",
        }
    }

    /// What it finds, why, a bad and a good example, and what a fix does, in Markdown.
    pub fn documentation(&self) -> String {
        let lines = self.doc_comment.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What it finds, in one paragraph on one line.
    pub(crate) fn summary(&self) -> String {
        let paragraph = self.doc_comment.trim().split("\n\n").next().unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Lets a check look at one file, and adds what it says to `findings`. A check that panics is a
    /// finding too.
    pub(super) fn apply(
        &self,
        path: &Path,
        findings: &mut Vec<Finding>,
        check: impl FnOnce() -> Vec<Problem>,
    ) {
        match panic::catch_unwind(AssertUnwindSafe(check)) {
            // Nearly always: it has to be quick.
            Ok(problems) if problems.is_empty() => {}
            Ok(problems) => {
                let problems = problems.into_iter();
                findings.extend(problems.map(|it| self.finding(path.to_owned(), it)));
            }
            Err(_) => findings.push(self.internal_error(path)),
        }
    }

    /// The same for a check that looks at all files; a panic is put down to `root`.
    pub(super) fn apply_to_tree(
        &self,
        root: &Path,
        check: impl FnOnce() -> Vec<TreeProblem>,
    ) -> Vec<Finding> {
        match panic::catch_unwind(AssertUnwindSafe(check)) {
            Ok(problems) => {
                problems.into_iter().map(|(path, problem)| self.finding(path, problem)).collect()
            }
            Err(_) => vec![self.internal_error(root)],
        }
    }

    fn finding(&self, path: PathBuf, problem: Problem) -> Finding {
        Finding {
            rule: self.id,
            severity: problem.severity.unwrap_or(self.severity),
            path,
            location: problem.location,
            message: problem.message,
            help: problem.help,
            related: problem.related,
            fix: problem.fix,
        }
    }

    fn internal_error(&self, path: &Path) -> Finding {
        let help = "This is a fault of tfadir, not of the file: please report it, with the file.";
        Finding {
            rule: INTERNAL_ERROR,
            severity: Severity::Error,
            path: path.to_owned(),
            location: Location::File,
            message: format!("the rule `{}` failed on this", self.id),
            help: Some(help.to_owned()),
            related: Vec::new(),
            fix: None,
        }
    }
}

/// Declares a rule whose doc comment is its documentation.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])+
        $name:ident = $id:literal, $severity:ident, $guard:ident, fixable: $fixable:literal,
        $scope:ident($check:expr)
    ) => {
        $(#[doc = $doc])+
        pub(crate) static $name: $crate::check::rule::Rule = $crate::check::rule::Rule {
            id: $id,
            severity: $crate::finding::Severity::$severity,
            guards: $crate::finding::Guard::$guard,
            is_fixable: $fixable,
            doc_comment: concat!($($doc, "\n"),+),
            check: $crate::check::rule::Check::$scope($check),
        };
    };
}
pub(super) use rule;
