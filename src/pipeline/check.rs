//! Check, fix, report: the stages that `check` and `fmt` share.

use serde_json::json;

use super::filter::Filter;
use super::report::{self, Sources};
use super::{Failure, Session, fix_loop};
use crate::check::{self, Extent};
use crate::exit_code::ExitCode;
use crate::finding::Finding;
use crate::fix::Fixed;
use crate::report::Tally;
use crate::source::Tree;

/// A tree that was checked, and fixed if that was asked for.
pub(crate) struct Outcome {
    pub(crate) tree: Tree,
    /// The findings that the filter contains.
    pub(crate) shown: Vec<Finding>,
    /// All others.
    pub(crate) hidden: Vec<Finding>,
    /// What was fixed.
    pub(crate) fixed: Vec<Fixed>,
}

impl Outcome {
    /// Reads and checks the directory, applies fixes where `fix` says so, and divides the findings.
    ///
    /// # Errors
    ///
    /// Where the tree cannot be read or a file cannot be written.
    pub(crate) fn of(
        session: &Session<'_>,
        filter: &mut Filter,
        extent: Extent,
        fix: bool,
    ) -> Result<Self, Failure> {
        let directory = &session.directory;
        let (mut tree, validators) = session.load()?;
        let look = |tree: &_| check::check(directory, tree, &validators.entry, extent).findings;
        let mut findings = look(&tree);
        let mut fixed = Vec::new();
        if fix {
            (tree, findings, fixed) = fix_loop::run(directory, tree, findings, filter, &look)?;
            fix_loop::report(session.console, &fixed);
        }
        let (shown, hidden) = findings.into_iter().partition(|finding| filter.contains(finding));
        Ok(Self { tree, shown, hidden, fixed })
    }

    /// Prints the findings that the filter contains, and counts them.
    pub(crate) fn report(&self, session: &Session<'_>) -> Tally {
        let texts = Sources { directory: &session.directory, tree: &self.tree };
        let root = &session.directory.root;
        let findings = report::findings(session.console, root, &self.shown, &texts);
        let tally = Tally::of(&self.shown);
        session.console.structured(&json!({
            "entries": self.tree.files.len(),
            "icons": self.tree.icons().len(),
            "errors": tally.errors,
            "warnings": tally.warnings,
            "notes": tally.notes,
            "hidden": self.hidden.len(),
            "fixed": fix_loop::records(&self.fixed),
            "findings": findings,
        }));
        tally
    }
}

/// How a run with these findings ends; `fails` says whether any of them is an error to it.
pub(crate) fn exit_code(tally: &Tally, fails: bool) -> ExitCode {
    match tally.failures {
        0 if fails => ExitCode::Findings,
        0 => ExitCode::Success,
        _ => ExitCode::Failure,
    }
}
