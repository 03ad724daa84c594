//! The commands: each reads from top to bottom as the stages that it runs.

mod build;
mod check;
mod key;

use serde_json::{Value, json};

use crate::cli::{Cli, Command};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::finding::Finding;
use crate::project::ProjectError;
use crate::report::{self, Texts};

/// Why a command could not do its work.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Runs the command that the command line names.
pub fn run(cli: &Cli) -> ExitCode {
    let console = Console::new(&cli.global);
    let result = match &cli.command {
        Command::Build(args) => build::run(args, &cli.global, &console),
        Command::Check(args) => check::run(args, &cli.global, &console),
    };
    let code = result.unwrap_or_else(|failure| {
        explain(&console, failure.as_ref());
        ExitCode::Failure
    });
    if console.is_lost() { ExitCode::Failure } else { code }
}

/// Shows findings to people; for programs, gives them back to be part of the command's object.
fn report(console: &Console, findings: &[Finding], texts: &dyn Texts) -> Value {
    if console.is_json() {
        return report::json::records(findings, texts);
    }
    console.result(&report::human::render(findings, texts));
    Value::Null
}

/// Says why a command could not do its work.
fn explain(console: &Console, failure: &(dyn std::error::Error + 'static)) {
    let findings = match failure.downcast_ref() {
        Some(ProjectError::Invalid(invalid)) => {
            report(console, &invalid.findings, invalid.as_ref())
        }
        _ => Value::Array(Vec::new()),
    };
    console.structured(&json!({ "error": failure.to_string(), "findings": findings }));
    console.error(failure);
}
