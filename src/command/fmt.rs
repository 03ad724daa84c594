//! `tfadir fmt`.

use super::selection::Selection;
use super::{Failure, Report, mend};
use crate::check::{self, Extent};
use crate::cli::{FmtArgs, Global};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::finding::Finding;
use crate::project::Project;
use crate::report::Tally;
use crate::schema::Name;
use crate::wording::{count, thousands};

/// Brings entries into canonical form, or says which ones are not.
pub fn run(args: &FmtArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    let project = Project::open(global.root.as_deref())?;
    let mut selection = Selection::of_paths(&project, &args.paths)?;
    let (tree, validator) =
        rayon::join(|| project.load(), || project.schemas.validator(Name::Entry));
    let (mut tree, validator) = (tree?, validator?);
    let look = |tree: &_| check::check(&project, tree, &validator, Extent::Form).findings;
    let mut findings = look(&tree);
    let mut mended = Vec::new();
    if !args.check {
        (tree, findings, mended) = mend::all(&project, tree, findings, &mut selection, &look)?;
        mend::tell(console, &mended);
    }
    let (shown, hidden): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| selection.contains(finding));
    Report { project: &project, tree: &tree }.in_full(console, &shown, hidden.len(), &mended);

    let asked_for = tree.files.iter().filter(|file| selection.contains_file(&file.path)).count();
    let entries = count(asked_for, "entry", "entries");
    if shown.is_empty() {
        console
            .status("Formatted", &format!("{entries}, {} of them anew", thousands(mended.len())));
        return Ok(ExitCode::Success);
    }
    let tally = Tally::of(&shown);
    console.status("Looked at", &format!("{entries}: {tally}"));
    Ok(if tally.failures > 0 { ExitCode::Failure } else { ExitCode::Findings })
}
