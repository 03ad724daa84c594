//! Settings that meet their schema, validated against each other and against the tables of rules
//! and of API versions.

use std::path::Path;

use crate::api::{self, VERSIONS};
use crate::check::RULES;
use crate::directory::{CheckSettings, Paths, Problem, Settings, Strictness};
use crate::finding::Guard;
use crate::source::Location;
use crate::text::{enumerate, quote};

/// What is wrong with settings beyond what their schema can say.
pub(super) fn validate(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    if settings.signatures.detached == settings.signatures.inline {
        problems.push((
            Location::Name("/signatures".to_owned()),
            "both kinds of signatures have the same ending".to_owned(),
            Some(
                "Give detached signatures and signed messages different endings; the defaults are \
                 `sig` and `gpg`."
                    .to_owned(),
            ),
        ));
    }
    for (name, ending) in
        [("detached", &settings.signatures.detached), ("inline", &settings.signatures.inline)]
    {
        if ending == "asc" {
            problems.push((
                Location::Value(format!("/signatures/{name}")),
                "`asc` cannot be the ending of signatures".to_owned(),
                Some(
                    "Web servers send .asc files as OpenPGP keys (application/pgp-keys), as they \
                     must for key.asc. Choose another ending, such as `sig`."
                        .to_owned(),
                ),
            ));
        }
    }
    if settings.supported().next().is_none() {
        problems.push((
            Location::Name("/versions".to_owned()),
            "no version is supported".to_owned(),
            Some("Leave out the day on which it `ended` for one of them.".to_owned()),
        ));
    }
    if settings.hosting.cname && settings.api_host().is_none() {
        problems.push((
            Location::Value("/hosting/cname".to_owned()),
            format!(
                "the address {} has no host name that GitHub Pages could serve",
                quote(&settings.api)
            ),
            Some("Leave `cname` out, or give `api` a host name without a port.".to_owned()),
        ));
    }
    let Paths { entries, icons, dist, static_files } = &settings.paths;
    let folders = [entries, icons, dist, static_files];
    let pairs = folders
        .iter()
        .enumerate()
        .flat_map(|(at, a)| folders.iter().skip(at + 1).map(move |b| (a.as_str(), b.as_str())));
    for (a, b) in pairs {
        let (a, b) = (Path::new(a), Path::new(b));
        if a.starts_with(b) || b.starts_with(a) {
            problems.push((
                Location::Name("/paths".to_owned()),
                format!("`{}` and `{}` lie in one another", a.display(), b.display()),
                Some("Give each a folder of its own.".to_owned()),
            ));
        }
    }
    problems.extend(lowered(&settings.check));
    for (index, version) in settings.versions.iter().enumerate() {
        let at = |field: &str| Location::Value(format!("/versions/{index}/{field}"));
        let number = version.number;
        if settings.versions[..index].iter().any(|it| it.number == number) {
            let message = format!("version {number} is listed twice");
            problems.push((at("number"), message, Some("Remove one of them.".to_owned())));
        } else if version.ended.is_none() && api::version(number).is_none() {
            problems.push((
                at("number"),
                format!("tfadir cannot build version {number}"),
                Some(format!("It builds {}; any other needs its `ended` date.", numbers())),
            ));
        }
    }
    problems
}

/// Required rules that the settings lower or allow to be broken.
fn lowered(check: &CheckSettings) -> Vec<Problem> {
    let is_required =
        |id: &str| RULES.iter().any(|rule| rule.id == id && rule.guards == Guard::Output);
    let lowered = check.rules.iter().filter(|(_, it)| **it != Strictness::Deny);
    let lowered = lowered.map(|(id, _)| (id, Location::Value(format!("/check/rules/{id}"))));
    let allowed = check.allow.iter().enumerate();
    let allowed = allowed
        .map(|(index, it)| (&it.rule, Location::Value(format!("/check/allow/{index}/rule"))));
    let problem = |(id, location): (&String, _)| {
        let message = format!("`{id}` must hold: what breaks it cannot be published");
        (location, message, Some("Mend the file that breaks it.".to_owned()))
    };
    lowered.chain(allowed).filter(|(id, _)| is_required(id)).map(problem).collect()
}

/// The numbers of the versions that can be built, as an enumeration.
fn numbers() -> String {
    let numbers: Vec<String> =
        VERSIONS.iter().map(|version| version.number().to_string()).collect();
    enumerate(numbers.iter().map(String::as_str), "and")
}

#[cfg(test)]
mod tests {
    use crate::pipeline::open;

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
