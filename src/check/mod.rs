//! What is wrong with a tree: every rule over every file.

pub mod rule;
mod rules;

use rayon::prelude::*;

use crate::finding::Finding;
use crate::schema::{self, Schemas, Validator};
use crate::source::{Entry, SourceFile, Tree};

pub use rule::{Checked as CheckedFile, Rule};
pub use rules::RULES;

/// A tree that was checked.
#[derive(Debug)]
pub struct Checked<'t> {
    /// All findings, in the order of the files, and per file in the order of the rules.
    pub findings: Vec<Finding>,
    /// The entries of all files that meet the entry schema, in the order of the files.
    pub entries: Vec<Entry<'t>>,
}

/// Checks a tree with every rule. `validator` is that of the entry schema in `schemas`.
///
/// The findings are the same, in the same order, however many threads there are.
pub fn check<'t>(tree: &'t Tree, schemas: &Schemas, validator: &Validator) -> Checked<'t> {
    let (entries, findings): (Vec<_>, Vec<_>) = tree
        .files
        .par_iter()
        .with_min_len(16)
        .map(|file| check_file(file, schemas, validator))
        .unzip();
    Checked {
        findings: findings.into_iter().flatten().collect(),
        entries: entries.into_iter().flatten().collect(),
    }
}

fn check_file<'t>(
    file: &'t SourceFile,
    schemas: &Schemas,
    validator: &Validator,
) -> (Option<Entry<'t>>, Vec<Finding>) {
    let content = file.parse();
    let violations = match &content {
        // Of a member given twice nobody knows which one to judge.
        Ok(parsed) if !parsed.has_duplicate_member && !validator.is_valid(&parsed.value) => {
            schema::violations(schemas, validator, &parsed.value)
        }
        _ => Vec::new(),
    };
    let checked = CheckedFile { file, content: &content, violations: &violations };
    let findings = RULES.iter().flat_map(|rule| rule.apply(&checked)).collect();
    let entry = match content {
        Ok(parsed) if violations.is_empty() => Entry::from_json(parsed.value),
        _ => None,
    };
    (entry, findings)
}
