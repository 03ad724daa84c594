//! Machine-readable findings: an array of objects, as `schemas/report.schema.json` describes them.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::{Located, Position, locate, slashed};
use crate::finding::{Finding, Texts};

/// The value of the field `version` in the object that contains the findings. It increases with
/// every incompatible change, but not with new fields.
pub const VERSION: u64 = 1;

/// An object with `version` and `tool` before its fields.
pub(crate) fn object(fields: &Value) -> Value {
    let tool = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    let mut object = Map::from_iter([
        ("version".to_owned(), VERSION.into()),
        ("tool".to_owned(), tool.into()),
    ]);
    if let Value::Object(fields) = fields {
        object.extend(fields.clone());
    }
    Value::Object(object)
}

/// Findings as a JSON array, in the order of the human-readable report. Each is a `finding` of
/// `schemas/report.schema.json`.
pub(crate) fn records(findings: &[Finding], texts: &dyn Texts) -> Value {
    locate(findings, texts).iter().map(record).collect()
}

fn record(located: &Located<'_>) -> Value {
    let finding = located.finding;
    let mut record = json!({ "rule": finding.rule, "severity": finding.severity.name() });
    describe(
        &mut record,
        &finding.path,
        located.position.as_ref(),
        &finding.message,
    );
    if let Some(help) = &finding.help {
        record["help"] = json!(help);
    }
    let mut all_related = Vec::new();
    for (related, position) in &located.related {
        let mut record = json!({});
        describe(
            &mut record,
            &related.path,
            position.as_ref(),
            &related.message,
        );
        all_related.push(record);
    }
    if !all_related.is_empty() {
        record["related"] = all_related.into();
    }
    if let Some(fix) = &finding.fix {
        record["fix"] =
            json!({ "title": fix.title.infinitive, "alters_output": fix.alters_output });
    }
    record
}

/// Adds a location and a message to a record. Paths are relative to the root, with `/` as the
/// separator.
fn describe(record: &mut Value, path: &Path, position: Option<&Position>, message: &str) {
    record["path"] = json!(slashed(Path::new(""), path));
    if let Some(at) = position {
        record["line"] = json!(at.line);
        record["column"] = json!(at.column);
        record["end_line"] = json!(at.end_line);
        record["end_column"] = json!(at.end_column);
    }
    record["message"] = json!(message);
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use jsonschema::Validator;
    use serde_json::{Value, json};

    use super::{VERSION, records};
    use crate::finding::{Change, Finding, Fix, Related};
    use crate::report::samples::{Sample, finding};
    use crate::source::{Location, Verb};

    fn schema() -> Value {
        serde_json::from_str(include_str!("../../schemas/report.schema.json")).unwrap()
    }

    fn full() -> Finding {
        let mut found = finding(Location::Value("/a".to_owned()), "`1` is wrong");
        found.related = vec![
            Related {
                path: PathBuf::from("entries/a/a.json"),
                location: Location::Name("/a".to_owned()),
                message: "also here".to_owned(),
            },
            Related {
                path: PathBuf::from("img/a/a.svg"),
                location: Location::File,
                message: "and this".to_owned(),
            },
        ];
        let title = Verb::Remove.title("it");
        let change = Change::Remove("/a".to_owned());
        found.fix = Some(Fix {
            title,
            change,
            alters_output: true,
        });
        found
    }

    #[test]
    fn a_finding_is_an_object_with_all_its_details() {
        let told = records(&[full()], &Sample(r#"{"a": 1}"#));
        assert_eq!(
            told,
            json!([{
                "rule": "sample",
                "severity": "error",
                "path": "entries/e/x.json",
                "line": 1, "column": 7, "end_line": 1, "end_column": 8,
                "message": "`1` is wrong",
                "help": "Fix it.",
                "related": [
                    {
                        "path": "entries/a/a.json",
                        "line": 1, "column": 2, "end_line": 1, "end_column": 5,
                        "message": "also here",
                    },
                    { "path": "img/a/a.svg", "message": "and this" },
                ],
                "fix": { "title": "remove it", "alters_output": true },
            }])
        );
    }

    #[test]
    fn unknown_details_are_left_out() {
        let mut found = finding(Location::File, "wrong");
        found.help = None;
        let told = records(&[found], &Sample(""));
        let fields: Vec<&String> = told[0].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["rule", "severity", "path", "message"]);
    }

    #[test]
    fn the_schema_describes_the_findings() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let failure = |findings: Value| json!({ "version": VERSION, "tool": "tfadir 0", "error": "x", "findings": findings });
        let mut bare = finding(Location::File, "wrong");
        bare.help = None;
        let findings = records(&[full(), bare], &Sample(r#"{"a": 1}"#));
        // Findings about the whole file come first.
        let good = failure(findings.clone());
        assert!(validator.is_valid(&good), "{:?}", errors(&validator, &good));
        for (pointer, bad) in [
            ("/1/severity", json!("fatal")),
            ("/1/line", json!(0)),
            ("/1/end_column", json!("2")),
            ("/1/related/0/message", json!(null)),
            ("/0/fix", json!({})),
            ("/0/line", json!(1)),
            ("/0/else", json!(1)),
        ] {
            let mut changed = findings.clone();
            let (above, field) = pointer.rsplit_once('/').unwrap();
            changed.pointer_mut(above).unwrap()[field] = bad;
            assert!(!validator.is_valid(&failure(changed)), "{pointer}");
        }
    }

    fn errors(validator: &Validator, value: &Value) -> Vec<String> {
        validator
            .iter_errors(value)
            .map(|error| error.to_string())
            .collect()
    }

    #[test]
    fn the_schema_has_the_current_version() {
        assert_eq!(schema()["$defs"]["version"]["const"], VERSION);
    }
}
