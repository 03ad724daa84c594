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
fn every_rule_reports_what_is_expected() {
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    for id in names(&folder()) {
        let root = folder().join(&id);
        let args = ["check", "--quiet", "--root", ".", "--rule", &id];
        let run = Tfadir::new(&args).folder(&root).run();
        assert!(run.stdout.contains(&format!("[{id}]: ")), "{id}: {}", run.stdout);
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
