//! `tfadir explain`.

use crate::check::RULES;
use crate::cli::ExplainArgs;
use crate::exit_code::ExitCode;
use crate::report::rules;
use crate::session::console::Console;

/// Prints the documentation of a rule.
pub(super) fn run(args: &ExplainArgs, console: &Console) -> ExitCode {
    for rule in RULES.iter().filter(|rule| rule.id == args.rule) {
        console.result(&rules::page(rule));
    }
    ExitCode::Success
}
