//! The commands: each reads from top to bottom as the stages that it runs.

mod build;
mod check;
mod key;

use crate::cli::{Cli, Command};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::project::ProjectError;
use crate::report;

/// Why a command could not do its work.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that the command line names.
pub fn run(cli: &Cli) -> ExitCode {
    let console = Console::new(&cli.global);
    let result = match &cli.command {
        Command::Build(args) => build::run(args, &cli.global, &console),
        Command::Check => check::run(&cli.global, &console),
    };
    result.unwrap_or_else(|failure| {
        explain(&console, failure.as_ref());
        ExitCode::Failure
    })
}

fn explain(console: &Console, failure: &(dyn std::error::Error + 'static)) {
    match failure.downcast_ref::<ProjectError>() {
        Some(ProjectError::Invalid(invalid)) if console.is_json() => {
            let findings = report::json::records(&invalid.findings, invalid.as_ref());
            let object = serde_json::json!({ "findings": findings });
            console.result(&format!("{object:#}\n"));
        }
        Some(ProjectError::Invalid(invalid)) => {
            console.result(&report::human::render(&invalid.findings, invalid.as_ref()));
        }
        _ => {}
    }
    console.error(failure);
}
