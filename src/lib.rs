//! tfadir: from a folder of JSON files to the public API of a two-factor-authentication directory.
//!
//! Data walks one way, from room to room: [`source`] → [`check`] → [`api`] and [`docs`] →
//! [`openpgp`] → [`publish`]. `docs/architecture.md` is the map.

pub mod announce;
pub mod api;
pub mod artifact;
pub mod bounded;
pub mod check;
pub mod child;
pub mod cli;
pub mod command;
pub mod console;
pub mod docs;
pub mod exit_code;
pub mod finding;
pub mod fix;
pub mod git;
pub mod hosting;
pub mod openpgp;
pub mod project;
pub mod publish;
pub mod report;
pub mod schema;
pub mod serve;
pub mod source;
pub mod verify;
pub mod wording;
