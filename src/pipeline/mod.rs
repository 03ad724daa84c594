//! The stages that the commands share, in the order in which they run.

pub(crate) mod assemble;
mod base;
pub(crate) mod built;
pub(crate) mod check;
pub(crate) mod clock;
pub(crate) mod console;
pub(crate) mod filter;
pub(crate) mod fix_loop;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod keys;
pub(crate) mod new;
mod open;
pub(crate) mod preview;
pub(crate) mod publish;
pub(crate) mod rebuild;
pub(crate) mod report;
mod settings;
pub(crate) mod signers;
pub(crate) mod trust;

pub use open::open;
pub(crate) use open::{Session, dist};

pub(crate) use crate::failure::{Failure, Result};
