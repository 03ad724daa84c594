//! Which rules run, and how a directory's settings change their findings.

use std::path::Path;

use super::context::{SettingsContext, Unneeded};
use super::rule::{Check, Rule};
use super::rules;
use crate::directory::{Allowance, CheckSettings, RuleSetting, SETTINGS_FILE};
use crate::finding::{Finding, Guard, Severity};
use crate::source::tree::byte_order;

/// Which rules check a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All that the settings do not turn off.
    Enabled,
    /// Those that report errors.
    Errors,
    /// The formatting rules, and those about files that cannot be formatted, whatever the settings
    /// say.
    Formatting,
    /// These, and the order of fields.
    Reordering,
}

#[derive(Debug)]
pub(super) struct Policy<'s> {
    settings: &'s CheckSettings,
    selection: Selection,
    rules: Vec<&'static Rule>,
}

impl<'s> Policy<'s> {
    pub(super) fn new(
        settings: &'s CheckSettings,
        rules: &[&'static Rule],
        selection: Selection,
    ) -> Self {
        let is_formatting = |rule: &Rule| rules::FORMATTING.iter().any(|known| known.id == rule.id);
        let is_selected = |rule: &Rule| {
            let severity = match settings.rules.get(rule.id) {
                None => Some(rule.severity),
                Some(setting) => setting.severity(),
            };
            // Some findings of these rules stop a build, whatever the settings say about the rule.
            let is_tree = matches!(rule.check, Check::Tree(_));
            match selection {
                Selection::Enabled => is_tree || severity.is_some(),
                Selection::Errors => is_tree || severity == Some(Severity::Error),
                Selection::Formatting => is_formatting(rule),
                Selection::Reordering => is_formatting(rule) || rule.id == rules::ORDER.id,
            }
        };
        let rules = rules
            .iter()
            .copied()
            .filter(|rule| is_selected(rule))
            .collect();
        Self {
            settings,
            selection,
            rules,
        }
    }

    /// The selected rules, in the order of the table.
    pub(super) fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// Whether rules that give advice skip entries with errors.
    pub(super) fn holds_back_advice(&self) -> bool {
        !matches!(
            self.selection,
            Selection::Formatting | Selection::Reordering
        )
    }

    /// The findings that are not allowed, with the severities of the settings, ordered by path;
    /// and those about exceptions that hide nothing. Settings and exceptions do not apply to errors
    /// that stop a build.
    pub(super) fn apply(&self, mut findings: Vec<Finding>) -> Vec<Finding> {
        let allowances = &self.settings.allow;
        let mut is_needed = vec![false; allowances.len()];
        if !allowances.is_empty() {
            findings.retain(|finding| {
                let mut is_allowed = false;
                for (allowance, is_needed) in allowances.iter().zip(&mut is_needed) {
                    if hides(allowance, finding) {
                        *is_needed = true;
                        is_allowed = true;
                    }
                }
                !is_allowed
            });
            findings.extend(self.unneeded(&is_needed));
        }
        findings.retain_mut(|finding| {
            if finding.guards == Guard::Review
                && let Some(setting) = self.settings.rules.get(finding.rule)
            {
                match setting.severity() {
                    Some(severity) => finding.severity = severity,
                    None => return !self.holds_back_advice(),
                }
            }
            self.selection != Selection::Errors || finding.severity == Severity::Error
        });
        for finding in &mut findings {
            // An icon without errors is published as it is.
            if finding.severity != Severity::Error
                && let Some(fix) = &mut finding.fix
                && self.is_icon_rule(finding.rule)
            {
                fix.alters_output = true;
            }
        }
        findings.sort_by(|a, b| byte_order(&a.path, &b.path));
        findings
    }

    fn is_icon_rule(&self, id: &str) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|rule| rule.id == id && matches!(rule.check, Check::Icon(_)))
    }

    fn unneeded(&self, is_needed: &[bool]) -> Vec<Finding> {
        let allowances = self.settings.allow.iter().zip(is_needed).enumerate();
        let unneeded = allowances.filter(|(_, (_, is_needed))| !**is_needed);
        let unneeded = unneeded.filter_map(|(index, (allowance, _))| {
            let runs = self.rules.iter().any(|rule| rule.id == allowance.rule);
            let is_off = self.settings.rules.get(&allowance.rule) == Some(&RuleSetting::Off);
            // If a rule did not run, its findings are unknown.
            (runs || is_off).then_some(Unneeded {
                index,
                allowance,
                is_off,
            })
        });
        let settings = SettingsContext {
            unneeded: unneeded.collect(),
        };
        let mut findings = Vec::new();
        for rule in &self.rules {
            if let Check::Settings(check) = rule.check {
                rule.apply(SETTINGS_FILE.as_ref(), &mut findings, || check(&settings));
            }
        }
        findings
    }
}

fn hides(allowance: &Allowance, finding: &Finding) -> bool {
    finding.guards == Guard::Review
        && allowance.rule == finding.rule
        && Path::new(&allowance.path) == finding.path
}
