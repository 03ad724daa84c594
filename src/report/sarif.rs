//! Findings as SARIF 2.1.0, the exchange format of static analysis that code scanning reads.
//!
//! Section numbers refer to the [OASIS standard][sarif].
//!
//! [sarif]: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html

use std::path::Path;

use serde_json::{Value, json};

use super::{Located, Position, Renderer, Tally, View, locate, uri};
use crate::check::{RULES, Rule};
use crate::finding::Finding;
use crate::text::{visible, visible_lines};

/// The URL of the schema, as section 3.13.3 gives it.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// A SARIF log.
pub(crate) struct Sarif;

impl Renderer for Sarif {
    fn render(&self, view: &View<'_>) -> String {
        let log = json!({
            "version": "2.1.0",
            "$schema": SCHEMA,
            "runs": [{
                "tool": { "driver": {
                    "name": env!("CARGO_PKG_NAME"),
                    "semanticVersion": env!("CARGO_PKG_VERSION"),
                    "rules": RULES.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
                } },
                "invocations": [{ "executionSuccessful": Tally::of(view.findings).failures == 0 }],
                "columnKind": "unicodeCodePoints",
                "results": results(view),
            }],
        });
        format!("{log}\n")
    }
}

/// The findings as `result` objects.
pub(crate) fn results(view: &View<'_>) -> Value {
    let located = locate(view.findings, view.texts);
    located
        .iter()
        .map(|located| result(located, view.base))
        .collect()
}

/// A rule as a `reportingDescriptor` (section 3.49).
fn descriptor(rule: &Rule) -> Value {
    let summary = rule.summary();
    let first = summary
        .split_once(". ")
        .map_or(summary.clone(), |(first, _)| format!("{first}."));
    let documentation = rule.documentation();
    let mut tags = vec![rule.scope()];
    if rule.is_fixable() {
        tags.push("fixable");
    }
    json!({
        "id": rule.id,
        "shortDescription": { "text": first },
        "fullDescription": { "text": summary },
        "help": { "text": documentation, "markdown": documentation },
        "defaultConfiguration": { "level": rule.severity.name() },
        "properties": { "tags": tags },
    })
}

/// A finding as a `result` (section 3.27).
fn result(located: &Located<'_>, base: &Path) -> Value {
    let finding = located.finding;
    let mut result = json!({
        "ruleId": finding.rule,
        "level": finding.severity.name(),
        "message": message(&sentences(finding)),
        "locations": [{
            "physicalLocation": physical_location(base, &finding.path, located.position.as_ref()),
        }],
    });
    if let Some(index) = RULES.iter().position(|rule| rule.id == finding.rule) {
        result["ruleIndex"] = json!(index);
    }
    let mut all_related = Vec::new();
    for (id, (related, position)) in located.related.iter().enumerate() {
        all_related.push(json!({
            "id": id,
            "message": message(&related.message),
            "physicalLocation": physical_location(base, &related.path, position.as_ref()),
        }));
    }
    if !all_related.is_empty() {
        result["relatedLocations"] = all_related.into();
    }
    if let Some(fix) = &finding.fix {
        result["properties"] = json!({ "fix": visible(&fix.title.infinitive) });
    }
    result
}

/// The message and the help. The first sentence must make sense alone (section 3.11.3).
fn sentences(finding: &Finding) -> String {
    let mut text = finding.message.clone();
    if !text.ends_with(['.', '?', '!']) {
        text.push('.');
    }
    if let Some(help) = &finding.help {
        text.push(' ');
        text.push_str(help);
    }
    text
}

/// A text as a `message` (section 3.11) without placeholders and links: braces are doubled (section
/// 3.11.5), and a bracket before a parenthesis, which could be part of a link, is separated from it
/// (section 3.11.6).
fn message(text: &str) -> Value {
    let text = visible_lines(text)
        .replace('{', "{{")
        .replace('}', "}}")
        .replace("](", "] (");
    json!({ "text": text })
}

/// A location as a `physicalLocation` (section 3.29).
fn physical_location(base: &Path, path: &Path, position: Option<&Position>) -> Value {
    let mut location = json!({ "artifactLocation": { "uri": uri(base, path) } });
    if let Some(position) = position {
        location["region"] = json!({
            "startLine": position.line,
            "startColumn": position.column,
            "endLine": position.end_line,
            "endColumn": position.end_column,
        });
    }
    location
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::{Value, json};

    use super::Sarif;
    use crate::check::{INTERNAL_ERROR, RULES};
    use crate::finding::{Change, Finding, Fix, Related, Severity};
    use crate::report::Renderer;
    use crate::report::samples::{Sample, finding, view};
    use crate::source::{Location, Verb};

    fn run(findings: &[Finding], text: &'static str, base: &str) -> Value {
        let log = Sarif.render(&view(findings, &Sample(text), Path::new(base)));
        let log: Value = serde_json::from_str(&log).unwrap();
        assert_eq!(log["version"], "2.1.0");
        log["runs"][0].clone()
    }

    #[test]
    fn a_finding_is_a_result_with_its_rule_and_location() {
        let mut found = finding(Location::Value("/é".to_owned()), "`x` is wrong");
        found.rule = RULES[1].id;
        found.severity = Severity::Note;
        let run = run(&[found], "{\n\"é\": \"x\"}", "data");
        let expected = json!([{
            "ruleId": RULES[1].id,
            "ruleIndex": 1,
            "level": "note",
            "message": { "text": "`x` is wrong. Fix it." },
            "locations": [{ "physicalLocation": {
                "artifactLocation": { "uri": "data/entries/e/x.json" },
                "region": { "startLine": 2, "startColumn": 6, "endLine": 2, "endColumn": 9 },
            } }],
        }]);
        assert_eq!(run["results"], expected);
        assert_eq!(run["columnKind"], "unicodeCodePoints");
        assert_eq!(run["invocations"], json!([{ "executionSuccessful": true }]));
    }

    #[test]
    fn related_locations_and_the_fix_are_part_of_the_result() {
        let mut found = finding(Location::File, "did you mean this?");
        found.related = vec![Related {
            path: PathBuf::from("entries/a/a.json"),
            location: Location::Name("/a".to_owned()),
            message: "also here".to_owned(),
        }];
        let title = Verb::Remove.title("it");
        let change = Change::Remove("/a".to_owned());
        found.fix = Some(Fix {
            title,
            change,
            alters_output: false,
        });
        let result = run(&[found], r#"{"a": 1}"#, "")["results"][0].clone();
        assert_eq!(result["message"]["text"], "did you mean this? Fix it.");
        assert_eq!(result["properties"]["fix"], "remove it");
        let region = json!({ "startLine": 1, "startColumn": 2, "endLine": 1, "endColumn": 5 });
        assert_eq!(
            result["relatedLocations"],
            json!([{
                "id": 0,
                "message": { "text": "also here" },
                "physicalLocation": {
                    "artifactLocation": { "uri": "entries/a/a.json" },
                    "region": region,
                },
            }])
        );
        let location = &result["locations"][0]["physicalLocation"];
        assert_eq!(location["region"], Value::Null);
    }

    #[test]
    fn every_rule_is_described_in_the_order_of_the_table() {
        let run = run(&[], "", "");
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), RULES.len());
        for (told, rule) in rules.iter().zip(RULES) {
            assert_eq!(told["id"], rule.id);
            let short = told["shortDescription"]["text"].as_str().unwrap();
            assert!(short.ends_with('.') && !short.contains(". "), "{short}");
            assert!(rule.summary().starts_with(short), "{short}");
            assert_eq!(told["fullDescription"]["text"], rule.summary());
            let help = told["help"]["markdown"].as_str().unwrap();
            assert!(help.lines().any(|line| line == "## Why"), "{help}");
            assert_eq!(told["help"]["text"], help);
            assert_eq!(told["defaultConfiguration"]["level"], rule.severity.name());
            let tags = told["properties"]["tags"].as_array().unwrap();
            assert_eq!(tags[0], rule.scope());
            assert_eq!(
                tags.contains(&json!("fixable")),
                rule.is_fixable(),
                "{}",
                rule.id
            );
        }
        assert_eq!(run["results"], json!([]));
    }

    #[test]
    fn a_bug_in_tfadir_is_an_unsuccessful_run() {
        let mut found = finding(Location::File, "a rule failed on this");
        found.rule = INTERNAL_ERROR;
        let run = run(&[found], "", "");
        assert_eq!(run["invocations"][0]["executionSuccessful"], false);
        assert_eq!(run["results"][0]["ruleId"], INTERNAL_ERROR);
    }

    #[test]
    fn nothing_hostile_becomes_a_link_or_a_placeholder() {
        let found = finding(Location::File, "[click](https://evil.example) {0} \u{202e}");
        let result = run(&[found], "", "")["results"][0].clone();
        let expected = "[click] (https://evil.example) {{0}} \\u{{202e}}. Fix it.";
        assert_eq!(result["message"]["text"], expected);
    }

    #[test]
    fn a_path_becomes_a_relative_address() {
        let mut found = finding(Location::File, "wrong");
        found.path = PathBuf::from("https:/a b%2F?#é\n.json");
        let run = run(&[found], "", "./x y");
        let location = &run["results"][0]["locations"][0]["physicalLocation"];
        let uri = "x%20y/https%3A/a%20b%252F%3F%23%C3%A9%0A.json";
        assert_eq!(location["artifactLocation"]["uri"], uri);
    }
}
