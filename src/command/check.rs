//! `tfadir check`.

use std::time::Instant;

use super::Failure;
use crate::check;
use crate::cli::Global;
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::project::Project;
use crate::report::Tally;
use crate::schema::Name;
use crate::source::Tree;
use crate::wording::count;

/// Reads and checks all entries, and reports what is wrong with them.
pub fn run(global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let project = Project::open(global.root.as_deref())?;
    let validator = project.schemas.validator(Name::Entry)?;
    let tree = Tree::load(&project.root, project.settings.paths.entries.as_ref())?;
    let checked = check::check(&tree, &project.schemas, &validator);

    let tally = Tally::of(&checked.findings);
    let findings = super::report(console, &checked.findings, &tree);
    console.structured(&serde_json::json!({
        "entries": tree.files.len(),
        "errors": tally.errors,
        "warnings": tally.warnings,
        "notes": tally.notes,
        "findings": findings,
    }));
    let entries = count(tree.files.len(), "entry", "entries");
    let time = start.elapsed().as_secs_f64();
    console.status("Checked", &format!("{entries} in {time:.2} s: {tally}"));
    Ok(if tally.errors > 0 { ExitCode::Findings } else { ExitCode::Success })
}
