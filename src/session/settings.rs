//! Validates settings against each other and against the tables of rules and API versions.

use std::path::Path;

use crate::api::{self, VERSIONS};
use crate::check::RULES;
use crate::directory::{CheckSettings, Paths, RuleSetting, Settings, SettingsProblem};
use crate::finding::Guard;
use crate::source::Location;
use crate::text::{enumerate, quote};

/// The problems of settings that their schema cannot express.
pub(super) fn validate(settings: &Settings) -> Vec<SettingsProblem> {
    let mut problems: Vec<SettingsProblem> = Vec::new();
    let mut add = |location, message: String, help: &str| {
        problems.push((location, message, Some(help.to_owned())));
    };
    let name = |pointer: &str| Location::Name(pointer.to_owned());
    let [detached, inline] = settings.signatures.pair();
    if detached == inline {
        add(
            name("/signatures"),
            "detached signatures and signed messages have the same file extension".to_owned(),
            "Use different extensions; the defaults are `sig` and `gpg`.",
        );
    }
    for (kind, extension) in [("detached", detached), ("inline", inline)] {
        if extension == "asc" {
            add(
                Location::Value(format!("/signatures/{kind}")),
                "signatures cannot have the file extension `asc`".to_owned(),
                "Web servers send .asc files as OpenPGP keys (application/pgp-keys), as they must \
                 for key.asc. Choose another extension, such as `sig`.",
            );
        }
    }
    if settings.supported().next().is_none() {
        let message = "every version has an `ended` date, so there is nothing to build".to_owned();
        add(
            name("/versions"),
            message,
            "Remove the `ended` date of one version.",
        );
    }
    if settings.hosting.cname && settings.api_host().is_none() {
        add(
            Location::Value("/hosting/cname".to_owned()),
            format!(
                "{} has no hostname that GitHub Pages can serve",
                quote(&settings.api)
            ),
            "Set `api` to a URL with a hostname and without a port, or remove `cname`.",
        );
    }
    let Paths {
        entries,
        icons,
        dist,
        static_files,
    } = &settings.paths;
    let folders = [entries, icons, dist, static_files].map(Path::new);
    for (index, a) in folders.iter().enumerate() {
        for b in folders[index + 1..]
            .iter()
            .filter(|b| a.starts_with(b) || b.starts_with(a))
        {
            let message = if a == b {
                format!("`{}` is used twice", a.display())
            } else {
                format!(
                    "`{}` and `{}` overlap: one contains the other",
                    a.display(),
                    b.display()
                )
            };
            add(name("/paths"), message, "Give each its own folder.");
        }
    }
    for (index, version) in settings.versions.iter().enumerate() {
        let at = |field: &str| Location::Value(format!("/versions/{index}/{field}"));
        let number = version.number;
        if settings.versions[..index]
            .iter()
            .any(|earlier| earlier.number == number)
        {
            add(
                at("number"),
                format!("version {number} is listed twice"),
                "Remove one of them.",
            );
        } else if version.ended.is_none() && api::version(number).is_none() {
            let help = format!(
                "It builds {}; other versions need an `ended` date.",
                numbers()
            );
            add(
                at("number"),
                format!("tfadir cannot build version {number}"),
                &help,
            );
        }
    }
    problems.extend(lowered(&settings.check));
    problems
}

/// Settings and exceptions that would ignore errors that stop a build.
fn lowered(check: &CheckSettings) -> Vec<SettingsProblem> {
    let guards_output = |id: &str| {
        RULES
            .iter()
            .any(|rule| rule.id == id && rule.guards == Guard::Output)
    };
    let lowered = check
        .rules
        .iter()
        .filter(|(_, setting)| **setting != RuleSetting::Deny);
    let lowered = lowered.map(|(id, _)| (id, format!("/check/rules/{id}")));
    let allowed = check.allow.iter().enumerate();
    let allowed =
        allowed.map(|(index, allowance)| (&allowance.rule, format!("/check/allow/{index}/rule")));
    let problem = |(id, pointer): (&String, _)| {
        let message = format!("the rule `{id}` cannot be relaxed: its errors stop a build");
        let help = "Fix the files that break the rule.".to_owned();
        (Location::Value(pointer), message, Some(help))
    };
    lowered
        .chain(allowed)
        .filter(|(id, _)| guards_output(id))
        .map(problem)
        .collect()
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
