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

impl Selection {
    fn includes(self, rule: &Rule, settings: &CheckSettings) -> bool {
        let severity = match settings.rules.get(rule.id) {
            None => Some(rule.severity),
            Some(setting) => setting.severity(),
        };
        // Some findings of these rules stop a build, whatever the settings say about the rule.
        let is_tree = matches!(rule.check, Check::Tree(_));
        let is_formatting = rules::FORMATTING.iter().any(|known| known.id == rule.id);
        match self {
            Self::Enabled => is_tree || severity.is_some(),
            Self::Errors => is_tree || severity == Some(Severity::Error),
            Self::Formatting => is_formatting,
            Self::Reordering => is_formatting || rule.id == rules::ORDER.id,
        }
    }
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
        let rules = rules
            .iter()
            .copied()
            .filter(|rule| selection.includes(rule, settings))
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
        if !self.settings.allow.is_empty() {
            let mut is_needed = vec![false; self.settings.allow.len()];
            findings.retain(|finding| !self.is_allowed(finding, &mut is_needed));
            findings.extend(self.unneeded(&is_needed));
        }
        findings.retain_mut(|finding| self.keeps(finding));
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

    /// Whether exceptions hide a finding. Marks those that do.
    fn is_allowed(&self, finding: &Finding, is_needed: &mut [bool]) -> bool {
        let mut is_allowed = false;
        for (allowance, is_needed) in self.settings.allow.iter().zip(is_needed) {
            if hides(allowance, finding) {
                *is_needed = true;
                is_allowed = true;
            }
        }
        is_allowed
    }

    /// Gives a finding the severity of the settings; `false` if it is not reported.
    fn keeps(&self, finding: &mut Finding) -> bool {
        if finding.guards == Guard::Review
            && let Some(setting) = self.settings.rules.get(finding.rule)
        {
            match setting.severity() {
                Some(severity) => finding.severity = severity,
                None => return !self.holds_back_advice(),
            }
        }
        self.selection != Selection::Errors || finding.severity == Severity::Error
    }

    fn is_icon_rule(&self, id: &str) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|rule| rule.id == id && matches!(rule.check, Check::Icon(_)))
    }

    fn unneeded(&self, is_needed: &[bool]) -> Vec<Finding> {
        let mut unneeded = Vec::new();
        for (index, allowance) in self.settings.allow.iter().enumerate() {
            // If a rule did not run, its findings are unknown.
            let runs = self.rules.iter().any(|rule| rule.id == allowance.rule);
            let is_off = self.settings.rules.get(&allowance.rule) == Some(&RuleSetting::Off);
            if !is_needed[index] && (runs || is_off) {
                unneeded.push(Unneeded {
                    index,
                    allowance,
                    is_off,
                });
            }
        }
        let settings = SettingsContext { unneeded };
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
