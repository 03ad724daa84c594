//! A simulated internet in which a domain serves a local folder; see `tests/suite/internet.sh`.

use std::path::Path;
use std::process::Command;

/// Runs a bash script in an environment where a domain serves a folder; more arguments may follow.
/// Only root can set up such an environment.
pub fn bash(folder: &Path, domain: &str, records: &str, script: &str) -> Command {
    let suite = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite");
    let mut command = Command::new("unshare");
    command
        .args([
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "bash",
        ])
        .arg(format!("{suite}/internet.sh"))
        .arg(folder)
        .args([domain, records, "bash"])
        .arg(format!("{suite}/{script}"));
    command
}
