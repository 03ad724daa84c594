//! The program: parse the command line, run the command, turn its result into an exit code.

use std::process::ExitCode;

use clap::Parser;
use tfadir::cli::Cli;
use tfadir::{command, process};

fn main() -> ExitCode {
    process::protect_memory();
    let cli = Cli::parse();
    command::run(&cli).into()
}
