//! One folder for each rule in `tests/rules`: a root with errors, the report on it, and in `fixed`,
//! the root after `check --fix`.
//!
//! With `SNAPSHOTS=overwrite` in the environment, the reports and the fixed roots are rewritten.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use snapbox::{Assert, Data};
use tfadir::check::{RULES, Rule};
use tfadir::finding::Guard;
use tfadir::report::rules::facts;

use crate::common::{Directory, Run, Tfadir, files, names, project};

fn folder() -> PathBuf {
    project().join("tests/rules")
}

fn check(root: &Path, args: &[&str]) -> Run {
    Tfadir::new(&[&["check", "--root", "."], args].concat())
        .folder(root)
        .run()
}

#[test]
fn every_rule_reports_what_is_expected() {
    let assert = Assert::new().action_env("SNAPSHOTS").normalize_paths(false);
    for id in names(&folder()) {
        let root = folder().join(&id);
        let run = check(&root, &["--rule", &id]);
        assert!(
            run.stdout.contains(&format!("[{id}]: ")),
            "{id}: {}",
            run.stdout
        );
        let expected = Data::read_from(&root.join("expected.txt"), None);
        assert.eq(run.stdout, expected);
    }
}

#[test]
fn every_rule_has_its_folder() {
    // `bad_input` creates the files that git cannot store or that would be too large.
    let created_elsewhere = ["unreadable-file", "link-target", "file-size"];
    let is_here = |rule: &Rule| {
        !["root", "build", "tfadir"].contains(&rule.scope())
            && rule.id != "settings"
            && !created_elsewhere.contains(&rule.id)
    };
    for rule in RULES.iter().filter(|rule| is_here(rule)) {
        let report = folder().join(rule.id).join("expected.txt");
        assert!(report.is_file(), "{} is missing", report.display());
    }
}

#[test]
fn the_page_about_rules_is_generated_from_their_documentation() {
    let mut page = String::from(
        "# Rules\n\nA test generates this page from the source code and the examples in `tests/rules/`. \
         `tfadir explain RULE` prints one section.\n\n\
         A safe fix, applied by `--fix`, does not change what is published about a valid entry. An unsafe one needs \
         `--unsafe-fixes`. In an entry that is not published yet, unsafe fixes of review rules are safe.\n\n",
    );
    page.push_str("| rule | severity | stops a build | fix |\n|---|---|---|---|\n");
    for rule in RULES {
        let stops = match (rule.guards, rule.scope()) {
            (Guard::Output, scope) if scope != "build" => "yes",
            _ => "no",
        };
        let (id, severity, fix) = (rule.id, rule.severity.name(), kind_of_fix(rule));
        writeln!(page, "| [`{id}`](#{id}) | {severity} | {stops} | {fix} |").unwrap();
    }
    for rule in RULES {
        // Headings of a rule are one level below its name.
        let text = rule.documentation().replace("\n## ", "\n### ");
        write!(
            page,
            "\n## {}\n\n{}\n\n{}\n",
            rule.id,
            facts(rule),
            text.trim()
        )
        .unwrap();
    }
    let expected = Data::read_from(&project().join("docs/rules.md"), None);
    Assert::new()
        .action_env("SNAPSHOTS")
        .normalize_paths(false)
        .eq(page, expected);
}

/// Which fixes the example of a rule gets outside a repository, where every entry counts as published.
fn kind_of_fix(rule: &Rule) -> &'static str {
    if !rule.is_fixable() {
        return "none";
    }
    let root = copy(rule.id);
    let report = check(root.path(), &["--rule", rule.id, "--format", "json"]).stdout;
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let mut has_safe = false;
    let mut has_unsafe = false;
    for finding in report["findings"].as_array().unwrap() {
        match finding["fix"]["alters_output"].as_bool() {
            Some(true) => has_unsafe = true,
            Some(false) => has_safe = true,
            None => {}
        }
    }
    match (has_safe, has_unsafe) {
        (true, false) => "safe",
        (false, true) => "unsafe",
        (true, true) => "safe or unsafe",
        (false, false) => panic!("the example of `{}` has no fix", rule.id),
    }
}

/// A copy of the root of a rule, without the expected report and files.
fn copy(id: &str) -> Directory {
    let root = folder().join(id);
    let copy = Directory::empty();
    for path in files(&root).into_keys() {
        let to = copy.path().join(&path);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root.join(&path), to).unwrap();
    }
    let _ = fs::remove_dir_all(copy.path().join("fixed"));
    fs::remove_file(copy.path().join("expected.txt")).unwrap();
    copy
}

#[test]
fn every_fix_leaves_what_is_expected_and_a_second_one_changes_nothing() {
    for rule in RULES {
        let fixed = folder().join(rule.id).join("fixed");
        if !rule.is_fixable() {
            assert!(!fixed.exists(), "`{}` is not fixable", rule.id);
            continue;
        }
        let root = copy(rule.id);
        let before = check(root.path(), &["--rule", rule.id]).stdout;
        let after = check(root.path(), &["--rule", rule.id, "--unsafe-fixes"]).stdout;
        assert!(after.len() < before.len(), "{}: {after}", rule.id);
        let mut left = files(root.path());
        left.remove(".tfadir/.gitignore");

        if std::env::var_os("SNAPSHOTS").is_some_and(|it| it == "overwrite") {
            let _ = fs::remove_dir_all(&fixed);
            for (path, bytes) in &left {
                fs::create_dir_all(fixed.join(path).parent().unwrap()).unwrap();
                fs::write(fixed.join(path), bytes).unwrap();
            }
        }
        let expected = files(&fixed);
        let names = |files: &std::collections::BTreeMap<String, Vec<u8>>| {
            files.keys().cloned().collect::<Vec<_>>()
        };
        assert_eq!(names(&left), names(&expected), "{}", rule.id);
        for (path, bytes) in &left {
            assert!(*bytes == expected[path], "{}: {path} differs", rule.id);
        }

        let again = check(root.path(), &["--rule", rule.id, "--unsafe-fixes"]).stdout;
        assert_eq!(again, after, "{}", rule.id);
        let mut left_again = files(root.path());
        left_again.remove(".tfadir/.gitignore");
        assert!(left_again == left, "{}", rule.id);
    }
}
