//! What tfadir does, as its users see it: every test runs the program.

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/gpg.rs"]
mod gpg;

mod bad_input;
mod build;
mod cli;
mod key;
mod project;
mod publish;
mod rules;
mod signatures;
