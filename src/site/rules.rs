//! The rules, for the page about them.

use rayon::prelude::*;
use serde::Serialize;

use super::markdown;
use crate::check::{RULES, Rule};
use crate::directory::{RuleSetting, Settings};
use crate::finding::{Guard, Severity};
use crate::report::rules::facts;

/// The rules that are read together.
#[derive(Debug, Serialize)]
pub(crate) struct Group {
    id: &'static str,
    title: &'static str,
    /// What its findings mean.
    about: &'static str,
    rules: Vec<ShownRule>,
}

#[derive(Debug, Serialize)]
struct ShownRule {
    id: &'static str,
    is_fixable: bool,
    /// Its first sentence.
    finds: String,
    /// Its severity and scope as a sentence in Markdown.
    facts: String,
    /// The severity in this directory, if the settings change it.
    here: Option<&'static str>,
    /// The rest of its documentation.
    html: String,
}

/// The id, title and description of each group, in the order of the page.
const GROUPS: [(&str, &str, &str); 5] = [
    (
        "errors-output",
        "Errors that stop a build",
        "Publishing would be wrong or harmful. These rules cannot be turned off.",
    ),
    (
        "errors-review",
        "Errors",
        "A change that introduces one is not accepted.",
    ),
    ("warnings", "Warnings", "Advice that is usually right."),
    (
        "notes",
        "Notes",
        "For information; they never fail a check.",
    ),
    (
        "verify",
        "Found by tfadir verify",
        "The published files or their signatures differ from what the publisher signed. These rules \
         cannot be turned off.",
    ),
];

/// The id of a rule's group.
fn group(rule: &Rule) -> &'static str {
    match (rule.scope(), rule.severity, rule.guards) {
        ("build", _, _) => "verify",
        (_, Severity::Error, Guard::Output) => "errors-output",
        (_, Severity::Error, Guard::Review) => "errors-review",
        (_, Severity::Warning, _) => "warnings",
        (_, Severity::Note, _) => "notes",
    }
}

/// All rules by group, in the order of their table.
pub(crate) fn groups(settings: &Settings) -> Vec<Group> {
    GROUPS
        .par_iter()
        .map(|&(id, title, about)| Group {
            id,
            title,
            about,
            rules: shown_rules(id, settings),
        })
        .filter(|group| !group.rules.is_empty())
        .collect()
}

/// The rules of one group.
fn shown_rules(group_id: &str, settings: &Settings) -> Vec<ShownRule> {
    RULES
        .par_iter()
        .filter(|rule| group(rule) == group_id)
        .map(|rule| shown(rule, settings))
        .collect()
}

fn shown(rule: &Rule, settings: &Settings) -> ShownRule {
    let setting = settings.check.rules.get(rule.id);
    let here = setting
        .filter(|setting| setting.severity() != Some(rule.severity))
        .map(|setting| match setting {
            RuleSetting::Deny => "an error",
            RuleSetting::Warn => "a warning",
            RuleSetting::Note => "a note",
            RuleSetting::Off => "turned off",
        });
    let documentation = rule.documentation();
    let (paragraph, rest) = documentation
        .trim()
        .split_once("\n\n")
        .unwrap_or((&documentation, ""));
    let summary = paragraph.split_whitespace().collect::<Vec<_>>().join(" ");
    let (first, more) = summary.split_once(". ").unwrap_or((&summary, ""));
    ShownRule {
        id: rule.id,
        is_fixable: rule.is_fixable(),
        finds: markdown::inline(&format!("{}.", first.trim_end_matches('.'))),
        facts: facts(rule),
        here,
        html: markdown::block(&format!("{more}\n\n{rest}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_in_one_group_and_begins_with_a_sentence() {
        let groups = groups(&Settings::default());
        let rules: Vec<&ShownRule> = groups.iter().flat_map(|group| &group.rules).collect();
        assert_eq!(rules.len(), RULES.len());
        for rule in rules {
            assert!(
                rule.finds.ends_with('.') && rule.finds.len() > 20,
                "{}",
                rule.finds
            );
            assert!(rule.html.contains("<h3>Why</h3>"), "{}", rule.id);
        }
    }
}
