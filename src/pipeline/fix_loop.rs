//! Applying fixes, for `check --fix` and `fmt`.

use serde_json::{Value, json};

use super::Failure;
use super::filter::Filter;
use crate::directory::Directory;
use crate::finding::Finding;
use crate::fix::{self, Fixed};
use crate::pipeline::console::Console;
use crate::source::Tree;
use crate::text::count;

/// How often everything is looked at again. A fix can make room for another one, such as a move
/// out of the way of a move; more than a few in a row do not occur.
const ROUNDS: usize = 8;

/// Up to this many fixed files are named one by one.
const NAMED: usize = 20;

/// Applies the fixes of all findings that a filter contains until none is left that can be
/// applied: (the tree as it is then, what is found in it, what was done).
///
/// # Errors
///
/// Where a file cannot be written, or the tree cannot be read again.
pub(crate) fn run(
    directory: &Directory,
    mut tree: Tree,
    mut findings: Vec<Finding>,
    filter: &mut Filter,
    look: &dyn Fn(&Tree) -> Vec<Finding>,
) -> Result<(Tree, Vec<Finding>, Vec<Fixed>), Failure> {
    let mut all: Vec<Fixed> = Vec::new();
    for _ in 0..ROUNDS {
        let asked_for = findings.iter().filter(|finding| filter.contains(finding));
        let fixed = fix::apply(directory, &tree, asked_for)?;
        if fixed.is_empty() {
            break;
        }
        filter.follow(&fixed);
        for one in fixed {
            // What a later round does to a file belongs to what an earlier one did to it.
            let is_same = |it: &&mut Fixed| *it.moved_to.as_ref().unwrap_or(&it.path) == one.path;
            match all.iter_mut().find(is_same) {
                Some(before) => before.then(one),
                None => all.push(one),
            }
        }
        tree = directory.load()?;
        findings = look(&tree);
    }
    Ok((tree, findings, all))
}

/// Reports what was fixed.
pub(crate) fn report(console: &Console, fixed: &[Fixed]) {
    for one in fixed {
        let text = format!("{}: {}", one.path.display(), one.titles.join("; "));
        if fixed.len() <= NAMED {
            console.status("Fixed", &text);
        } else {
            console.detail("Fixed", &text);
        }
    }
    if fixed.len() > NAMED {
        console.status("Fixed", &count(fixed.len(), "file", "files"));
    }
}

/// What was fixed, for programs.
pub(crate) fn records(fixed: &[Fixed]) -> Value {
    let record = |one: &Fixed| {
        let mut record = json!({ "path": one.path, "fixes": one.titles });
        if let Some(to) = &one.moved_to {
            record["moved_to"] = json!(to);
        }
        record
    };
    fixed.iter().map(record).collect()
}
