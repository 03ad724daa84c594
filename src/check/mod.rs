//! Checks a tree: every rule on every file.

pub(crate) mod context;
mod output;
mod policy;
mod problem;
pub(crate) mod rule;
mod rules;
mod svg;
#[cfg(test)]
mod work;

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use crate::directory::{Directory, SETTINGS_FILE};
use crate::finding::{Finding, Severity, Stage};
use crate::schema::{self, Validator, Violation};
use crate::source::{Entry, Kind, Location, SourceFile, Tree};

use context::{CheckedSite, EntryContext, FileContext, IconContext, Image, TreeContext};
use policy::Policy;
use rule::Check;

pub(crate) use context::is_host_name;
pub(crate) use output::OutputRules;
pub use policy::Selection;
pub(crate) use rule::RuleFix;
pub use rule::{INTERNAL_ERROR, Rule};
pub use rules::RULES;
pub(crate) use rules::{ICON_SIDES, MAX_SVG_BYTES, icon_path, icon_requirements};

/// The ids of all rules, in the order of the table.
pub fn ids() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.id)
}

/// The ids of the rules that [`check`] runs.
pub(crate) fn own_ids() -> impl Iterator<Item = &'static str> {
    let own = RULES
        .iter()
        .filter(|rule| !matches!(rule.check, Check::Stage(_)));
    own.map(|rule| rule.id)
}

/// A checked tree.
#[derive(Debug)]
pub struct Checked {
    /// All findings that the settings do not allow, ordered by file, then by rule.
    pub findings: Vec<Finding>,
    /// The entries that are valid against the entry schema, in the order of the files.
    pub entries: Vec<Entry>,
}

/// Checks a tree. `validator` validates against the directory's entry schema.
///
/// The findings and their order do not depend on the number of threads. A rule that panics becomes
/// a finding with the id [`INTERNAL_ERROR`].
pub fn check(
    directory: &Directory,
    tree: &Tree,
    validator: &Validator,
    selection: Selection,
) -> Checked {
    Checker::new(directory, validator, selection).check(tree)
}

/// What the rules for single files say about one file.
#[derive(Debug, Default)]
struct FileResult {
    /// The site in the file, if it contains just one.
    entry: Option<Entry>,
    /// Whether the entry is valid against the entry schema.
    is_valid: bool,
    findings: Vec<Finding>,
}

/// The results of the rules for single files, so that only the files that changed are checked
/// again.
#[derive(Debug, Default)]
pub struct Results(HashMap<PathBuf, FileResult>);

impl Results {
    /// Removes the result of a file, which has changed.
    pub(crate) fn forget(&mut self, path: &Path) {
        self.0.remove(path);
    }
}

/// Checks trees of one directory.
#[derive(Debug)]
pub struct Checker<'c> {
    directory: &'c Directory,
    validator: &'c Validator,
    policy: Policy<'c>,
}

/// Fewer files than this are not worth another thread.
const MIN_FILES: usize = 16;

impl<'c> Checker<'c> {
    /// A checker with the selected rules. `validator` validates against the entry schema.
    pub fn new(directory: &'c Directory, validator: &'c Validator, selection: Selection) -> Self {
        Self::with_rules(RULES, directory, validator, selection)
    }

    fn with_rules(
        rules: &[&'static Rule],
        directory: &'c Directory,
        validator: &'c Validator,
        selection: Selection,
    ) -> Self {
        Self {
            directory,
            validator,
            policy: Policy::new(&directory.settings.check, rules, selection),
        }
    }

    /// The directory whose rules and settings apply.
    pub(crate) fn directory(&self) -> &'c Directory {
        self.directory
    }

    /// Checks a tree; see [`check`].
    pub(crate) fn check(&self, tree: &Tree) -> Checked {
        let mut results = Results::default();
        let findings = self.update(tree, &mut results);
        let mut entries = Vec::new();
        for file in &tree.files {
            if let Some(result) = results.0.remove(&file.path)
                && result.is_valid
            {
                entries.extend(result.entry);
            }
        }
        Checked { findings, entries }
    }

    /// Checks the files of a tree that have no result yet, and the tree as a whole. Returns the same
    /// findings as [`check`].
    pub fn update(&self, tree: &Tree, results: &mut Results) -> Vec<Finding> {
        let is_new = |file: &&Arc<SourceFile>| !results.0.contains_key(&file.path);
        let new: Vec<&Arc<SourceFile>> = tree
            .files
            .iter()
            .chain(tree.icons())
            .filter(is_new)
            .collect();
        let checked: Vec<(PathBuf, FileResult)> = new
            .into_par_iter()
            .with_min_len(MIN_FILES)
            .map(|file| (file.path.clone(), self.any(file)))
            .collect();
        results.0.extend(checked);

        let of_files: Vec<&FileResult> = results_of(results, &tree.files);
        let of_icons = results_of(results, tree.icons());
        let mut findings: Vec<Finding> = Vec::new();
        for result in of_files.iter().chain(&of_icons) {
            findings.extend_from_slice(&result.findings);
        }
        findings.extend(self.whole(tree, &of_files));
        self.policy.apply(findings)
    }

    fn any(&self, file: &SourceFile) -> FileResult {
        match file.kind {
            Kind::Entry => self.file(file),
            Kind::Icon => FileResult {
                findings: self.icon(file),
                ..FileResult::default()
            },
        }
    }

    /// The findings of the rules about the whole tree, of which each entry file has a result.
    fn whole(&self, tree: &Tree, of_files: &[&FileResult]) -> Vec<Finding> {
        let mut sites = Vec::with_capacity(of_files.len());
        let mut broken = Vec::new();
        for (file, result) in tree.files.iter().zip(of_files) {
            match &result.entry {
                Some(entry) => sites.push(CheckedSite {
                    file,
                    entry,
                    is_valid: result.is_valid,
                }),
                None => broken.push(&**file),
            }
        }
        self.tree(&TreeContext {
            directory: self.directory,
            sites: &sites,
            broken: &broken,
            icons: tree.icons.as_deref(),
            outside: &tree.outside,
        })
    }
}

/// The results of these files, all of which are known.
fn results_of<'r>(results: &'r Results, files: &[Arc<SourceFile>]) -> Vec<&'r FileResult> {
    files
        .iter()
        .filter_map(|file| results.0.get(&file.path))
        .collect()
}

impl<'c> Image<'c> {
    fn of(file: &'c SourceFile) -> Self {
        match (&file.problem, file.path.extension()) {
            (Some(_), _) => Self::Unread,
            (None, Some(extension)) if extension == "png" => Self::Png,
            (None, _) => Self::Svg(svg::parse(&file.text)),
        }
    }
}

impl Checker<'_> {
    fn file(&self, file: &SourceFile) -> FileResult {
        let content = file.parse();
        // With a duplicate field it is unclear which one to validate.
        let value = content
            .as_ref()
            .ok()
            .filter(|parsed| !parsed.has_duplicate_field)
            .map(|parsed| &parsed.value);
        let is_valid = value.is_some_and(|value| self.validator.is_valid(value));
        let violations = match value {
            Some(value) if !is_valid => self.violations(value),
            _ => Vec::new(),
        };
        let checked = FileContext {
            file,
            content: Some(&content),
            violations: &violations,
        };
        let mut findings = Vec::new();
        for rule in self.policy.rules() {
            if let Check::File(check) = rule.check {
                rule.apply(&file.path, &mut findings, || check(&checked));
            }
        }
        let is_json = content.is_ok();
        let entry = match content {
            Ok(parsed) if !parsed.has_duplicate_field => Entry::from_json(parsed.value),
            _ => None,
        };
        if let Some(entry) = &entry {
            let checked = EntryContext {
                file,
                entry,
                is_valid,
                directory: self.directory,
            };
            for rule in self.policy.rules() {
                // Advice can wait until the errors are fixed.
                let is_advice = rule.severity != Severity::Error;
                if is_advice && !is_valid && self.policy.holds_back_advice() {
                    continue;
                }
                if let Check::Entry(check) = rule.check {
                    rule.apply(&file.path, &mut findings, || check(&checked));
                }
            }
        }
        // An entry that is not in the output needs a finding that stops the build.
        let is_published = is_valid && entry.is_some();
        let is_unexplained =
            is_json && !is_published && !findings.iter().any(output::stops_a_build);
        if is_unexplained && self.policy.holds_back_advice() {
            findings.push(unexplained(&file.path));
        }
        FileResult {
            entry,
            is_valid,
            findings,
        }
    }

    fn violations(&self, value: &Value) -> Vec<Violation> {
        let all = || schema::violations(&self.directory.schemas, self.validator, value);
        panic::catch_unwind(AssertUnwindSafe(all)).unwrap_or_else(|_| vec![Violation::internal()])
    }

    fn icon(&self, file: &SourceFile) -> Vec<Finding> {
        let image = Image::of(file);
        let as_file = FileContext {
            file,
            content: None,
            violations: &[],
        };
        let as_icon = IconContext {
            file,
            image: &image,
        };
        let mut findings = Vec::new();
        for rule in self.policy.rules() {
            match rule.check {
                Check::File(check) => rule.apply(&file.path, &mut findings, || check(&as_file)),
                Check::Icon(check) => rule.apply(&file.path, &mut findings, || check(&as_icon)),
                _ => {}
            }
        }
        findings
    }

    fn tree(&self, tree: &TreeContext<'_>) -> Vec<Finding> {
        let of_rule = |rule: &&Rule| match rule.check {
            Check::Tree(check) => rule.apply_to_tree(SETTINGS_FILE.as_ref(), || check(tree)),
            _ => Vec::new(),
        };
        self.policy
            .rules()
            .par_iter()
            .flat_map_iter(of_rule)
            .collect()
    }
}

/// A finding about an entry that cannot be published although no rule reports an error that stops a build.
fn unexplained(path: &Path) -> Finding {
    let message = "this entry cannot be published, but no rule reports why";
    let help = "This is a bug in tfadir. Report it, and attach the file.".to_owned();
    Stage::InternalError.finding(path, Location::File, message.to_owned(), Some(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rule::{Problem, rule};
    use crate::report::Tally;
    use crate::schema::ENTRY;

    rule! {
        /// Panics at every file whose site is named `P`.
        PANICS = "panics", Error, Review, fix: None, Entry(|checked| {
            assert_ne!(checked.entry.name, "P");
            Vec::new()
        })
    }

    rule! {
        /// Finds every file.
        FINDS = "finds", Warning, Review, fix: None, File(|_| vec![Problem::new(Location::File, "found", "")])
    }

    /// The findings of these rules in files with the given names and texts: their rule and file.
    fn found(
        rules: &[&'static Rule],
        files: &[(&str, &str)],
    ) -> (Vec<(&'static str, String)>, Tally) {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("entries");
        std::fs::create_dir(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let directory = crate::session::open(Some(root.path())).unwrap();
        let validator = directory.schemas.validator(ENTRY).unwrap();
        let tree = directory.load().unwrap();
        let trial = Checker::with_rules(rules, &directory, &validator, Selection::Enabled);
        let findings = trial.check(&tree).findings;
        let tally = Tally::of(&findings);
        let name_of = |finding: &Finding| finding.path.file_name().unwrap().display().to_string();
        let pairs = findings
            .iter()
            .map(|finding| (finding.rule, name_of(finding)));
        (pairs.collect(), tally)
    }

    #[test]
    fn a_rule_that_panics_is_a_finding_and_the_rest_is_still_reported() {
        let text = |name| {
            format!(r#"{{"{name}":{{"domain":"a.com","tfa":["totp"],"categories":["other"]}}}}"#)
        };
        let (found, tally) = found(
            &[&PANICS, &FINDS],
            &[
                ("A.json", &text("A")),
                ("P.json", &text("P")),
                ("Z.json", &text("Z")),
            ],
        );
        let expected = [
            ("finds", "A.json"),
            ("finds", "P.json"),
            (INTERNAL_ERROR, "P.json"),
            ("finds", "Z.json"),
        ];
        assert_eq!(found, expected.map(|(rule, file)| (rule, file.to_owned())));
        assert_eq!(tally.failures, 1);
    }

    #[test]
    fn an_invalid_entry_that_passes_every_rule_is_a_finding() {
        let (found, tally) = found(&[], &[("a.json", r#"{"A":{"domain":"a.com","x":1}}"#)]);
        assert_eq!(found, [(INTERNAL_ERROR, "a.json".to_owned())]);
        assert_eq!(tally.failures, 1);
    }
}
