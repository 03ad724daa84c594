//! The program: parse the command line, run the command, turn its result into an exit code.

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use tfadir::cli::Cli;
use tfadir::{command, process};

/// Less work than the allocators of glibc and musl, as benches/README.md shows.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    process::protect_memory();
    let code = match Cli::try_parse() {
        Ok(cli) => command::run(&cli),
        Err(error) => command::refuse(&error),
    };
    code.into()
}
