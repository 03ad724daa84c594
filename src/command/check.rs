//! `tfadir check`.

use std::time::Instant;

use super::Failure;
use crate::check::{self, Extent};
use crate::cli::{CheckArgs, Global};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::project::Project;
use crate::report::Tally;
use crate::schema::Name;
use crate::wording::count;

/// Reads and checks all entries, and reports what is wrong with them.
pub fn run(args: &CheckArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    let start = Instant::now();
    let project = Project::open(global.root.as_deref())?;
    let validator = project.schemas.validator(Name::Entry)?;
    let tree = project.load()?;
    let mut checked = check::check(&project, &tree, &validator, Extent::All);
    if !args.rules.is_empty() {
        checked.findings.retain(|finding| args.rules.iter().any(|it| it == finding.rule));
    }

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
