//! Whether what was published is what was signed.
//!
//! A folder is held against its manifest, and the manifest and every JSON file against their
//! signatures of both kinds. What is wrong is a finding, with the path inside of the folder.

mod contents;
mod file;
mod signed;

pub(crate) use contents::Contents;
pub(crate) use file::{Verified, VerifyFileError, verify_file};
pub(crate) use signed::{Trust, signatures};

use crate::finding::{Elsewhere, Finding};
use crate::source::Location;

/// An error about a whole published file, given by its path in the folder.
pub(crate) fn finding(rule: Elsewhere, path: &str, message: String, help: &str) -> Finding {
    rule.finding(path, Location::File, message, Some(help.to_owned()))
}
