//! Why something could not be done: a message, and what to do about it.

use std::fmt;

/// The result of what can fail. Errors that code tells apart have types of their own.
pub(crate) type Result<T, E = anyhow::Error> = std::result::Result<T, E>;

/// An error with a message and ways out. Its text is the message alone; the alternate form (`{:#}`)
/// adds a line for each way out.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What happened.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Vec<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if f.alternate() {
            for help in &self.help {
                write!(f, "\nhelp: {help}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl Failure {
    /// The failure for an error: its message, those of its causes that add to it, and the help of
    /// the first cause that has any.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        let mut message = String::new();
        for cause in error.chain().map(ToString::to_string) {
            if message.is_empty() {
                message = cause;
            } else if !message.contains(&cause) {
                message = format!("{message}: {cause}");
            }
        }
        let mut help = Vec::new();
        for cause in error.chain() {
            if let Some(failure) = cause.downcast_ref::<Self>()
                && !failure.help.is_empty()
            {
                help.clone_from(&failure.help);
                break;
            }
        }
        Self { message, help }
    }
}

/// An error with this message and any number of ways out:
/// `failure!("cannot open {path}"; help: "pass --root")`.
macro_rules! failure {
    ($message:literal $(, $value:expr)* $(,)? $(; help: $help:literal $(, $in_help:expr)*)* $(;)?) => {
        $crate::failure::Failure {
            message: format!($message $(, $value)*),
            help: vec![$(format!($help $(, $in_help)*)),*],
        }
    };
}

/// Returns early with a [`failure!`].
macro_rules! fail {
    ($($failure:tt)*) => { return Err($crate::failure::failure!($($failure)*).into()) };
}

pub(crate) use {fail, failure};

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn a_failure_names_each_cause_once_and_keeps_the_help_of_the_cause() {
        let cause = failure!("no disk {}", 7; help: "free some space"; help: "or use {}", "--out");
        let error = Err::<(), _>(cause).context("cannot build");
        let failure = Failure::of(&error.unwrap_err());
        assert_eq!(
            format!("{failure:#}"),
            "cannot build: no disk 7\nhelp: free some space\nhelp: or use --out"
        );

        let error = Err::<(), _>(failure!("no disk")).context("cannot build: no disk");
        let failure = Failure::of(&error.unwrap_err());
        assert_eq!(failure.message, "cannot build: no disk");
    }
}
