//! `tfadir key`: the commands about keys.

mod generate;
mod publish;
mod show;

use super::Failure;
use crate::cli::{Global, KeyArgs, KeyCommand};
use crate::console::Console;
use crate::exit_code::ExitCode;

/// Runs the command about keys that the command line names.
pub fn run(args: &KeyArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    match &args.command {
        KeyCommand::Generate(args) => generate::run(args, console),
        KeyCommand::Show(args) => show::show(args, console),
        KeyCommand::Check(args) => show::check(args, console),
        KeyCommand::Publish(args) => publish::run(args, global, console),
    }
}
