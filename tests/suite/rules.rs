//! One folder for each rule in `tests/rules`: a root with faults, and the report on it.
//!
//! With `SNAPSHOTS=overwrite` in the environment the reports are written anew.

use std::path::Path;

use snapbox::{Assert, Data};
use tfadir::check::RULES;

use crate::common::{Tfadir, names, project};

fn folder() -> std::path::PathBuf {
    project().join("tests/rules")
}

#[test]
fn every_rule_reports_what_is_expected_and_nothing_else() {
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    for id in names(&folder()) {
        let root = folder().join(&id);
        let run = Tfadir::new(&["check", "--quiet", "--root", "."]).folder(&root).run();
        let rules = || {
            let first = |line: &'_ str| -> Option<String> {
                let (severity, rest) = line.split_once('[')?;
                ["error", "warning", "note"].contains(&severity).then(|| rest.to_owned())
            };
            run.stdout.lines().filter_map(first)
        };
        assert!(rules().count() > 0, "{id}");
        for line in rules() {
            assert!(line.starts_with(&format!("{id}]")), "{id} reports {line}");
        }
        let expected = Data::read_from(&root.join("expected.txt"), None);
        assert.eq(run.stdout, expected);
    }
}

#[test]
fn every_rule_has_its_folder() {
    // Files that git cannot carry, or that would be too large, are made by `bad_input`.
    let made_elsewhere = ["unreadable-file", "link-target", "file-size"];
    for rule in RULES.iter().filter(|rule| !made_elsewhere.contains(&rule.id)) {
        let report = folder().join(rule.id).join("expected.txt");
        assert!(Path::new(&report).is_file(), "{} is missing", report.display());
    }
}
