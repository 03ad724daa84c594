//! A build: read, check, emit and complete, then list, sign and publish.

pub(crate) mod assemble;
pub(crate) mod built;
mod checkout;
pub(crate) mod history;
pub(crate) mod publish;
pub(crate) mod rebuild;
