//! What tfadir does from its users' point of view: every test runs the program.

#![allow(
    clippy::unwrap_used,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::panic,
    clippy::print_stderr,
    clippy::needless_raw_string_hashes,
    reason = "a test that fails panics, and says why; snapbox writes the hashes"
)]
#![cfg_attr(
    not(target_os = "linux"),
    allow(unused_imports, reason = "tests that run only on Linux need them")
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/consumer.rs"]
mod consumer;
#[path = "../common/git.rs"]
mod git;
#[path = "../common/gpg.rs"]
mod gpg;
#[path = "../common/history.rs"]
mod history;
#[path = "../common/http.rs"]
mod http;
#[path = "../common/internet.rs"]
mod internet;
#[path = "../common/keys.rs"]
mod keys;
#[path = "../common/published.rs"]
mod published;
#[path = "../../src/fuzz/random.rs"]
mod random;
#[path = "../common/server.rs"]
mod server;

#[cfg(unix)]
mod action;
#[cfg(unix)]
mod armed;
mod bad_input;
mod browser;
mod build;
mod changed_since;
mod check;
mod cli;
mod consumers;
mod contributing_errors;
#[cfg(unix)]
mod deploying;
mod diff;
mod diff_commits;
mod diff_properties;
mod directory;
mod discovery;
mod examples;
mod failures;
mod feed;
mod fix;
mod formats;
mod gpg_signer;
mod hostile;
mod init;
mod interop;
mod key;
mod key_extend;
mod key_files;
mod kills;
#[cfg(unix)]
mod large;
mod layers;
mod links;
mod locate;
mod manifest;
mod new;
mod openapi;
mod properties;
mod publish;
mod read_only;
#[cfg(unix)]
mod rebuild;
mod release;
#[cfg(unix)]
mod releasing;
mod report_work;
mod rules;
mod runner_commands;
mod samples;
#[cfg(target_os = "linux")]
mod secrets;
mod serve;
mod signatures;
mod site;
#[cfg(target_os = "linux")]
mod swapped;
mod threat_model;
mod typical_mistakes;
mod upstream_checks;
mod verify;
mod verify_page;
mod version_6;
mod wrong_values;
