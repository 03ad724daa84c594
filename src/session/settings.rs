//! Validates settings against each other and against the tables of rules and API versions.

use std::collections::HashSet;
use std::path::Path;

use crate::api::{self, VERSIONS};
use crate::check::RULES;
use crate::directory::{
    CheckSettings, Paths, RuleSetting, Settings, SettingsProblem, VersionSettings,
};
use crate::finding::Guard;
use crate::source::Location;
use crate::text::{enumerate, quote};

/// The problems of settings that their schema cannot express.
pub(super) fn validate(settings: &Settings) -> Vec<SettingsProblem> {
    let mut problems = signature_extensions(settings);
    if settings.supported().next().is_none() {
        problems.push(problem(
            Location::Name("/versions".to_owned()),
            "every version has an `ended` date, so there is nothing to build",
            "Remove the `ended` date of one version.",
        ));
    }
    if settings.hosting.cname && settings.api_host().is_none() {
        let url = quote(&settings.api);
        problems.push(problem(
            Location::Value("/hosting/cname".to_owned()),
            format!("{url} has no hostname that GitHub Pages can serve"),
            "Set `api` to a URL with a hostname and without a port, or remove `cname`.",
        ));
    }
    problems.extend(overlapping_folders(&settings.paths));
    problems.extend(version_numbers(&settings.versions));
    problems.extend(relaxed_rules(&settings.check));
    problems
}

fn problem(location: Location, message: impl Into<String>, help: &str) -> SettingsProblem {
    (location, message.into(), Some(help.to_owned()))
}

fn signature_extensions(settings: &Settings) -> Vec<SettingsProblem> {
    let mut problems = Vec::new();
    let [detached, inline] = settings.signatures.pair();
    if detached == inline {
        problems.push(problem(
            Location::Name("/signatures".to_owned()),
            "detached signatures and signed messages have the same file extension",
            "Use different extensions; the defaults are `sig` and `gpg`.",
        ));
    }
    for (kind, extension) in [("detached", detached), ("inline", inline)] {
        if extension == "asc" {
            problems.push(problem(
                Location::Value(format!("/signatures/{kind}")),
                "signatures cannot have the file extension `asc`",
                "Web servers send .asc files as OpenPGP keys (application/pgp-keys), as they must \
                 for key.asc. Choose another extension, such as `sig`.",
            ));
        }
    }
    problems
}

fn overlapping_folders(paths: &Paths) -> Vec<SettingsProblem> {
    let Paths {
        entries,
        icons,
        dist,
        static_files,
    } = paths;
    let folders = [entries, icons, dist, static_files].map(Path::new);
    let mut problems = Vec::new();
    for (index, a) in folders.iter().enumerate() {
        for b in &folders[index + 1..] {
            let (first, second) = (a.display(), b.display());
            let message = if a == b {
                format!("`{first}` is used twice")
            } else if a.starts_with(b) || b.starts_with(a) {
                format!("`{first}` and `{second}` overlap: one contains the other")
            } else {
                continue;
            };
            let location = Location::Name("/paths".to_owned());
            problems.push(problem(location, message, "Give each its own folder."));
        }
    }
    problems
}

fn version_numbers(versions: &[VersionSettings]) -> Vec<SettingsProblem> {
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    for (index, version) in versions.iter().enumerate() {
        let number = version.number;
        let location = Location::Value(format!("/versions/{index}/number"));
        if !seen.insert(number) {
            let message = format!("version {number} is listed twice");
            problems.push(problem(location, message, "Remove one of them."));
        } else if version.ended.is_none() && api::version(number).is_none() {
            let message = format!("tfadir cannot build version {number}");
            let known = numbers();
            let help = format!("It builds {known}; other versions need an `ended` date.");
            problems.push(problem(location, message, &help));
        }
    }
    problems
}

/// Settings and exceptions that would ignore errors that stop a build.
fn relaxed_rules(check: &CheckSettings) -> Vec<SettingsProblem> {
    let mut relaxed = Vec::new();
    for (id, setting) in &check.rules {
        if *setting != RuleSetting::Deny {
            relaxed.push((id, format!("/check/rules/{id}")));
        }
    }
    for (index, allowance) in check.allow.iter().enumerate() {
        relaxed.push((&allowance.rule, format!("/check/allow/{index}/rule")));
    }
    let mut problems = Vec::new();
    for (id, pointer) in relaxed {
        if guards_output(id) {
            problems.push(problem(
                Location::Value(pointer),
                format!("the rule `{id}` cannot be relaxed: its errors stop a build"),
                "Fix the files that break the rule.",
            ));
        }
    }
    problems
}

fn guards_output(id: &str) -> bool {
    RULES
        .iter()
        .any(|rule| rule.id == id && rule.guards == Guard::Output)
}

/// The numbers of the versions that can be built, as an enumeration.
fn numbers() -> String {
    let numbers: Vec<String> = VERSIONS
        .iter()
        .map(|version| version.number().to_string())
        .collect();
    enumerate(numbers.iter().map(String::as_str), "and")
}

#[cfg(test)]
mod tests {
    use crate::session::open;

    #[test]
    fn settings_that_contradict_each_other_or_the_tables_are_refused() {
        for text in [
            "[signatures]\ndetached = 'x'\ninline = 'x'\n",
            "[signatures]\ndetached = 'asc'\n",
            "[[versions]]\nnumber = 99\n",
            "[[versions]]\nnumber = 4\n[[versions]]\nnumber = 4\n",
            "[[versions]]\nnumber = 4\nended = 2023-13-01\n",
            "[paths]\ndist = '../elsewhere'\n",
            "[paths]\ndist = 'entries/dist'\n",
            "[[versions]]\nnumber = 4\nended = 2030-01-31\n",
            "api = 'https://api.example.com'\n",
            "[paths]\nicons = 'entries/img'\n",
            "[check.rules]\njson-syntax = 'off'\n",
            "[[check.allow]]\nrule = 'schema'\npath = 'entries/e/x.json'\nreason = 'why not'\n",
            "[[check.allow]]\nrule = 'subdomain'\npath = 'entries/e/x.json'\n",
            "[check.rules]\nsubdomian = 'off'\n",
            "api = 'https://api.example.com:8443/'\n[hosting]\ncname = true\n",
            "api = 'https://192.0.2.1/'\n[hosting]\ncname = true\n",
            "[security]\ncontact = 'mailto:a@b.example'\n",
            "[security]\nexpires = 2030-01-31\n",
            "[security]\nexpires = 2030-01-31T00:00:00Z\ncontact = 'javascript:x'\n",
        ] {
            let root = tempfile::tempdir().unwrap();
            std::fs::create_dir(root.path().join("entries")).unwrap();
            std::fs::write(root.path().join("directory.toml"), text).unwrap();
            assert!(open(Some(root.path())).is_err(), "{text}");
        }
    }
}
