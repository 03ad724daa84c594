//! What tfadir does, as its users see it: every test runs the program.

#![allow(
    clippy::unwrap_used,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and says why"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/gpg.rs"]
mod gpg;

mod bad_input;
mod build;
mod changes;
mod check;
mod cli;
mod contributing_errors;
mod fix;
mod formats;
mod key;
mod present_checks;
mod project;
mod properties;
mod publish;
mod rules;
mod signatures;
mod site;
