//! What is wrong with settings beyond what their schema can say.

use std::path::Path;

use super::settings::{CheckSettings, Paths, Settings, Strictness};
use crate::api;
use crate::check::{Level, RULES};
use crate::source::Place;
use crate::wording::quote;

/// What is wrong with settings: where, what, and how to mend it.
pub(super) type Problems = Vec<(Place, String, Option<String>)>;

/// What a schema cannot say.
pub(super) fn contradictions(settings: &Settings) -> Problems {
    let mut problems = Problems::new();
    if settings.signatures.detached == settings.signatures.inline {
        problems.push((
            Place::Name("/signatures".to_owned()),
            "both kinds of signatures have the same ending".to_owned(),
            Some(
                "Give detached signatures and signed messages different endings; the defaults are \
                 `sig` and `gpg`."
                    .to_owned(),
            ),
        ));
    }
    if settings.supported().next().is_none() {
        problems.push((
            Place::Name("/versions".to_owned()),
            "no version is supported".to_owned(),
            Some("Leave out the day on which it `ended` for one of them.".to_owned()),
        ));
    }
    if settings.hosting.cname && settings.api_host().is_none() {
        problems.push((
            Place::Value("/hosting/cname".to_owned()),
            format!(
                "the address {} has no host name that GitHub Pages could serve",
                quote(&settings.api)
            ),
            Some("Leave `cname` out, or give `api` a host name without a port.".to_owned()),
        ));
    }
    let Paths { entries, icons, dist } = &settings.paths;
    for (a, b) in [(entries, dist), (icons, dist), (entries, icons)] {
        let (a, b) = (Path::new(a), Path::new(b));
        if a.starts_with(b) || b.starts_with(a) {
            problems.push((
                Place::Name("/paths".to_owned()),
                format!("`{}` and `{}` lie in one another", a.display(), b.display()),
                Some("Give each a folder of its own.".to_owned()),
            ));
        }
    }
    problems.extend(lowered(&settings.check));
    for (index, version) in settings.versions.iter().enumerate() {
        let at = |member: &str| Place::Value(format!("/versions/{index}/{member}"));
        let number = version.number;
        if settings.versions[..index].iter().any(|it| it.number == number) {
            let message = format!("version {number} is listed twice");
            problems.push((at("number"), message, Some("Remove one of them.".to_owned())));
        } else if version.ended.is_none() && !api::VERSIONS.contains(&number) {
            problems.push((
                at("number"),
                format!("tfadir cannot build version {number}"),
                Some("It builds 4 and 3; any other needs the day on which it `ended`.".to_owned()),
            ));
        }
    }
    problems
}

/// Required rules that the settings lower or allow to be broken.
fn lowered(check: &CheckSettings) -> Problems {
    let is_required =
        |id: &str| RULES.iter().any(|rule| rule.id == id && rule.level == Level::Required);
    let lowered = check.rules.iter().filter(|(_, it)| **it != Strictness::Deny);
    let lowered = lowered.map(|(id, _)| (id, Place::Value(format!("/check/rules/{id}"))));
    let allowed = check.allow.iter().enumerate();
    let allowed =
        allowed.map(|(index, it)| (&it.rule, Place::Value(format!("/check/allow/{index}/rule"))));
    let problem = |(id, place): (&String, _)| {
        let message = format!("`{id}` must hold: what breaks it cannot be published");
        (place, message, Some("Mend the file that breaks it.".to_owned()))
    };
    lowered.chain(allowed).filter(|(id, _)| is_required(id)).map(problem).collect()
}
