//! `tfadir fmt`.

use crate::check::Selection;
use crate::cli::{FmtArgs, Global};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::lint::filter::Filter;
use crate::lint::fixes::Apply;
use crate::lint::{LintOutcome, exit_code, rules_page};
use crate::report::{Detail, Tabulated};
use crate::session::Session;
use crate::session::console::Console;
use crate::text::{count, thousands};

/// Reformats entries, or reports which of them are not formatted.
pub(super) fn run(args: &FmtArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let session = Session::open(global, console)?;
    let mut filter = Filter::of_paths(&session.directory, &args.paths)?;
    let (selection, wanted) = if args.reorder {
        (Selection::Reordering, Apply::Reordering)
    } else {
        (Selection::Formatting, Apply::Formatting)
    };
    let apply = if args.check { Apply::Nothing } else { wanted };
    let outcome = LintOutcome::of(&session, &mut filter, selection, apply)?;
    let tabulated = match args.paths.is_empty() && !console.verbose {
        true => Tabulated::WarningsAndNotes,
        false => Tabulated::Nothing,
    };
    let detail = Detail {
        tabulated,
        root: global.root.clone(),
        rules_page: rules_page(&session.directory),
        ..Detail::default()
    };
    let tally = outcome.report(&detail);

    let files = outcome
        .tree()
        .files
        .iter()
        .filter(|file| filter.contains_file(&file.path));
    let entries = count(files.count(), "entry", "entries");
    if outcome.shown.is_empty() {
        let changed = thousands(outcome.fixed.len());
        console.status("Formatted", &format!("{entries}, {changed} changed"));
        let reordered = outcome.reordered();
        if reordered > 0 {
            let reordered_entries = count(reordered, "entry", "entries");
            let text =
                format!("fields of {reordered_entries}: this changes what version 3 publishes");
            console.status("Reordered", &text);
        }
    } else {
        console.status("Checked", &format!("{entries}: {tally}"));
    }
    Ok(exit_code(&tally, outcome.shown.len()))
}
