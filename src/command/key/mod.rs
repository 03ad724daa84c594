//! `tfadir key`: the commands about keys.

mod extend;
mod generate;
mod publish;
mod show;

use crate::cli::{Global, KeyArgs, KeyCommand};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::session::console::Console;

/// Runs the command about keys that the command line names.
pub(crate) fn run(args: &KeyArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    match &args.command {
        KeyCommand::Generate(args) => generate::run(args, console),
        KeyCommand::Extend(args) => extend::run(args, global, console),
        KeyCommand::Show(args) => show::show(args, console),
        KeyCommand::Check(args) => show::check(args, console),
        KeyCommand::Publish(args) => publish::run(args, global, console),
    }
}
