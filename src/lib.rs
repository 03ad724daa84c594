//! tfadir: from a folder of JSON files to the public API of a two-factor-authentication directory.
//!
//! Data flows one way: [`source`] → [`check`] → [`api`] and [`site`] → [`openpgp`] → [`publish`].
//! `docs/architecture.md` describes the modules.

mod address;
pub mod api;
pub mod artifact;
mod build;
pub mod check;
pub mod cli;
pub mod command;
mod diff;
pub mod directory;
mod discovery;
pub mod exit_code;
mod failure;
pub mod finding;
pub mod fix;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
mod git;
mod history;
mod hosting;
mod json_text;
mod limits;
mod lint;
pub mod openpgp;

pub mod process;
mod publish;
pub mod report;
mod schema;
pub mod session;
mod signing;
pub mod site;
pub mod source;
mod staging;
mod state;
mod text;
mod unicode;

mod verify;
