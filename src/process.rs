//! Other programs, which tfadir runs without its secrets in their environment.

use std::io::{self, Write};
use std::process::{Command, Output, Stdio};
use std::thread;

/// The environment variables that hold secrets.
const SECRETS: [&str; 2] = ["PGP_KEY", "PGP_PASSWORD"];

/// A program, found by name. It inherits the environment except secrets.
pub(crate) fn command(program: &str) -> Command {
    without_secrets(Command::new(program))
}

/// Runs a program with some input.
pub(crate) fn output(mut command: Command, input: &[u8]) -> io::Result<Output> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    thread::scope(|scope| {
        // A program that ends early reports why with its exit code.
        scope.spawn(|| stdin.map(|mut stdin| stdin.write_all(input)));
        child.wait_with_output()
    })
}

fn without_secrets(mut command: Command) -> Command {
    for name in SECRETS {
        command.env_remove(name);
    }
    command
}

/// Keeps this process's memory from core dumps, debuggers and other processes of the same user, where
/// the system can do that. Called before a secret key is read.
pub(crate) fn protect_memory() {
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Signing works without.
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// Opens a URL with the first browser that starts. On Unix it has its own process group, so
/// that Ctrl-C does not reach it. The error is from the last browser tried.
pub(crate) fn open(address: &str) -> io::Result<()> {
    let mut last = io::ErrorKind::NotFound.into();
    for command in open::commands(address) {
        let mut command = without_secrets(command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        match command.spawn() {
            Ok(mut child) => {
                // Wait for it in the background, or it stays a zombie.
                thread::spawn(move || child.wait());
                return Ok(());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
