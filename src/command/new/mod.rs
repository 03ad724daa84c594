//! `tfadir new`.

mod draft;

use std::io::{self, IsTerminal};
use std::slice;

use self::draft::Draft;
use crate::check::Selection;
use crate::cli::{Global, NewArgs};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::lint::filter::Filter;
use crate::lint::fixes::Apply;
use crate::lint::{LintOutcome, exit_code, rules_page};
use crate::report::Detail;
use crate::session::Session;
use crate::session::console::Console;

/// Writes an entry from options and answers, and checks it as `tfadir check` does.
pub(super) fn run(args: &NewArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let session = Session::open(global, console)?;
    let mut draft = Draft::new(&session, args)?;
    if io::stdin().is_terminal() {
        draft.ask()?;
    }
    draft.refuse_incomplete()?;
    let path = draft.write()?;
    console.status("Wrote", &path.to_string_lossy());

    let directory = &session.directory;
    let mut filter = Filter::of_paths(directory, slice::from_ref(&directory.root.join(&path)))?;
    let outcome = LintOutcome::of(&session, &mut filter, Selection::Enabled, Apply::Nothing)?;
    let tally = outcome.report(&Detail {
        root: global.root.clone(),
        rules_page: rules_page(directory),
        ..Detail::default()
    });
    console.status("Checked", &format!("{}: {tally}", path.display()));
    Ok(exit_code(&tally, tally.errors))
}
