//! `tfadir check`.

use std::time::Instant;

use super::selection::Selection;
use super::{Failure, Report, mend};
use crate::check::{self, Extent, RULES};
use crate::cli::{CheckArgs, Denied, Global};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::finding::Finding;
use crate::project::Project;
use crate::report::{Tally, rules};
use crate::schema::Name;
use crate::wording::{count, thousands};

/// Reads and checks everything, mends what a machine can if that is asked for, and reports what is
/// wrong.
pub fn run(args: &CheckArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    if args.list_rules {
        console.result(&rules::list(RULES));
        return Ok(ExitCode::Success);
    }
    let start = Instant::now();
    let project = Project::open(global.root.as_deref())?;
    let mut selection = Selection::of_paths(&project, &args.paths)?.of_rules(&args.rules);
    if let Some(reference) = &args.changed_since {
        selection = selection.changed_since(&project, reference)?;
    }
    let (tree, validator) =
        rayon::join(|| project.load(), || project.schemas.validator(Name::Entry));
    let (mut tree, validator) = (tree?, validator?);
    let look = |tree: &_| check::check(&project, tree, &validator, Extent::All).findings;
    let mut findings = look(&tree);
    let mut mended = Vec::new();
    if args.fix {
        (tree, findings, mended) = mend::all(&project, tree, findings, &mut selection, &look)?;
        mend::tell(console, &mended);
    }

    let (shown, hidden): (Vec<Finding>, Vec<Finding>) =
        findings.into_iter().partition(|finding| selection.contains(finding));
    let tally = Tally::of(&shown);
    Report { project: &project, tree: &tree }.in_full(console, &shown, hidden.len(), &mended);

    tell_hidden(console, &selection, &hidden);
    let fixable = shown.iter().filter(|finding| finding.fix.is_some()).count();
    if fixable > 0 && !args.fix {
        let fixable = thousands(fixable);
        console.status("Fixable", &format!("{fixable} of these: run `tfadir check --fix`"));
    }
    let entries = count(tree.files.len(), "entry", "entries");
    let seconds = start.elapsed().as_secs_f64();
    console.status("Checked", &format!("{entries} in {seconds:.2} s: {tally}"));
    let is_denied = args.deny == Some(Denied::Warnings) && tally.warnings > 0;
    Ok(match tally {
        tally if tally.failures > 0 => ExitCode::Failure,
        tally if tally.errors > 0 || is_denied => ExitCode::Findings,
        _ => ExitCode::Success,
    })
}

/// Says what is wrong beyond what was asked for, so that nobody takes the rest for sound.
fn tell_hidden(console: &Console, selection: &Selection, hidden: &[Finding]) {
    let tally = Tally::of(hidden.iter().filter(|it| selection.contains_rule(it.rule)));
    if tally != Tally::default() {
        console.status("Elsewhere", &format!("{tally}, not asked for"));
    }
}
