//! The definition of a rule.

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};

use super::context::{EntryContext, FileContext, IconContext, SettingsContext, TreeContext};
use crate::finding::{Finding, Guard, Severity, Stage};
use crate::source::Location;

pub(crate) use super::problem::{Problem, TreeProblem};

/// A rule: one kind of problem.
#[derive(Debug)]
pub struct Rule {
    /// The id in kebab case: documentation anchor, report id, and name in the settings.
    pub id: &'static str,
    /// The severity of its findings, unless the settings or a finding say otherwise.
    pub severity: Severity,
    /// What its errors prevent, unless a finding says otherwise.
    pub guards: Guard,
    /// What its fixes change.
    pub(crate) fix: RuleFix,
    /// The doc comment of the rule; see [`Self::documentation`].
    pub(crate) doc_comment: &'static str,
    pub(crate) check: Check,
}

/// The fixes of a rule. A finding can lack a fix, or have a safe one of a rule with unsafe ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RuleFix {
    /// The rule has no fixes.
    None,
    /// Fixes that never change what is published about a valid entry.
    Safe,
    /// Fixes that can change published files.
    Unsafe,
}

/// What a rule checks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Check {
    /// One file, as read and parsed.
    File(fn(&FileContext<'_>) -> Vec<Problem>),
    /// One file that contains one site.
    Entry(fn(&EntryContext<'_>) -> Vec<Problem>),
    Icon(fn(&IconContext<'_>) -> Vec<Problem>),
    /// All files together.
    Tree(fn(&TreeContext<'_>) -> Vec<TreeProblem>),
    /// The settings, after everything else.
    Settings(fn(&SettingsContext<'_>) -> Vec<Problem>),
    /// Nothing: the findings come from another stage.
    Stage(Stage),
}

/// The id of findings about a rule that panicked.
pub const INTERNAL_ERROR: &str = Stage::InternalError.id();

impl Rule {
    /// Whether tfadir can fix at least some of what it finds.
    pub fn is_fixable(&self) -> bool {
        self.fix != RuleFix::None
    }

    /// What it checks, in one word.
    pub fn scope(&self) -> &'static str {
        match self.check {
            Check::File(_) => "file",
            Check::Entry(_) => "entry",
            Check::Icon(_) => "icon",
            Check::Tree(_) => "tree",
            Check::Settings(_) | Check::Stage(Stage::Settings) => "settings",
            Check::Stage(Stage::Categories | Stage::Excluded | Stage::Templates) => "root",
            Check::Stage(Stage::InternalError) => "tfadir",
            Check::Stage(_) => "build",
        }
    }

    /// What it finds, why, a bad and a good example, and what a fix does, in Markdown.
    pub fn documentation(&self) -> String {
        let lines = self
            .doc_comment
            .lines()
            .map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// What it finds, in one paragraph on one line.
    pub(crate) fn summary(&self) -> String {
        let paragraph = self
            .doc_comment
            .trim()
            .split("\n\n")
            .next()
            .unwrap_or_default();
        paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Runs a check of one file and adds its problems to `findings`. A check that panics is
    /// also a finding.
    pub(super) fn apply(
        &self,
        path: &Path,
        findings: &mut Vec<Finding>,
        check: impl FnOnce() -> Vec<Problem>,
    ) {
        match panic::catch_unwind(AssertUnwindSafe(check)) {
            // The usual case, which must be fast.
            Ok(problems) if problems.is_empty() => {}
            Ok(problems) => {
                for problem in problems {
                    findings.push(self.finding(path.to_owned(), problem));
                }
            }
            Err(_) => findings.push(self.internal_error(path)),
        }
    }

    /// Runs a check of all files; a panic is reported at `root`.
    pub(super) fn apply_to_tree(
        &self,
        root: &Path,
        check: impl FnOnce() -> Vec<TreeProblem>,
    ) -> Vec<Finding> {
        match panic::catch_unwind(AssertUnwindSafe(check)) {
            Ok(problems) => problems
                .into_iter()
                .map(|(path, problem)| self.finding(path, problem))
                .collect(),
            Err(_) => vec![self.internal_error(root)],
        }
    }

    fn finding(&self, path: PathBuf, problem: Problem) -> Finding {
        Finding {
            rule: self.id,
            severity: problem.severity.unwrap_or(self.severity),
            guards: problem.guards.unwrap_or(self.guards),
            path,
            location: problem.location,
            message: problem.message,
            help: problem.help,
            related: problem.related,
            fix: problem.fix,
        }
    }

    fn internal_error(&self, path: &Path) -> Finding {
        let message = format!("the rule `{}` crashed on this file", self.id);
        let help = "This is a bug in tfadir. Report it, and attach the file.".to_owned();
        Stage::InternalError.finding(path, Location::File, message, Some(help))
    }
}

/// Declares a rule whose doc comment is its documentation.
macro_rules! rule {
    (
        $(#[doc = $doc:literal])+
        $name:ident = $id:literal, $severity:ident, $guard:ident, fix: $fix:ident,
        $scope:ident($check:expr)
    ) => {
        $(#[doc = $doc])+
        pub(crate) static $name: $crate::check::rule::Rule = $crate::check::rule::Rule {
            id: $id,
            severity: $crate::finding::Severity::$severity,
            guards: $crate::finding::Guard::$guard,
            fix: $crate::check::rule::RuleFix::$fix,
            doc_comment: concat!($($doc, "\n"),+),
            check: $crate::check::rule::Check::$scope($check),
        };
    };
}
pub(super) use rule;
