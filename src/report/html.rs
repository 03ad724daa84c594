//! Findings as a page, in place of the pages that cannot be built.

use std::path::Path;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;

use super::{Tally, Texts, named_place, worst_first};
use crate::finding::Finding;
use crate::wording::visible;

/// Renders a page that says why there is no build: findings, the worst first, or `reason` where it
/// is no finding that is in the way. Whatever an entry holds, it does not become markup.
///
/// # Errors
///
/// Where the template is at fault.
pub fn render(
    findings: &[Finding],
    texts: &dyn Texts,
    reason: Option<&str>,
) -> Result<String, minijinja::Error> {
    let root = Path::new("");
    let findings_of_page = worst_first(findings, texts).into_iter().map(|located| {
        let finding = located.finding;
        let related = finding.related.iter().zip(&located.related).map(|(it, position)| Related {
            place: named_place(root, &it.path, position.as_ref()),
            message: visible(&it.message),
        });
        Shown {
            severity: finding.severity.name(),
            place: named_place(root, &finding.path, located.position.as_ref()),
            message: visible(&finding.message),
            rule: finding.rule,
            help: finding.help.as_deref().map(visible),
            related: related.collect(),
        }
    });
    let page = Page {
        tally: Tally::of(findings).to_string(),
        findings: findings_of_page.collect(),
        reason,
    };
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment
        .template_from_named_str(
            "findings.html",
            include_str!("../../templates/serve/findings.html"),
        )?
        .render(Serde(&page))
}

#[derive(Debug, Serialize)]
struct Page<'p> {
    tally: String,
    findings: Vec<Shown<'p>>,
    reason: Option<&'p str>,
}

#[derive(Debug, Serialize)]
struct Shown<'f> {
    severity: &'static str,
    place: String,
    message: String,
    rule: &'f str,
    help: Option<String>,
    related: Vec<Related>,
}

#[derive(Debug, Serialize)]
struct Related {
    place: String,
    message: String,
}
