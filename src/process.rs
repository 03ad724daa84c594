//! Other programs that tfadir runs, without its secrets in their environment.

use std::io;
use std::process::{Command, Stdio};
use std::thread;

/// The environment variables that hold secrets.
const SECRETS: [&str; 2] = ["PGP_KEY", "PGP_PASSWORD"];

/// A program to be run, found by its name; it inherits everything of the environment but secrets.
pub(crate) fn command(program: &str) -> Command {
    without_secrets(Command::new(program))
}

fn without_secrets(mut command: Command) -> Command {
    for name in SECRETS {
        command.env_remove(name);
    }
    command
}

/// Shows an address in the browser, by the first program that can be started. It has a process
/// group of its own where the system has such, so that Ctrl-C does not reach it.
///
/// # Errors
///
/// Where none can be started; what the operating system said of the last one.
pub(crate) fn open(address: &str) -> io::Result<()> {
    let mut last = io::ErrorKind::NotFound.into();
    for command in open::commands(address) {
        let mut command = without_secrets(command);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        match command.spawn() {
            Ok(mut child) => {
                // It may run for as long as the browser does; somebody has to wait for its end.
                thread::spawn(move || child.wait());
                return Ok(());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
