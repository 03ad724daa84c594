//! The rules, for the page about them.

use rayon::prelude::*;
use serde::Serialize;

use super::markdown;
use crate::check::{RULES, Rule};
use crate::directory::{RuleSetting, Settings};
use crate::report::rules::facts;

#[derive(Debug, Serialize)]
pub(crate) struct ShownRule {
    id: &'static str,
    severity: &'static str,
    is_fixable: bool,
    /// Its severity and scope as a sentence in Markdown.
    facts: String,
    /// The severity in this directory, if the settings change it.
    here: Option<&'static str>,
    /// Its documentation.
    html: String,
}

/// All rules in the order of their table.
pub(crate) fn rules(settings: &Settings) -> Vec<ShownRule> {
    RULES.par_iter().map(|rule| shown(rule, settings)).collect()
}

fn shown(rule: &Rule, settings: &Settings) -> ShownRule {
    let setting = settings.check.rules.get(rule.id);
    let here = setting.filter(|it| it.severity() != Some(rule.severity)).map(|it| match it {
        RuleSetting::Deny => "an error",
        RuleSetting::Warn => "a warning",
        RuleSetting::Note => "a note",
        RuleSetting::Off => "turned off",
    });
    ShownRule {
        id: rule.id,
        severity: rule.severity.name(),
        is_fixable: rule.is_fixable,
        facts: facts(rule),
        here,
        html: markdown::block(&rule.documentation()),
    }
}
