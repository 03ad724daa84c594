//! `tfadir new`.

use std::io::{self, IsTerminal};
use std::slice;

use crate::check::Selection;
use crate::cli::{Global, NewArgs};
use crate::exit_code::ExitCode;
use crate::pipeline::check::{Outcome, exit_code};
use crate::pipeline::console::Console;
use crate::pipeline::filter::Filter;
use crate::pipeline::fix_loop::Apply;
use crate::pipeline::new::Draft;
use crate::pipeline::{Result, Session};
use crate::report::Detail;

/// Writes an entry from options and answers, and checks it as `tfadir check` does.
pub(super) fn run(args: &NewArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let session = Session::open(global, false, console)?;
    let mut draft = Draft::new(&session, args)?;
    if io::stdin().is_terminal() {
        draft.ask()?;
    }
    draft.refuse_incomplete()?;
    let path = draft.write()?;
    console.status("Wrote", &path.to_string_lossy());

    let directory = &session.directory;
    let mut filter = Filter::of_paths(directory, slice::from_ref(&directory.root.join(&path)))?;
    let outcome = Outcome::of(&session, &mut filter, Selection::Enabled, Apply::Nothing)?;
    let tally = outcome.report(
        &session,
        Detail {
            root: global.root.clone(),
            ..Detail::default()
        },
    );
    console.status("Checked", &format!("{}: {tally}", path.display()));
    Ok(exit_code(&tally, tally.errors > 0))
}
