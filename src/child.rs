//! Other programs that tfadir runs, without its secrets in their environment.

use std::process::Command;

/// The environment variables that hold secrets.
const SECRETS: [&str; 2] = ["PGP_KEY", "PGP_PASSWORD"];

/// A program to be run, found by its name; it inherits everything of the environment but secrets.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    without_secrets(&mut command);
    command
}

/// Takes what holds a secret out of the environment that a program is to get.
pub fn without_secrets(command: &mut Command) {
    for name in SECRETS {
        command.env_remove(name);
    }
}
