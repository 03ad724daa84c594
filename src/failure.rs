//! Why something could not be done, for errors that no code tells apart.

/// An error whose text says what happened and, after `help:`, the way out.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Returns early with an error that has this text.
macro_rules! fail {
    ($($text:tt)*) => { return Err(format!($($text)*).into()) };
}

pub(crate) use fail;
