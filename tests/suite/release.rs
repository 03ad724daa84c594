//! What must agree for a release: the version, the changelog, and the version that documents name.

use std::fs;

use crate::common::{Tfadir, files, project};

const VERSION: &str = env!("CARGO_PKG_VERSION");

#[test]
fn the_changelog_has_a_section_for_this_version_or_the_next() {
    let changelog = fs::read_to_string(project().join("CHANGELOG.md")).unwrap();
    let newest = changelog
        .lines()
        .find_map(|it| it.strip_prefix("## "))
        .unwrap();
    // The form that the release workflow looks for, see .github/build-setup.yml.
    let date = newest
        .strip_prefix(&format!("{VERSION} ("))
        .and_then(|it| it.strip_suffix(')'));
    let is_date = date.is_some_and(|it| it.parse::<jiff::civil::Date>().is_ok());
    assert!(newest == "Unreleased" || is_date, "{newest}");
}

#[test]
fn documents_name_this_version_of_the_action() {
    let mut mentions = 0;
    for (path, bytes) in files(&project().join("docs")).into_iter().chain([(
        "README.md".to_owned(),
        fs::read(project().join("README.md")).unwrap(),
    )]) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        for (at, action) in text.match_indices("2factorauth/tfadir@") {
            let version = text[at + action.len()..].split_whitespace().next().unwrap();
            assert_eq!(version, format!("v{VERSION}"), "{path}");
            mentions += 1;
        }
    }
    assert!(mentions >= 4, "{mentions}");
}

#[test]
fn the_version_names_a_commit_in_releases_only() {
    let version = Tfadir::new(&["--version"]).run().ends_with(0).stdout;
    assert_eq!(
        version.lines().next(),
        Some(format!("tfadir {VERSION}").as_str())
    );
}
