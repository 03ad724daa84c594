//! Findings for programs: an array of objects.

use serde::Serialize;

use super::{Position, Texts, locate};
use crate::finding::Finding;

/// A finding as it is written. Paths are relative to the root, with `/` between their parts.
#[derive(Debug, Serialize)]
struct Record<'f> {
    rule: &'f str,
    severity: &'f str,
    path: String,
    #[serde(flatten)]
    position: Option<Span>,
    message: &'f str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'f str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedRecord<'f>>,
}

#[derive(Debug, Serialize)]
struct RelatedRecord<'f> {
    path: String,
    #[serde(flatten)]
    position: Option<Span>,
    message: &'f str,
}

/// Lines and columns from 1, columns in Unicode characters; the end is exclusive.
#[derive(Debug, Serialize)]
struct Span {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

impl From<&Position> for Span {
    fn from(position: &Position) -> Self {
        Self {
            line: position.line,
            column: position.column,
            end_line: position.end_line,
            end_column: position.end_column,
        }
    }
}

/// Findings as a JSON array, in the order in which people see them.
pub fn records(findings: &[Finding], texts: &dyn Texts) -> serde_json::Value {
    let records: Vec<Record<'_>> = locate(findings, texts)
        .iter()
        .map(|located| {
            let finding = located.finding;
            Record {
                rule: finding.rule,
                severity: finding.severity.name(),
                path: path(&finding.path),
                position: located.position.as_ref().map(Span::from),
                message: &finding.message,
                help: finding.help.as_deref(),
                related: finding
                    .related
                    .iter()
                    .zip(&located.related)
                    .map(|(related, position)| RelatedRecord {
                        path: path(&related.path),
                        position: position.as_ref().map(Span::from),
                        message: &related.message,
                    })
                    .collect(),
            }
        })
        .collect();
    serde_json::to_value(records).unwrap_or_default()
}

fn path(path: &std::path::Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}
