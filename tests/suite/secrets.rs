//! What other processes of the same user can read.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::process::Stdio;

use crate::common::Directory;

/// The system gives the files of a process in `/proc` to root if no other process may read its memory
/// and its environment, where the key can be.
#[test]
fn no_other_process_reads_the_environment_of_a_command_without_a_key() {
    let directory = Directory::new();
    let own = fs::metadata("/proc/self").unwrap().uid();
    let mut command = directory.unprivileged(directory.copied_program());
    command
        .args(["build", "--unsigned"])
        .env("PGP_KEY", "secret")
        .stderr(Stdio::piped());
    // The run waits for this lock before it writes anything.
    let lock = File::open(directory.path()).unwrap();
    lock.lock().unwrap();
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let is_waiting = lines.any(|line| line.unwrap().contains("Waiting"));
    let environment = format!("/proc/{}/environ", child.id());
    let owner = fs::metadata(environment).unwrap().uid();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(is_waiting);
    let user = if own == 0 { 65_534 } else { own };
    assert_ne!(owner, user);
}
