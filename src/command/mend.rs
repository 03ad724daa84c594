//! Mending what a machine can, for `check --fix` and `fmt`.

use serde_json::{Value, json};

use super::Failure;
use super::selection::Selection;
use crate::console::Console;
use crate::finding::Finding;
use crate::fix::{self, Mended};
use crate::project::Project;
use crate::source::Tree;
use crate::wording::count;

/// How often everything is looked at again. A fix can make room for another one, such as a move
/// out of the way of a move; more than a few in a row do not occur.
const ROUNDS: usize = 8;

/// Up to this many mended files are named one by one.
const NAMED: usize = 20;

/// Applies the fixes of all findings that a selection contains until none is left that can be
/// applied: (the tree as it is then, what is found in it, what was done).
///
/// # Errors
///
/// Where a file cannot be written, or the tree cannot be read again.
pub fn all(
    project: &Project,
    mut tree: Tree,
    mut findings: Vec<Finding>,
    selection: &mut Selection,
    look: &dyn Fn(&Tree) -> Vec<Finding>,
) -> Result<(Tree, Vec<Finding>, Vec<Mended>), Failure> {
    let mut all: Vec<Mended> = Vec::new();
    for _ in 0..ROUNDS {
        let asked_for = findings.iter().filter(|finding| selection.contains(finding));
        let mended = fix::apply(project, &tree, asked_for)?;
        if mended.is_empty() {
            break;
        }
        selection.follow(&mended);
        for one in mended {
            // What a later round does to a file belongs to what an earlier one did to it.
            let is_same = |it: &&mut Mended| *it.moved_to.as_ref().unwrap_or(&it.path) == one.path;
            match all.iter_mut().find(is_same) {
                Some(before) => before.then(one),
                None => all.push(one),
            }
        }
        tree = project.load()?;
        findings = look(&tree);
    }
    Ok((tree, findings, all))
}

/// Says what was mended.
pub fn tell(console: &Console, mended: &[Mended]) {
    for one in mended {
        let text = format!("{}: {}", one.path.display(), one.titles.join("; "));
        if mended.len() <= NAMED {
            console.status("Mended", &text);
        } else {
            console.detail("Mended", &text);
        }
    }
    if mended.len() > NAMED {
        console.status("Mended", &count(mended.len(), "file", "files"));
    }
}

/// What was mended, for programs.
pub fn records(mended: &[Mended]) -> Value {
    let record = |one: &Mended| {
        let mut record = json!({ "path": one.path, "fixes": one.titles });
        if let Some(to) = &one.moved_to {
            record["moved_to"] = json!(to);
        }
        record
    };
    mended.iter().map(record).collect()
}
