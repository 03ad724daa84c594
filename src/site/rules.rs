//! The rules that entries are checked by, for the page about them.

use rayon::prelude::*;
use serde::Serialize;

use super::markdown;
use crate::check::{RULES, Rule};
use crate::directory::{Settings, Strictness};
use crate::finding::Severity;
use crate::report::rules::facts;

/// One rule.
#[derive(Debug, Serialize)]
pub(crate) struct ShownRule {
    id: &'static str,
    severity: &'static str,
    is_fixable: bool,
    /// What the table of rules knows of it, in Markdown.
    facts: String,
    /// What this directory's settings make of it, where that differs.
    here: Option<&'static str>,
    /// Its documentation, as HTML.
    html: String,
}

/// All rules in the order of their table.
pub(crate) fn rules(settings: &Settings) -> Vec<ShownRule> {
    RULES.par_iter().map(|rule| shown(rule, settings)).collect()
}

fn shown(rule: &Rule, settings: &Settings) -> ShownRule {
    let here = match settings.check.rules.get(rule.id) {
        Some(Strictness::Off) => Some("turned off"),
        Some(Strictness::Warn) if rule.severity != Severity::Warning => Some("a warning"),
        Some(Strictness::Deny) if rule.severity != Severity::Error => Some("an error"),
        _ => None,
    };
    ShownRule {
        id: rule.id,
        severity: rule.severity.name(),
        is_fixable: rule.is_fixable,
        facts: facts(rule),
        here,
        html: markdown::block(&rule.documentation()),
    }
}
