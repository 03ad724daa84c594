//! `tfadir check`.

use crate::check::{RULES, Selection};
use crate::cli::{CheckArgs, Denied, Global};
use crate::exit_code::ExitCode;
use crate::pipeline::check::{Outcome, exit_code};
use crate::pipeline::console::Console;
use crate::pipeline::filter::Filter;
use crate::pipeline::fix_loop::Apply;
use crate::pipeline::{Failure, Session};
use crate::report::{Tally, rules};
use crate::text::{count, thousands};

/// Reads and checks everything, applies fixes if requested, and reports the findings.
pub(super) fn run(
    args: &CheckArgs,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, Failure> {
    if args.list_rules {
        console.result(&rules::list(RULES));
        return Ok(ExitCode::Success);
    }
    let session = Session::open(global, false, console)?;
    let mut filter = Filter::of_paths(&session.directory, &args.paths)?.of_rules(&args.rules);
    if let Some(reference) = &args.changed_since {
        filter = filter.changed_since(&session.directory, reference)?;
    }
    let apply = match (args.fix, args.unsafe_fixes) {
        (_, true) => Apply::All,
        (true, false) => Apply::Safe,
        (false, false) => Apply::Nothing,
    };
    if args.diff {
        let apply = if apply == Apply::Nothing { Apply::Safe } else { apply };
        let is_empty = Outcome::diff(&session, &mut filter, apply)?;
        return Ok(if is_empty { ExitCode::Success } else { ExitCode::Findings });
    }
    let outcome = Outcome::of(&session, &mut filter, Selection::Enabled, apply)?;
    let tally = outcome.report(&session);

    let hidden = Tally::of(outcome.hidden.iter().filter(|it| filter.contains_rule(it.rule)));
    if hidden != Tally::default() {
        let hidden = hidden.by_severity();
        console.status("Also", &format!("{hidden} in other files not shown"));
    }
    let fixable = outcome.shown.iter().filter(|finding| finding.fix.is_some()).count();
    if fixable > 0 && !args.fix {
        let fixable = thousands(fixable);
        console.status("Fixable", &format!("{fixable} of these: run `tfadir check --fix`"));
    }
    let entries = count(outcome.tree.files.len(), "entry", "entries");
    let seconds = session.start.elapsed().as_secs_f64();
    console.status("Checked", &format!("{entries} in {seconds:.2} s: {tally}"));
    let is_denied = args.deny == Some(Denied::Warnings) && tally.warnings > 0;
    Ok(exit_code(&tally, tally.errors > 0 || is_denied))
}
