//! What a directory's settings make of the rules: severities and allowances.

use std::path::Path;

use super::Extent;
use super::context::{SettingsContext, Unneeded};
use super::rule::{Check, Rule};
use crate::directory::{Allowance, CheckSettings, SETTINGS_FILE, Strictness};
use crate::finding::{Finding, Severity};
use crate::source::tree::byte_order;

/// The rules about the form of an entry, and about what has none.
const FORM: [&str; 8] = [
    "canonical-format",
    "unreadable-file",
    "link-target",
    "file-size",
    "json-encoding",
    "json-syntax",
    "duplicate-member",
    "one-site-per-file",
];

/// Which rules look at a tree, and what becomes of their findings.
pub(super) struct Policy<'s> {
    settings: &'s CheckSettings,
    extent: Extent,
    rules: Vec<&'static Rule>,
}

impl<'s> Policy<'s> {
    /// The policy that settings ask for.
    pub(super) fn new(
        settings: &'s CheckSettings,
        rules: &[&'static Rule],
        extent: Extent,
    ) -> Self {
        let strictness = |rule: &Rule| settings.rules.get(rule.id).copied();
        let looks = |rule: &Rule| match (extent, strictness(rule)) {
            (Extent::Form, _) => FORM.contains(&rule.id),
            (_, Some(Strictness::Off)) | (Extent::Build, Some(Strictness::Warn)) => false,
            (Extent::All, _) | (Extent::Build, Some(Strictness::Deny)) => true,
            (Extent::Build, None) => rule.severity == Severity::Error,
        };
        Self { settings, extent, rules: rules.iter().copied().filter(|rule| looks(rule)).collect() }
    }

    /// The rules that look, in the order of the table.
    pub(super) fn rules(&self) -> &[&'static Rule] {
        &self.rules
    }

    /// The findings that are not allowed, with the severities of the settings, ordered by path;
    /// and those about allowances that hide nothing. For a build, errors only.
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
        for finding in &mut findings {
            match self.settings.rules.get(finding.rule) {
                Some(Strictness::Deny) => finding.severity = Severity::Error,
                Some(Strictness::Warn) => finding.severity = Severity::Warning,
                Some(Strictness::Off) | None => {}
            }
        }
        if self.extent == Extent::Build {
            findings.retain(|finding| finding.severity == Severity::Error);
        }
        findings.sort_by(|a, b| byte_order(&a.path, &b.path));
        findings
    }

    fn unneeded(&self, is_needed: &[bool]) -> Vec<Finding> {
        let allowances = self.settings.allow.iter().zip(is_needed).enumerate();
        let unneeded = allowances.filter(|(_, (_, is_needed))| !**is_needed);
        let unneeded = unneeded.filter_map(|(index, (allowance, _))| {
            let looks = self.rules.iter().any(|rule| rule.id == allowance.rule);
            let is_off = self.settings.rules.get(&allowance.rule) == Some(&Strictness::Off);
            // Of a rule that did not look nobody knows what it would have found.
            (looks || is_off).then_some(Unneeded { index, allowance, is_off })
        });
        let settings = SettingsContext { unneeded: unneeded.collect() };
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
    allowance.rule == finding.rule && Path::new(&allowance.path) == finding.path
}

#[cfg(test)]
mod tests {
    use super::FORM;
    use crate::check::ids;

    #[test]
    fn every_rule_that_is_named_exists() {
        assert!(FORM.iter().all(|rule| ids().any(|id| id == *rule)));
    }
}
