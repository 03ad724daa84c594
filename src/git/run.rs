//! The only place that runs git. The repository may be hostile: nothing in its files and settings runs a
//! program, and nothing is fetched.

use std::env;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Output;

use super::error::ChangesError;
use super::planted::{self, Repository};
use crate::process;

/// Settings that keep git from running other programs, from printing more than requested, and from
/// reading commits from elsewhere.
const SETTINGS: [&str; 6] = [
    // A copy of commit data that git does not compare with the commits.
    "core.commitGraph=false",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "log.showSignature=false",
    "advice.graftFileDeprecated=false",
    "color.ui=false",
];

/// Variables that git reads.
const VARIABLES: [(&str, &str); 6] = [
    // No transport: all objects must be here.
    ("GIT_ALLOW_PROTOCOL", "none"),
    ("GIT_NO_LAZY_FETCH", "1"),
    // The same commit has the same history on every machine.
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    // git should not write anything.
    ("GIT_OPTIONAL_LOCKS", "0"),
    // Some messages are compared.
    ("LC_ALL", "C"),
];

/// How the names of the variables begin that git may inherit: where its programs and the user's
/// settings are, and how far it looks for a repository. The others could name another repository, as
/// they do in hooks, or run programs.
const INHERITED: [&str; 5] = [
    "GIT_CONFIG_",
    "GIT_EXEC_PATH",
    "GIT_CEILING_DIRECTORIES",
    "GIT_DISCOVERY_ACROSS_FILESYSTEM",
    // Only makes git stricter: with it, every repository seems to belong to another user.
    "GIT_TEST_ASSUME_DIFFERENT_OWNER",
];

/// An empty variable, which [`Git::without_filters`] uses as a value.
const NOTHING: &str = "TFADIR_NOTHING";

/// git in a folder.
pub(super) struct Git<'f> {
    folder: &'f Path,
    /// More options before the command.
    options: Vec<String>,
}

impl<'f> Git<'f> {
    pub(super) fn at(folder: &'f Path) -> Self {
        Self {
            folder,
            options: Vec::new(),
        }
    }

    /// git that runs no filter when it compares files with commits, such as that of Git LFS.
    pub(super) fn without_filters(folder: &'f Path) -> Result<Self, ChangesError> {
        let mut git = Self::at(folder);
        let list = [
            "config",
            "--null",
            "--name-only",
            "--get-regexp",
            r"^filter\.",
        ];
        let names = git.ask(list)?.stdout;
        for name in String::from_utf8_lossy(&names).split_terminator('\0') {
            git.options.push(format!("--config-env={name}={NOTHING}"));
        }
        Ok(git)
    }

    /// What git answers, whether or not it succeeds.
    pub(super) fn ask<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Output, ChangesError> {
        self.ask_with(args, b"")
    }

    /// The same with some input.
    pub(super) fn ask_with<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Result<Output, ChangesError> {
        let repository = planted::refuse(self.folder)?;
        let bare = match repository {
            Repository::Bare => "safe.bareRepository=all",
            _ => "safe.bareRepository=explicit",
        };
        let mut command = process::command("git");
        command.arg("--no-pager").arg("-C").arg(self.folder);
        for setting in [bare].into_iter().chain(SETTINGS) {
            command.args(["-c", setting]);
        }
        command.args(&self.options).args(args);
        for (name, _) in env::vars_os() {
            if is_refused(&name) {
                command.env_remove(name);
            }
        }
        command.envs(VARIABLES).env(NOTHING, "");
        // Settings could redirect the working tree, and paths in commits are relative to it.
        if let Repository::DotGit(top) = repository {
            command.env("GIT_WORK_TREE", top);
        }
        process::output(command, input).map_err(|error| ChangesError::no_git(&error))
    }

    /// What git prints if it succeeds.
    pub(super) fn answer<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Vec<u8>, ChangesError> {
        self.answer_to(args, b"")
    }

    /// The same with some input.
    pub(super) fn answer_to<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Result<Vec<u8>, ChangesError> {
        let output = self.ask_with(args, input)?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(self.failure(&message(&output)))
        }
    }

    /// Whether an object is here.
    pub(super) fn has(&self, id: &str) -> Result<bool, ChangesError> {
        let output = self.ask(["cat-file", "-e", id])?;
        Ok(output.status.success())
    }

    /// The error for a command that failed with a message.
    pub(super) fn failure(&self, message: &str) -> ChangesError {
        if self.is_partial() {
            ChangesError::partial(message)
        } else {
            ChangesError::git(message)
        }
    }

    /// The error for an object that cannot be read.
    pub(super) fn unreadable(&self, id: &str) -> ChangesError {
        if self.is_partial() {
            ChangesError::partial(id)
        } else {
            ChangesError::unreadable(id)
        }
    }

    /// Whether git would fetch missing objects when they are needed.
    fn is_partial(&self) -> bool {
        let promised = r"^(extensions\.partialclone|remote\..*\.promisor)$";
        self.ask(["config", "--get-regexp", promised])
            .is_ok_and(|output| output.status.success())
    }
}

/// Whether a variable of the environment could lead git elsewhere.
fn is_refused(name: &OsStr) -> bool {
    let text = name.to_string_lossy();
    text.starts_with("GIT_") && !INHERITED.iter().any(|start| text.starts_with(start))
}

/// Words, each on a line, as input.
pub(super) fn lines(words: &[&str]) -> Vec<u8> {
    let mut lines = Vec::new();
    for word in words {
        lines.extend_from_slice(word.as_bytes());
        lines.push(b'\n');
    }
    lines
}

/// The first line of git's output, if it succeeded.
pub(super) fn line(output: &Output) -> Option<String> {
    if !output.status.success() {
        return None;
    }
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().next().map(str::to_owned)
}

/// What git says about a failure.
pub(super) fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr)
        .trim()
        .replace('\t', "    ")
}

/// The parts of git's output that null bytes end.
pub(super) fn records(output: &[u8]) -> impl Iterator<Item = &[u8]> {
    output
        .split(|byte| *byte == 0)
        .filter(|record| !record.is_empty())
}
