//! `tfadir settings`.

use crate::cli::Global;
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::session::console::Console;
use crate::session::open;

/// Prints the settings, with the defaults of those that are left out, as one JSON object.
pub(super) fn run(global: &Global, console: &Console) -> Result<ExitCode> {
    let directory = open(global.root.as_deref())?;
    let settings = serde_json::to_string_pretty(&directory.settings)?;
    console.json(&format!("{settings}\n"));
    Ok(ExitCode::Success)
}
