//! What is wrong with a tree: every rule over every file.

pub(crate) mod context;
mod policy;
pub(crate) mod rule;
mod rules;
mod svg;

use rayon::prelude::*;

use crate::directory::{Directory, SETTINGS_FILE};
use crate::finding::{Finding, Severity};
use crate::schema::{self, Validator};
use crate::source::{Entry, SourceFile, Tree};

use context::{EntryContext, FileContext, IconContext, Image, Site, TreeContext};
use policy::Policy;
use rule::Check;

pub use rule::{INTERNAL_ERROR, Rule};
pub use rules::RULES;

/// The ids of all rules, in the order of the table.
pub fn ids() -> impl Iterator<Item = &'static str> {
    RULES.iter().map(|rule| rule.id)
}

/// A tree that was checked.
#[derive(Debug)]
pub struct Checked {
    /// All findings that the settings do not allow, in the order of the files, and per file in the
    /// order of the rules.
    pub findings: Vec<Finding>,
    /// The entries of all files that meet the entry schema, in the order of the files.
    pub entries: Vec<Entry>,
}

/// Which rules look at a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All that the settings do not turn off.
    All,
    /// Only those that can stop a build.
    Build,
    /// Only the form of an entry and what keeps it from being formatted, even if
    /// the settings turn it off.
    Form,
}

/// Checks a tree. `validator` is that of the directory's entry schema.
///
/// The findings are the same, in the same order, however many threads there are. A rule that
/// panics is a finding as well, under the id [`INTERNAL_ERROR`].
pub fn check(directory: &Directory, tree: &Tree, validator: &Validator, extent: Extent) -> Checked {
    check_with(RULES, directory, tree, validator, extent)
}

fn check_with(
    rules: &[&'static Rule],
    directory: &Directory,
    tree: &Tree,
    validator: &Validator,
    extent: Extent,
) -> Checked {
    let policy = Policy::new(&directory.settings.check, rules, extent);
    let checker = Checker { directory, extent, validator, rules: policy.rules() };

    let files = tree.files.par_iter().with_min_len(16).map(|file| checker.file(file));
    let (sites, findings): (Vec<_>, Vec<_>) = files.unzip();
    let mut findings: Vec<Finding> = findings.into_iter().flatten().collect();
    let icons = tree.icons().par_iter().with_min_len(16).map(|icon| checker.icon(icon));
    findings.extend(icons.collect::<Vec<_>>().into_iter().flatten());

    let (sites, broken) = divide(&tree.files, sites);
    let icons = tree.icons.as_deref();
    let whole = TreeContext { directory, sites: &sites, broken: &broken, icons, extent };
    findings.extend(checker.tree(&whole));
    let findings = policy.apply(findings);

    let entries = sites.into_iter().filter(|site| site.is_valid).map(|site| site.entry).collect();
    Checked { findings, entries }
}

/// The files with a site, and those without.
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

/// The rules that are to look, with what they need for it.
struct Checker<'c> {
    directory: &'c Directory,
    extent: Extent,
    validator: &'c Validator,
    rules: &'c [&'static Rule],
}

impl Checker<'_> {
    fn file<'t>(&self, file: &'t SourceFile) -> (Option<Site<'t>>, Vec<Finding>) {
        let content = file.parse();
        let violations = match &content {
            // Of a field given twice nobody knows which one to judge.
            Ok(parsed)
                if !parsed.has_duplicate_field && !self.validator.is_valid(&parsed.value) =>
            {
                schema::violations(&self.directory.schemas, self.validator, &parsed.value)
            }
            _ => Vec::new(),
        };
        let checked = FileContext { file, content: Some(&content), violations: &violations };
        let mut findings = Vec::new();
        for rule in self.rules {
            if let Check::File(check) = rule.check {
                rule.apply(&file.path, &mut findings, || check(&checked));
            }
        }
        let is_valid = violations.is_empty();
        let site = match content {
            Ok(parsed) if !parsed.has_duplicate_field => {
                Entry::from_json(parsed.value).map(|entry| Site { file, entry, is_valid })
            }
            _ => None,
        };
        if let Some(Site { entry, .. }) = &site {
            let checked = EntryContext { file, entry, is_valid, directory: self.directory };
            for rule in self.rules {
                // What could be better does not matter before all is right.
                if !is_valid && rule.severity == Severity::Warning && self.extent != Extent::Form {
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
        let as_file = FileContext { file, content: None, violations: &[] };
        let as_icon = IconContext { file, image: &image };
        let mut findings = Vec::new();
        for rule in self.rules {
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
        self.rules.par_iter().flat_map_iter(of_rule).collect()
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
            std::fs::write(folder.join(format!("{name}.json")), format!(r#"{{"{name}":{{}}}}"#))
                .unwrap();
        }
        let directory = crate::pipeline::open(Some(root.path())).unwrap();
        let validator = directory.schemas.validator(ENTRY).unwrap();
        let tree = directory.load().unwrap();
        let rules = [&PANICS, &FINDS];
        let checked = check_with(&rules, &directory, &tree, &validator, Extent::All);
        let found: Vec<_> =
            checked.findings.iter().map(|it| (it.rule, it.path.to_str().unwrap())).collect();
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
