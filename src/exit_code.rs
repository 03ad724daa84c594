//! How a run ends, for the shell.

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// 0: all is well.
    Success,
    /// 1: there are findings that must be fixed.
    Findings,
    /// 2: the tool could not do its work.
    Failure,
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(match code {
            ExitCode::Success => 0,
            ExitCode::Findings => 1,
            ExitCode::Failure => 2,
        })
    }
}
