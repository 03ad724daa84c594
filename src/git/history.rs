//! The commits of a branch, and what each of them changed.

use std::path::{Path, PathBuf};

use super::blobs::Blob;
use super::commit::Commit;
use super::error::ChangesError;
use super::paths::path;
use super::run::{Git, records};

/// A commit on the first-parent path from a branch to its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HistoryStep {
    pub(crate) commit: Commit,
    /// The id of the first parent; `None` for a root commit and where a shallow clone ends.
    pub(crate) parent: Option<String>,
}

impl HistoryStep {
    /// Reads `<seconds> <id> <parents>`.
    fn of_line(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let seconds = words.next()?.parse().ok()?;
        let id = words.next()?.to_owned();
        Some(Self {
            commit: Commit { id, seconds },
            parent: words.next().map(str::to_owned),
        })
    }
}

/// Up to `max` commits, from `start` on, each followed by its first parent.
pub(crate) fn steps(
    folder: &Path,
    start: &str,
    max: usize,
) -> Result<Vec<HistoryStep>, ChangesError> {
    let max = format!("--max-count={max}");
    let list = ["rev-list", "--first-parent", "--parents", "--timestamp"];
    let output = Git::at(folder).answer(list.into_iter().chain([&*max, start, "--"]))?;
    let text = String::from_utf8_lossy(&output);
    match text
        .lines()
        .map(HistoryStep::of_line)
        .collect::<Option<Vec<_>>>()
    {
        Some(steps) if !steps.is_empty() => Ok(steps),
        _ => Err(ChangesError::git(&format!(
            "cannot list the commits before {start}"
        ))),
    }
}

/// When the newest commit on the first-parent path from `start` was made that changed a file below a path, in
/// seconds since 1970. `None` if the clone does not have it: where a shallow clone ends, every file seems new.
pub(crate) fn newest_change(
    folder: &Path,
    start: &str,
    path_below: &str,
) -> Result<Option<u64>, ChangesError> {
    let list = ["rev-list", "--first-parent", "--max-count=1"];
    let format = "--format=%ct %P";
    let args = list.into_iter().chain([format, start, "--", path_below]);
    let output = Git::at(folder).answer(args)?;
    let text = String::from_utf8_lossy(&output);
    let mut lines = text.lines();
    let (Some(heading), Some(facts)) = (lines.next(), lines.next()) else {
        return Ok(None);
    };
    let commit = heading.trim_start_matches("commit ");
    let (seconds, parents) = facts.split_once(' ').unwrap_or((facts, ""));
    if parents.is_empty() && is_cut(folder, commit)? {
        return Ok(None);
    }
    Ok(seconds.parse().ok())
}

/// Whether a commit without known parents does have some, so that history was cut there.
pub(crate) fn is_cut(folder: &Path, commit: &str) -> Result<bool, ChangesError> {
    let answer = Git::at(folder).ask_with(["cat-file", "--batch"], commit.as_bytes())?;
    let text = String::from_utf8_lossy(&answer.stdout);
    Ok(text
        .lines()
        .take_while(|line| !line.is_empty())
        .any(|line| line.starts_with("parent ")))
}

/// A file before and after a commit; `None` where it does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileChange {
    pub(crate) path: PathBuf,
    pub(crate) was: Option<Blob>,
    pub(crate) is: Option<Blob>,
}

/// The files below a path, relative to `folder`, that differ between each pair of commits: the later
/// one, and the earlier one or nothing. Without rename detection.
pub(crate) fn file_changes(
    folder: &Path,
    pairs: &[(&str, Option<&str>)],
    path_below: &str,
) -> Result<Vec<Vec<FileChange>>, ChangesError> {
    let diff = ["diff-tree", "--stdin", "--root", "-r", "--raw", "-z"];
    let options = ["--no-renames", "--no-ext-diff", "--no-abbrev", "--relative"];
    let args = diff.into_iter().chain(options).chain(["--", path_below]);
    let mut input = String::new();
    for (is, was) in pairs {
        input.push_str(is);
        if let Some(was) = was {
            input.push(' ');
            input.push_str(was);
        }
        input.push('\n');
    }
    let output = Git::at(folder).answer_to(args, input.as_bytes())?;
    let unexpected = || ChangesError::git("unexpected output of diff-tree");
    parse_changes(&output, pairs).ok_or_else(unexpected)
}

/// For each commit with differences, the output has its id, then for each file `:modes ids status`
/// and the path, each followed by a null byte.
fn parse_changes(output: &[u8], pairs: &[(&str, Option<&str>)]) -> Option<Vec<Vec<FileChange>>> {
    let mut fields = records(output);
    let mut changes = vec![Vec::new(); pairs.len()];
    let mut at = 0;
    while let Some(field) = fields.next() {
        let text = std::str::from_utf8(field).ok()?;
        let Some(facts) = text.strip_prefix(':') else {
            at += pairs.get(at..)?.iter().position(|(is, _)| *is == text)?;
            continue;
        };
        let path = path(fields.next()?);
        let parts: Vec<&str> = facts.split(' ').collect();
        let [old_mode, new_mode, old_id, new_id, _] = parts[..] else {
            return None;
        };
        let was = side(&path, old_mode, old_id);
        let is = side(&path, new_mode, new_id);
        changes[at].push(FileChange { path, was, is });
    }
    Some(changes)
}

/// One side of a change; `None` for no file and for a submodule.
fn side(path: &Path, mode: &str, id: &str) -> Option<Blob> {
    let is_file = mode.starts_with("10") || mode.starts_with("12");
    is_file.then(|| Blob {
        path: path.to_owned(),
        mode: mode.to_owned(),
        id: id.to_owned(),
    })
}
