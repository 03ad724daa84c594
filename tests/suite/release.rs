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
fn documents_and_workflows_name_this_version() {
    let mut texts = files(&project().join("docs"));
    texts.extend(files(&project().join(".github/workflows")));
    let readme = fs::read(project().join("README.md")).unwrap();
    texts.insert("README.md".to_owned(), readme);
    let mut mentions = 0;
    for (path, bytes) in texts {
        let text = String::from_utf8_lossy(&bytes);
        for (_, used) in text
            .match_indices("uses: 2factorauth/tfadir")
            .map(|(at, _)| text.split_at(at))
        {
            let (_, version) = used.split_once('@').unwrap();
            let version = version.split_whitespace().next().unwrap();
            assert_eq!(version, format!("v{VERSION}"), "{path}");
            mentions += 1;
        }
    }
    assert!(mentions >= 10, "{mentions}");
}

#[test]
fn the_version_names_a_commit_in_releases_only() {
    let version = Tfadir::new(&["--version"]).run().ends_with(0).stdout;
    assert_eq!(
        version.lines().next(),
        Some(format!("tfadir {VERSION}").as_str())
    );
}
