//! Checks a tree: every rule on every file.

pub(crate) mod context;
mod policy;
mod problem;
pub(crate) mod rule;
mod rules;
mod svg;
#[cfg(test)]
mod work;

use std::panic::{self, AssertUnwindSafe};

use rayon::prelude::*;

use crate::directory::{Directory, SETTINGS_FILE};
use crate::finding::{Finding, Severity};
use crate::schema::{self, Validator, Violation};
use crate::source::{Entry, SourceFile, Tree};

use context::{FileContext, IconContext, Image, Site, TreeContext};
use policy::Policy;
use rule::Check;

pub(crate) use context::is_host_name;
pub use policy::Selection;
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
        .filter(|rule| !matches!(rule.check, Check::Elsewhere(_)));
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
    check_with(RULES, directory, tree, validator, selection)
}

fn check_with(
    rules: &[&'static Rule],
    directory: &Directory,
    tree: &Tree,
    validator: &Validator,
    selection: Selection,
) -> Checked {
    let policy = Policy::new(&directory.settings.check, rules, selection);
    let checker = Checker {
        directory,
        validator,
        policy: &policy,
    };

    let files = tree
        .files
        .par_iter()
        .with_min_len(16)
        .map(|file| checker.file(file));
    let (sites, findings): (Vec<_>, Vec<_>) = files.unzip();
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    let icons = tree
        .icons()
        .par_iter()
        .with_min_len(16)
        .map(|icon| checker.icon(icon));
    findings.extend(icons.collect::<Vec<_>>().into_iter().flatten());

    let (sites, broken) = divide(&tree.files, sites);
    let icons = tree.icons.as_deref();
    let outside = &tree.outside;
    let whole = TreeContext {
        directory,
        sites: &sites,
        broken: &broken,
        icons,
        outside,
    };
    findings.extend(checker.tree(&whole));
    let findings = policy.apply(findings);

    let entries = sites
        .into_iter()
        .filter(|site| site.is_valid)
        .map(|site| site.entry)
        .collect();
    Checked { findings, entries }
}

/// Separates the files that contain a site from those that do not.
fn divide<'t>(
    files: &'t [SourceFile],
    sites: Vec<Option<Site<'t>>>,
) -> (Vec<Site<'t>>, Vec<&'t SourceFile>) {
    let mut found = Vec::with_capacity(sites.len());
    let mut broken = Vec::new();
    for (file, site) in files.iter().zip(sites) {
        match site {
            Some(site) => found.push(site),
            None => broken.push(file),
        }
    }
    (found, broken)
}

impl<'c> Image<'c> {
    fn of(file: &'c SourceFile) -> Self {
        match (&file.problem, file.path.extension()) {
            (Some(_), _) => Self::Unread,
            (None, Some(ending)) if ending == "png" => Self::Png,
            (None, _) => Self::Svg(svg::parse(&file.text)),
        }
    }
}

struct Checker<'c> {
    directory: &'c Directory,
    validator: &'c Validator,
    policy: &'c Policy<'c>,
}

impl Checker<'_> {
    fn file<'t>(&self, file: &'t SourceFile) -> (Option<Site<'t>>, Vec<Finding>) {
        let content = file.parse();
        let violations = match &content {
            // With a duplicate field it is unclear which one to validate.
            Ok(parsed)
                if !parsed.has_duplicate_field && !self.validator.is_valid(&parsed.value) =>
            {
                let all =
                    || schema::violations(&self.directory.schemas, self.validator, &parsed.value);
                panic::catch_unwind(AssertUnwindSafe(all))
                    .unwrap_or_else(|_| vec![Violation::internal()])
            }
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
        let is_valid = violations.is_empty();
        let site = match content {
            Ok(parsed) if !parsed.has_duplicate_field => {
                Entry::from_json(parsed.value).map(|entry| Site {
                    file,
                    entry,
                    is_valid,
                })
            }
            _ => None,
        };
        if let Some(site) = &site {
            let checked = site.context(self.directory);
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
        (site, findings)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rule::{Problem, rule};
    use crate::report::Tally;
    use crate::schema::ENTRY;
    use crate::source::Location;

    rule! {
        /// Panics at every file whose site is named `P`.
        PANICS = "panics", Error, Review, fixable: false, Entry(|checked| {
            assert_ne!(checked.entry.name, "P");
            Vec::new()
        })
    }

    rule! {
        /// Finds every file.
        FINDS = "finds", Warning, Review, fixable: false, File(|_| vec![Problem::new(Location::File, "found", "")])
    }

    #[test]
    fn a_rule_that_panics_is_a_finding_and_the_rest_is_still_reported() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("entries");
        std::fs::create_dir(&folder).unwrap();
        for name in ["A", "P", "Z"] {
            std::fs::write(
                folder.join(format!("{name}.json")),
                format!(r#"{{"{name}":{{}}}}"#),
            )
            .unwrap();
        }
        let directory = crate::session::open(Some(root.path())).unwrap();
        let validator = directory.schemas.validator(ENTRY).unwrap();
        let tree = directory.load().unwrap();
        let rules = [&PANICS, &FINDS];
        let checked = check_with(&rules, &directory, &tree, &validator, Selection::Enabled);
        let found: Vec<_> = checked
            .findings
            .iter()
            .map(|finding| (finding.rule, finding.path.to_str().unwrap()))
            .collect();
        assert_eq!(
            found,
            [
                ("finds", "entries/A.json"),
                ("finds", "entries/P.json"),
                (INTERNAL_ERROR, "entries/P.json"),
                ("finds", "entries/Z.json"),
            ]
        );
        assert_eq!(Tally::of(&checked.findings).failures, 1);
    }
}
