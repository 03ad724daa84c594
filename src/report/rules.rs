//! Human-readable lists and explanations of rules.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use crate::check::{Rule, RuleFix};
use crate::finding::{Guard, Severity};

const BOLD: Style = Style::new().bold();

/// One line for each rule: its id, its severity, what it checks, and whether it has a fix.
pub(crate) fn list(rules: &[&Rule]) -> String {
    let width = rules
        .iter()
        .map(|rule| rule.id.len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    for rule in rules {
        let (id, severity, scope) = (rule.id, rule.severity.name(), rule.scope());
        let fix = if rule.is_fixable() { "fix" } else { "" };
        let style = style(rule.severity);
        let line =
            format!("{BOLD}{id:width$}{BOLD:#}  {style}{severity:7}{style:#}  {scope:8}  {fix}");
        // Writing into a string does not fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// The documentation of a rule in Markdown, after its id and properties.
pub(crate) fn page(rule: &Rule) -> String {
    let id = rule.id;
    format!(
        "{BOLD}{id}{BOLD:#}\n\n{}\n\n{}\n",
        facts(rule),
        rule.documentation().trim()
    )
}

/// The properties of a rule in the table, as a sentence.
pub fn facts(rule: &Rule) -> String {
    let severity = match rule.severity {
        Severity::Error => "An error",
        Severity::Warning => "A warning",
        Severity::Note => "A note",
    };
    let scope = match rule.scope() {
        "file" => "in each file",
        "entry" => "in each entry",
        "icon" => "in each icon",
        "tree" => "across all files",
        "settings" => "in the settings",
        "root" => "in a file that belongs to the directory",
        "build" => "by `tfadir verify`",
        _ => "by tfadir itself",
    };
    let guards = match rule.guards {
        Guard::Output if rule.scope() == "build" => " It cannot be turned off or allowed.",
        Guard::Output => " It stops a build, and cannot be turned off or allowed.",
        Guard::Review => "",
    };
    let fix = match (rule.fix, rule.scope(), rule.guards) {
        (RuleFix::None, ..) => "",
        (RuleFix::Safe, ..) => " `tfadir check --fix PATH` can fix it.",
        (RuleFix::Unsafe, "entry", Guard::Review) => {
            " `tfadir check --fix PATH` can fix it in an entry that is not published yet; \
             elsewhere, `--unsafe-fixes` can."
        }
        (RuleFix::Unsafe, ..) => {
            " `tfadir check --unsafe-fixes PATH` can fix it; this changes what is published."
        }
    };
    format!("{severity}, checked {scope}.{guards}{fix}")
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Error => AnsiColor::Red.on_default(),
        Severity::Warning => AnsiColor::Yellow.on_default(),
        Severity::Note => AnsiColor::Cyan.on_default(),
    }
}
