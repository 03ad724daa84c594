//! One run of `check` or `fmt`: read, check, fix, report.

pub(crate) mod base;
pub(crate) mod filter;
pub(crate) mod fix_loop;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use serde_json::json;
use tempfile::TempDir;

use crate::check::{self, Selection};
use crate::directory::Directory;
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::finding::{Finding, Severity};
use crate::fix::Fixed;
use crate::lint::filter::Filter;
use crate::lint::fix_loop::Apply;
use crate::report::{Detail, Proposal, Tally};
use crate::session::report::{self, Sources};
use crate::session::{Session, open};
use crate::source::{Document, Location, Tree};
use crate::text::count;

/// How many bytes of fixed files are proposed in one report.
const MAX_PROPOSED_BYTES: usize = 512 * 1024;

pub(crate) struct Outcome {
    pub(crate) tree: Tree,
    /// The findings that pass the filter.
    pub(crate) shown: Vec<Finding>,
    pub(crate) hidden: Vec<Finding>,
    pub(crate) fixed: Vec<Fixed>,
}

impl Outcome {
    /// Reads and checks the directory, applies fixes, and filters the findings.
    pub(crate) fn of(
        session: &Session<'_>,
        filter: &mut Filter,
        selection: Selection,
        apply: Apply,
    ) -> Result<Self> {
        let directory = &session.directory;
        let (tree, validators) = session.load()?;
        let check = |tree: &_| check::check(directory, tree, &validators.entry, selection).findings;
        let (tree, findings, fixed) = fix_loop::run(directory, tree, filter, apply, &check)?;
        fix_loop::report(session.console, &fixed);
        let (shown, hidden) = filter.divide(findings);
        Ok(Self {
            tree,
            shown,
            hidden,
            fixed,
        })
    }

    /// Prints the diff that fixes would make, and writes nothing. Returns whether it is empty.
    pub(crate) fn diff(session: &Session<'_>, filter: &mut Filter, apply: Apply) -> Result<bool> {
        let (copy, fixed) = try_fixes(session, filter, apply)?;
        let diff = fix_loop::diff(&session.directory.root, copy.path(), &fixed);
        session.console.result(&diff);
        session
            .console
            .structured(&json!({ "diff": diff, "fixed": fix_loop::records(&fixed) }));
        Ok(diff.is_empty())
    }

    /// Prints the findings that pass the filter, and counts them.
    pub(crate) fn report(&self, session: &Session<'_>, detail: Detail) -> Tally {
        let settings = Document::toml(&session.directory.settings_text).ok();
        let api = settings.and_then(|it| it.locate(&Location::Name("/api".to_owned())));
        let rules_page = api.map(|_| format!("{}rules/#", session.directory.settings.api));
        let detail = Detail {
            rules_page,
            ..detail
        };
        let texts = Sources {
            directory: &session.directory,
            tree: &self.tree,
        };
        let root = &session.directory.root;
        let findings = report::findings_with(session.console, root, &self.shown, &texts, &detail);
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

/// The files with these findings that fixes would change, each with its text after the fixes if it
/// is short; files with errors first.
pub(crate) fn proposals(
    session: &Session<'_>,
    filter: &mut Filter,
    findings: &[Finding],
) -> Result<Vec<Proposal>> {
    if findings.iter().all(|finding| finding.fix.is_none()) {
        return Ok(Vec::new());
    }
    let mut worst: HashMap<&Path, Severity> = HashMap::new();
    for finding in findings {
        let severity = worst.entry(&finding.path).or_insert(finding.severity);
        *severity = finding.severity.min(*severity);
    }
    let (copy, mut fixed) = try_fixes(session, filter, Apply::Proposed)?;
    fixed.retain(|one| worst.contains_key(one.path.as_path()));
    fixed.sort_by_key(|one| worst.get(one.path.as_path()).copied());
    let mut left = MAX_PROPOSED_BYTES;
    let proposal = |fixed: Fixed| {
        let path = copy
            .path()
            .join(fixed.moved_to.as_ref().unwrap_or(&fixed.path));
        let text = fs::read(path)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.filter(|text| text.len() <= left);
        left -= text.as_ref().map_or(0, String::len);
        Proposal { fixed, text }
    };
    Ok(fixed.into_iter().map(proposal).collect())
}

/// Applies fixes to a copy of the root. Returns the copy and what was fixed.
fn try_fixes(
    session: &Session<'_>,
    filter: &mut Filter,
    apply: Apply,
) -> Result<(TempDir, Vec<Fixed>)> {
    let (mut tree, validators) = session.load()?;
    filter.complete(&session.directory, &mut tree);
    let folder = tempfile::tempdir()?;
    fix_loop::copy(&session.directory, &tree, folder.path())?;
    let copy = open(Some(folder.path()))?;
    let selection = Selection::Enabled;
    let check = |tree: &_| check::check(&copy, tree, &validators.entry, selection).findings;
    let (_, _, fixed) = fix_loop::run(&copy, copy.load()?, filter, apply, &check)?;
    Ok((folder, fixed))
}

/// The errors that stop a build, and the number of other errors.
pub(crate) fn refused(directory: &Directory, errors: Vec<Finding>) -> (Vec<Finding>, usize) {
    let refuse = directory.settings.build.refuse;
    let (refused, others): (Vec<_>, Vec<_>) =
        errors.into_iter().partition(|error| refuse.includes(error));
    (refused, others.len())
}

/// The status line of a build that continues.
pub(crate) fn accepted(review_errors: usize) -> String {
    match review_errors {
        0 => "no errors".to_owned(),
        some => {
            let errors = count(some, "error that does", "errors that do");
            format!("{errors} not stop a build; run `tfadir check`")
        }
    }
}

/// The exit code of a run with these findings. `fails` says whether any of them counts as an error.
pub(crate) fn exit_code(tally: &Tally, fails: bool) -> ExitCode {
    match tally.failures {
        0 if fails => ExitCode::Findings,
        0 => ExitCode::Success,
        _ => ExitCode::Failure,
    }
}
