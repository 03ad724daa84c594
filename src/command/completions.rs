//! `tfadir completions`.

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::exit_code::ExitCode;
use crate::session::console::Console;

/// Prints the completion script of a shell.
pub(super) fn run(args: &CompletionsArgs, console: &Console) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tfadir", &mut script);
    console.result(&String::from_utf8_lossy(&script));
    ExitCode::Success
}
