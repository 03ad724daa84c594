//! One run of `check` or `fmt`: read, check, fix, report.

pub(crate) mod base;
mod commit;
pub(crate) mod filter;
pub(crate) mod fixes;
mod unified_diff;

use std::collections::{BTreeMap, HashSet};
use std::mem;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::check::{Checker, Results, Selection};
use crate::cli::{Format, ReportFile};
use crate::directory::Directory;
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::finding::{Change, Finding, Guard, Severity};
use crate::fix::{self, Fixed};
use crate::git::ChangedFiles;
use crate::lint::base::anchor;
use crate::lint::filter::Filter;
use crate::lint::fixes::Apply;
use crate::report::{Detail, Proposals, Tally, json};
use crate::schema::{self, Validator};
use crate::session::Session;
use crate::session::report::{self, Sources};
use crate::source::Tree;
use crate::staging;
use crate::text::count;

/// A larger file is not an entry or a small icon, so its fixed text is not proposed.
const MAX_PROPOSED_FILE_BYTES: usize = 16 * 1024;

/// The most files to offer for replacement by hand. For more, running the command is easier.
const MAX_PROPOSED_FILES: usize = 30;

/// A checked directory.
pub(crate) struct Run<'s> {
    session: &'s Session<'s>,
    validator: Validator,
    selection: Selection,
    /// So that only what fixes change is checked again.
    results: Results,
    pub(crate) tree: Tree,
    findings: Vec<Finding>,
    /// Entries that are not published yet, so all fixes are safe in them.
    unpublished: HashSet<PathBuf>,
}

impl<'s> Run<'s> {
    /// Reads and checks the directory.
    pub(crate) fn start(
        session: &'s Session<'s>,
        filter: &mut Filter,
        selection: Selection,
    ) -> Result<Self> {
        let (mut tree, validator) =
            session.load(|directory| directory.schemas.validator(schema::ENTRY))?;
        tree.outside = filter.outside(&session.directory);
        filter.select_icons(&session.directory, &tree);
        let mut results = Results::default();
        let checker = Checker::new(&session.directory, &validator, selection);
        let mut findings = checker.update(&tree, &mut results);
        let unpublished = filter.unpublished(&session.directory, &tree, &findings);
        mark_safe(&mut findings, &unpublished);
        Ok(Self {
            session,
            validator,
            selection,
            results,
            tree,
            findings,
            unpublished,
        })
    }

    /// Applies the fixes of the selected findings.
    fn fix(&mut self, apply: Apply, is_selected: &dyn Fn(&Finding) -> bool) -> fix::Outcome {
        let directory = &self.session.directory;
        let checker = Checker::new(directory, &self.validator, self.selection);
        let (tree, findings) = (self.tree.clone(), mem::take(&mut self.findings));
        let unpublished = &self.unpublished;
        let is_wanted = |finding: &Finding| {
            let is_included = if unpublished.contains(&finding.path) {
                apply.includes_unpublished(finding)
            } else {
                apply.includes(finding)
            };
            is_included && is_selected(finding)
        };
        let mut outcome = fix::fix(&checker, &mut self.results, tree, findings, &is_wanted);
        for file in &outcome.fixed {
            if self.unpublished.contains(file.path()) {
                self.unpublished.insert(file.after.path.clone());
            }
        }
        mark_safe(&mut outcome.findings, &self.unpublished);
        outcome
    }

    /// Prints the diff that fixes would make, and writes nothing. Returns whether it is empty.
    pub(crate) fn diff(mut self, filter: &Filter, apply: Apply) -> bool {
        let fixed = self.fix(apply, &|finding| filter.contains(finding)).fixed;
        let diff = fixes::diff(&fixed);
        let console = self.session.console;
        if console.format == Format::Json {
            console.structured(&json!({ "diff": diff, "fixed": fixes::records(&fixed) }));
        } else {
            console.result(&diff);
        }
        diff.is_empty()
    }

    /// Applies fixes, writes the files that they change, and prints what was done.
    pub(crate) fn apply(&mut self, filter: &mut Filter, apply: Apply) -> Result<Vec<Fixed>> {
        if apply == Apply::Nothing {
            return Ok(Vec::new());
        }
        let directory = &self.session.directory;
        staging::clear(&directory.root.join(staging::FOLDER));
        let outcome = self.fix(apply, &|finding| filter.contains(finding));
        fix::write(&directory.root, &outcome.fixed)?;
        filter.follow(&outcome.fixed);
        filter.select_icons(directory, &outcome.tree);
        self.tree = outcome.tree;
        self.findings = outcome.findings;
        fixes::report(self.session.console, &outcome.fixed);
        Ok(outcome.fixed)
    }

    /// The findings that pass the filter, and the others.
    pub(crate) fn outcome(mut self, filter: &Filter, fixed: Vec<Fixed>) -> LintOutcome<'s> {
        if !filter.has_base() {
            blame_uncommitted(&self.session.directory.root, &mut self.findings);
        }
        fix::withdraw_impossible(&self.tree, &mut self.findings);
        let (shown, hidden) = filter.divide(mem::take(&mut self.findings));
        LintOutcome {
            run: self,
            shown,
            hidden,
            fixed,
        }
    }
}

/// What a run found and fixed.
pub(crate) struct LintOutcome<'s> {
    run: Run<'s>,
    /// The findings that pass the filter.
    pub(crate) shown: Vec<Finding>,
    pub(crate) hidden: Vec<Finding>,
    pub(crate) fixed: Vec<Fixed>,
}

impl<'s> LintOutcome<'s> {
    /// Reads and checks the directory, applies fixes, and filters the findings.
    pub(crate) fn of(
        session: &'s Session<'s>,
        filter: &mut Filter,
        selection: Selection,
        apply: Apply,
    ) -> Result<Self> {
        let mut run = Run::start(session, filter, selection)?;
        let fixed = run.apply(filter, apply)?;
        Ok(run.outcome(filter, fixed))
    }

    /// The files of the run.
    pub(crate) fn tree(&self) -> &Tree {
        &self.run.tree
    }

    /// How many entries have their fields in another order than before.
    pub(crate) fn reordered(&self) -> usize {
        let fixed = self.fixed.iter();
        let reordered =
            fixed.filter(|file| file.fixes.iter().any(|fix| fix.change == Change::Reorder));
        reordered.count()
    }

    /// Some of the files with findings that fixes would change, those with errors first: at most
    /// [`MAX_PROPOSED_FILES`], whose texts have at most `max_bytes` together.
    pub(crate) fn proposals(&mut self, max_bytes: usize) -> Proposals {
        if max_bytes == 0 {
            return Proposals::default();
        }
        let mut worst: BTreeMap<&Path, Severity> = BTreeMap::new();
        let is_fixable = |finding: &&Finding| Apply::Proposed.includes(finding);
        for finding in self.shown.iter().filter(is_fixable) {
            let severity = worst.entry(&finding.path).or_insert(finding.severity);
            *severity = finding.severity.min(*severity);
        }
        let mut paths: Vec<&Path> = worst.keys().copied().collect();
        paths.sort_by_key(|path| worst[path]);
        let mut left = max_bytes;
        let mut proposed = HashSet::new();
        for path in paths {
            let size = self.run.tree.file(path).map_or(0, |file| file.text.len());
            if proposed.len() < MAX_PROPOSED_FILES
                && size <= MAX_PROPOSED_FILE_BYTES
                && size <= left
            {
                left -= size;
                proposed.insert(path);
            }
        }
        let is_proposed = |finding: &Finding| proposed.contains(&*finding.path);
        let findings = self.shown.iter().filter(|finding| is_proposed(finding));
        self.run.findings = findings.cloned().collect();
        let mut fixed = self.run.fix(Apply::Proposed, &is_proposed).fixed;
        fixed.sort_by_key(|file| worst[file.path()]);
        Proposals {
            more: worst.len().saturating_sub(fixed.len()),
            fixed,
        }
    }

    /// Prints the findings that pass the filter, and counts them.
    pub(crate) fn report(&self, detail: &Detail) -> Tally {
        let session = self.run.session;
        let root = &session.directory.root;
        let texts = self.texts();
        let findings = report::findings_with(session.console, root, &self.shown, &texts, detail);
        session.console.structured(&self.object(&findings));
        Tally::of(&self.shown)
    }

    /// Writes the findings that pass the filter to files.
    pub(crate) fn write(&self, files: &[ReportFile], detail: &Detail) -> Result<()> {
        let root = &self.run.session.directory.root;
        let texts = self.texts();
        for file in files {
            let text = if file.format == Format::Json {
                let findings = json::records(&self.shown, &texts);
                format!("{:#}\n", json::object(&self.object(&findings)))
            } else {
                report::rendered(file.format, root, &self.shown, &texts, detail)
            };
            report::write_report(file, &text)?;
        }
        Ok(())
    }

    fn texts(&self) -> Sources<'_> {
        Sources {
            directory: &self.run.session.directory,
            tree: &self.run.tree,
        }
    }

    /// The report in JSON.
    fn object(&self, findings: &Value) -> Value {
        let tally = Tally::of(&self.shown);
        json!({
            "entries": self.run.tree.files.len(),
            "icons": self.run.tree.icons().len(),
            "errors": tally.errors,
            "warnings": tally.warnings,
            "notes": tally.notes,
            "hidden": self.hidden.len(),
            "fixed": fixes::records(&self.fixed),
            "findings": findings,
        })
    }
}

/// The address to which the id of a rule is added for its page, if the settings say where the API
/// is.
pub(crate) fn rules_page(directory: &Directory) -> Option<String> {
    let api = directory.settings.api.own()?;
    Some(format!("{api}rules/#"))
}

/// Marks the fixes in entries that are not published yet: they change nothing that is published.
fn mark_safe(findings: &mut [Finding], unpublished: &HashSet<PathBuf>) {
    for finding in findings {
        if let Some(fix) = &mut finding.fix
            && finding.guards == Guard::Review
            && unpublished.contains(&finding.path)
        {
            fix.alters_output = false;
        }
    }
}

/// Moves findings about two files to the one that git does not have or that has changed, if only one
/// of them has.
fn blame_uncommitted(root: &Path, findings: &mut [Finding]) {
    let is_shared = |finding: &Finding| {
        let mut related = finding.related.iter();
        related.any(|other| other.path != finding.path)
    };
    if !findings.iter().any(is_shared) {
        return;
    }
    // Without git, the files are equal.
    let Ok(changes) = ChangedFiles::since(root, "HEAD") else {
        return;
    };
    for finding in findings {
        anchor(finding, |path| changes.contains(path));
    }
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

/// The exit code of a run with these findings. `errors` is how many of them count as errors.
pub(crate) fn exit_code(tally: &Tally, errors: usize) -> ExitCode {
    match (tally.failures, errors) {
        (0, 0) => ExitCode::Success,
        (0, _) => ExitCode::Findings,
        _ => ExitCode::Failure,
    }
}
