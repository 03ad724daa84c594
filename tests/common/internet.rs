//! A little internet, in which names lead to a folder of ours; see `tests/suite/internet.sh`.

use std::path::Path;
use std::process::Command;

/// A bash script that is run where a domain is served from a folder; more arguments may follow.
/// Only root can make such a location.
pub fn bash(folder: &Path, domain: &str, records: &str, script: &str) -> Command {
    let suite = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite");
    let mut command = Command::new("unshare");
    command
        .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "bash"])
        .arg(format!("{suite}/internet.sh"))
        .arg(folder)
        .args([domain, records, "bash"])
        .arg(format!("{suite}/{script}"));
    command
}
