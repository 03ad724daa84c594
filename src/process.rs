//! Threads, and other programs, which tfadir runs without its secrets in their environment. The system
//! can refuse to start either.

use std::env;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::process::{Command, Output, Stdio};
use std::thread::{self, JoinHandle};

use rayon::ThreadPoolBuilder;

use crate::failure::{Failure, Result, failure};

/// More threads make nothing faster.
const MAX_THREADS: usize = 256;

/// The environment variables that hold secrets.
const SECRETS: [&str; 2] = ["PGP_KEY", "PGP_PASSWORD"];

/// A program, found by name. It inherits the environment except secrets.
pub(crate) fn command(program: &str) -> Command {
    without_secrets(Command::new(program))
}

/// An environment variable that is not empty. CI systems set a secret that does not exist to an
/// empty string.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Runs a program with some input.
pub(crate) fn output(mut command: Command, input: &[u8]) -> io::Result<Output> {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let stdin = child.stdin.take();
    thread::scope(|scope| {
        // A program that ends early reports why with its exit code.
        let write = || stdin.map(|mut stdin| stdin.write_all(input));
        let writing = thread::Builder::new().spawn_scoped(scope, write);
        // Without its input, it ends too.
        let output = child.wait_with_output();
        writing.and(output)
    })
}

/// Starts the threads that share the work. Fewer than `RAYON_NUM_THREADS` demands if that is absurd:
/// the system would run out of threads or take minutes to start them.
pub(crate) fn start_threads() -> Result<()> {
    let wanted = env::var("RAYON_NUM_THREADS")
        .ok()
        .and_then(|number| number.parse::<usize>().ok());
    let threads = wanted.unwrap_or_default().min(MAX_THREADS);
    match ThreadPoolBuilder::new().num_threads(threads).build_global() {
        // Without a cause, the threads exist already.
        Err(error) if error.source().is_some() => Err(no_thread(&error).into()),
        _ => Ok(()),
    }
}

/// Starts a thread for work that takes long.
pub(crate) fn thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>> {
    thread::Builder::new()
        .spawn(work)
        .map_err(|error| no_thread(&error).into())
}

fn no_thread(error: &dyn Error) -> Failure {
    failure!("cannot start a thread: {error}"; help: "allow more processes or more memory")
}

fn without_secrets(mut command: Command) -> Command {
    for name in SECRETS {
        command.env_remove(name);
    }
    command
}

/// Keeps the memory and the environment of this process from core dumps, debuggers and other processes
/// of the same user, where the system can do that. `main` calls it first: the environment may contain
/// a key from the start.
pub fn protect_memory() {
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
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        match command.spawn() {
            Ok(mut child) => {
                // Wait for it in the background, or it stays a zombie.
                let _ = thread::Builder::new().spawn(move || child.wait());
                return Ok(());
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
