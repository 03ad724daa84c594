//! `docs/threat-model.md` promises nothing that no test holds.

use std::collections::BTreeSet;
use std::fs;

use crate::common::project;

/// The names of all tests.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for folder in ["src", "tests"] {
        for item in walkdir::WalkDir::new(project().join(folder)) {
            let path = item.unwrap().into_path();
            if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(path).unwrap();
                for test in text.split("#[test]").skip(1) {
                    let name = test.split("fn ").nth(1).unwrap().split('(').next().unwrap();
                    names.insert(name.to_owned());
                }
            }
        }
    }
    names
}

/// The words in backticks that look like names of tests.
fn named(text: &str) -> Vec<&str> {
    let words = text.split('`').skip(1).step_by(2);
    words
        .filter(|it| {
            it.matches('_').count() > 1
                && !it.contains(|it: char| {
                    it != '_' && !it.is_ascii_lowercase() && !it.is_ascii_digit()
                })
        })
        .collect()
}

#[test]
fn every_promise_names_tests_that_exist() {
    let page = fs::read_to_string(project().join("docs/threat-model.md")).unwrap();
    let tests = tests();
    assert!(tests.contains("every_promise_names_tests_that_exist"));
    for name in named(&page) {
        assert!(
            tests.contains(name),
            "the threat model names `{name}`, but there is no such test"
        );
    }
    let promises = page
        .split("\n- ")
        .skip(1)
        .map(|it| it.split("\n\n").next().unwrap());
    for promise in promises {
        let is_held = promise.contains("No test: ") || !named(promise).is_empty();
        assert!(is_held, "no test holds this: {promise}");
    }
    let attacks = page
        .split("\n| **")
        .skip(1)
        .map(|it| it.lines().next().unwrap());
    for attack in attacks.clone() {
        assert!(
            attack.contains("none: ") || !named(attack).is_empty(),
            "{attack}"
        );
    }
    assert!(attacks.count() > 5);
}
