//! The commands: each lists the stages that it runs, from top to bottom.

mod build;
mod check;
mod completions;
mod diff;
mod explain;
mod fmt;
mod init;
mod key;
mod links;
mod man;
mod new;
pub(crate) mod serve;
mod settings;
mod sign;
mod stats;
mod verify;

use std::io::{self, Write};
use std::panic::{self, PanicHookInfo};
use std::sync::Once;
use std::sync::atomic::Ordering;

use crate::cli::{Cli, Command};
use crate::exit_code::ExitCode;
use crate::failure::{Result, fail};
use crate::process;
use crate::session::console::{self, Console};
use crate::session::report;
use crate::text::join;

/// Runs the command that the command line names.
pub fn run(cli: &Cli) -> ExitCode {
    panic::set_hook(Box::new(report_panic));
    let console = Console::new(cli);
    let run = || dispatch(cli, &console);
    let result = panic::catch_unwind(panic::AssertUnwindSafe(run));
    let code = match result {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            report::failure(&console, &failure);
            ExitCode::Failure
        }
        // The panic hook has already reported it.
        Err(_) => ExitCode::Failure,
    };
    if console.is_lost.load(Ordering::Relaxed) {
        ExitCode::Failure
    } else {
        code
    }
}

/// Reports a command-line error, or prints the requested help or version.
pub fn refuse(error: &clap::Error) -> ExitCode {
    console::usage(error);
    match error.use_stderr() {
        true => ExitCode::Failure,
        false => ExitCode::Success,
    }
}

fn dispatch(cli: &Cli, console: &Console) -> Result<ExitCode> {
    process::start_threads()?;
    let global = &cli.global;
    match &cli.command {
        Command::Diff(args) => diff::run(args, global, console),
        Command::Links(args) => links::run(args, global, console),
        command if !command.formats().contains(&console.format) => {
            let formats = command.formats().iter();
            let names: Vec<String> = formats.map(|format| format.name()).collect();
            fail!(
                "this command has no format `{}`", console.format.name();
                help: "use {}", join(&names, "or")
            )
        }
        Command::Build(args) => build::run(args, global, console),
        Command::Sign(args) => sign::run(args, global, console),
        Command::Verify(args) => verify::run(args, global, console),
        Command::New(args) => new::run(args, global, console),
        Command::Check(args) => check::run(args, global, console),
        Command::Fmt(args) => fmt::run(args, global, console),
        Command::Explain(args) => Ok(explain::run(args, console)),
        Command::Init(args) => init::run(args, global, console),
        Command::Key(args) => key::run(args, global, console),
        Command::Settings => settings::run(global, console),
        Command::Stats(args) => stats::run(args, global, console),
        Command::Serve(args) => serve::run(args, global, console),
        Command::Completions(args) => Ok(completions::run(args, console)),
        Command::Man(args) => man::run(args, console),
    }
}

/// Reports once where the program panicked. The panic message may contain anything, even a secret,
/// so it is not shown.
fn report_panic(info: &PanicHookInfo<'_>) {
    static REPORTED: Once = Once::new();
    REPORTED.call_once(|| {
        let location = info
            .location()
            .map_or_else(String::new, |location| format!(" at {location}"));
        let text =
            format!("error: internal error in tfadir{location}\n help: please report this\n");
        let _ = io::stderr().write_all(text.as_bytes());
    });
}
