//! Queries to git: what a branch changed, which commit is checked out, and the commits before it.

use std::collections::HashSet;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::failure::{Failure, failure};
use crate::limits::MAX_SECONDS;
use crate::process;

/// The files below a folder that differ from a commit: changed, added, renamed (under both names),
/// deleted, and those that git does not track yet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Changes(HashSet<PathBuf>);

/// git cannot tell what it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("{failure}")]
pub(crate) struct ChangesError {
    cause: Cause,
    #[source]
    failure: Failure,
}

/// What callers tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cause {
    /// The repository or the commit does not exist, or the system has no git.
    Absence,
    /// The system could not start git: too few file handles or processes, or too little memory.
    Exhaustion,
    Other,
}

impl ChangesError {
    fn new(cause: Cause, failure: Failure) -> Self {
        Self { cause, failure }
    }

    fn no_git(error: &io::Error) -> Self {
        let failure = failure!("cannot run git: {error}");
        match error.kind() {
            io::ErrorKind::NotFound => {
                Self::new(Cause::Absence, failure!("{failure}"; help: "install git"))
            }
            io::ErrorKind::PermissionDenied => Self::new(Cause::Other, failure),
            _ => Self::new(Cause::Exhaustion, failure),
        }
    }

    /// The folder is not in a repository, or git refuses to read it.
    fn no_repository(folder: &Path, message: &str) -> Self {
        let cause = if message.contains("not a git repository (or any") {
            Cause::Absence
        } else {
            Cause::Other
        };
        let failure = failure!("git does not know `{}`: {message}", folder.display());
        Self::new(cause, failure)
    }

    fn no_such_ref(reference: &str) -> Self {
        let failure = failure!(
            "git knows no branch or commit `{reference}`";
            help: "name one that `git branch --all` lists, such as `origin/main`; in a shallow \
                   clone, fetch it first (`HEAD^1` with `fetch-depth: 2` for actions/checkout)"
        );
        Self::new(Cause::Absence, failure)
    }

    /// An object of the commit is missing or damaged.
    fn unreadable(id: &str) -> Self {
        let failure = failure!(
            "git cannot read the object {id}";
            help: "this clone is incomplete or damaged; clone the repository again, with its \
                   history"
        );
        Self::new(Cause::Other, failure)
    }

    fn bad_time(commit: &str) -> Self {
        let failure = failure!(
            "the time of the commit {commit} is not between 1970 and the year 9999";
            help: "correct it: `git commit --amend --no-edit` commits with the current time"
        );
        Self::new(Cause::Other, failure)
    }

    fn git(message: &str) -> Self {
        Self::new(Cause::Other, failure!("git failed: {message}"))
    }

    /// Whether git says that what it was asked for does not exist: the repository or the commit. So
    /// does a system without git.
    pub(crate) fn is_absence(&self) -> bool {
        self.cause == Cause::Absence
    }

    /// Whether the system could not start git, because it has too few file handles, processes or too
    /// little memory left.
    pub(crate) fn is_exhaustion(&self) -> bool {
        self.cause == Cause::Exhaustion
    }
}

impl Changes {
    /// The differences below `folder` between the working tree and a commit.
    ///
    /// # Errors
    ///
    /// [`ChangesError`] if git cannot tell.
    pub(crate) fn since(folder: &Path, commit: &str) -> Result<Self, ChangesError> {
        let git = Git { folder };
        let mut changes = Self::default();
        // Without rename detection, a rename is a deletion and an addition: both paths count.
        let differ = [
            "diff",
            "--name-only",
            "--no-renames",
            "--relative",
            "-z",
            commit,
            "--",
            ".",
        ];
        changes.extend(&git.ask(differ)?)?;
        let untracked = [
            "ls-files",
            "--others",
            "--exclude-standard",
            "-z",
            "--",
            ".",
        ];
        changes.extend(&git.ask(untracked)?)?;
        Ok(changes)
    }

    /// Adds the files at these paths that git ignores.
    pub(crate) fn with_ignored(
        mut self,
        folder: &Path,
        paths: &[&str],
    ) -> Result<Self, ChangesError> {
        let ignored = [
            "ls-files",
            "--others",
            "--ignored",
            "--exclude-standard",
            "-z",
            "--",
        ];
        self.extend(&Git { folder }.ask(ignored.iter().chain(paths))?)?;
        Ok(self)
    }

    /// Whether a file, given relative to the folder, has changed.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.0.contains(path)
    }

    /// The files, relative to the folder, in no particular order.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(PathBuf::as_path)
    }

    /// Adds a file, given relative to the folder.
    pub(crate) fn insert(&mut self, path: PathBuf) {
        self.0.insert(path);
    }

    fn extend(&mut self, output: &Output) -> Result<(), ChangesError> {
        if !output.status.success() {
            return Err(ChangesError::git(&message(output)));
        }
        let paths = output
            .stdout
            .split(|byte| *byte == 0)
            .filter(|path| !path.is_empty());
        self.0.extend(paths.map(path));
        Ok(())
    }
}

/// The commit that is checked out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    /// In lower-case hexadecimal digits.
    pub(crate) id: String,
    /// The committer's time, in seconds since 1970.
    pub(crate) seconds: u64,
}

impl Commit {
    /// The commit of the repository that contains a folder. `None` if there is no repository or no
    /// commit yet.
    pub(crate) fn of(folder: &Path) -> Result<Option<Self>, ChangesError> {
        let git = Git { folder };
        // A plumbing command: settings do not change its output, not even for signed commits.
        let answer = match git.ask_with(["cat-file", "--batch"], b"HEAD^{commit}\n") {
            // Nobody needs git for a folder outside a repository.
            Err(_) if !folder.ancestors().any(|it| it.join(".git").exists()) => return Ok(None),
            answer => answer?,
        };
        let text = String::from_utf8_lossy(&answer.stdout);
        let mut lines = text.lines();
        let Some((id, _)) = lines.next().and_then(|line| line.split_once(" commit ")) else {
            return match commit_id(folder, "HEAD") {
                Err(error) if error.is_absence() => {
                    let named = git.ask(["rev-parse", "--verify", "--quiet", "HEAD"])?;
                    line(&named).map_or(Ok(None), |id| Err(ChangesError::unreadable(&id)))
                }
                Err(error) => Err(error),
                Ok(_) => Err(ChangesError::git(&message(&answer))),
            };
        };
        let mut header = lines.take_while(|line| !line.is_empty());
        let committer = header.find_map(|line| line.strip_prefix("committer "));
        let seconds = committer.and_then(|it| it.rsplit(' ').nth(1)?.parse().ok());
        let seconds = seconds.filter(|seconds| *seconds <= MAX_SECONDS);
        let seconds = seconds.ok_or_else(|| ChangesError::bad_time(id))?;
        Ok(Some(Self {
            id: id.to_owned(),
            seconds,
        }))
    }
}

/// A file of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Blob {
    /// The path, relative to the queried folder.
    pub(crate) path: PathBuf,
    /// As git writes it: `100644`, `100755`, or `120000` for a symbolic link.
    pub(crate) mode: String,
    /// The id of the content, in hexadecimal digits.
    pub(crate) id: String,
}

/// The id of the commit that a branch, a tag or another name refers to.
pub(crate) fn commit_id(folder: &Path, reference: &str) -> Result<String, ChangesError> {
    let git = Git { folder };
    let repository = git.ask(["rev-parse", "--git-dir"])?;
    if !repository.status.success() {
        return Err(ChangesError::no_repository(folder, &message(&repository)));
    }
    let commit = format!("{reference}^{{commit}}");
    let known = git.ask([
        "rev-parse",
        "--verify",
        "--quiet",
        "--end-of-options",
        &commit,
    ])?;
    line(&known).ok_or_else(|| match known.status.code() {
        Some(1) => ChangesError::no_such_ref(reference),
        _ => ChangesError::git(&message(&known)),
    })
}

/// The last commit that `HEAD` has in common with `reference`, or `reference` itself if git does not
/// know such a commit, as in a shallow clone.
pub(crate) fn fork_point(folder: &Path, reference: &str) -> Result<String, ChangesError> {
    let commit = commit_id(folder, reference)?;
    Ok(line(&Git { folder }.ask(["merge-base", &commit, "HEAD"])?).unwrap_or(commit))
}

/// The files of a commit at these paths, both relative to a folder, in git's order.
pub(crate) fn blobs(
    folder: &Path,
    commit: &str,
    paths: &[&str],
) -> Result<Vec<Blob>, ChangesError> {
    let args = ["ls-tree", "-r", "-z", commit, "--"];
    let output = Git { folder }.ask(args.iter().chain(paths))?;
    if !output.status.success() {
        return Err(ChangesError::git(&message(&output)));
    }
    let blob = |record: &[u8]| {
        let tab = record.iter().position(|byte| *byte == b'\t')?;
        let mut facts = std::str::from_utf8(&record[..tab]).ok()?.split(' ');
        let (mode, kind, id) = (facts.next()?, facts.next()?, facts.next()?);
        let path = path(&record[tab + 1..]);
        (kind == "blob").then(|| Blob {
            path,
            mode: mode.to_owned(),
            id: id.to_owned(),
        })
    };
    Ok(output
        .stdout
        .split(|byte| *byte == 0)
        .filter_map(blob)
        .collect())
}

/// A commit on the first-parent path from a branch to its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) commit: Commit,
    /// The id of the first parent; `None` for a root commit and where a shallow clone ends.
    pub(crate) parent: Option<String>,
}

/// Up to `max` commits, from `start` on, each followed by its first parent.
pub(crate) fn steps(folder: &Path, start: &str, max: usize) -> Result<Vec<Step>, ChangesError> {
    let max = format!("--max-count={max}");
    let args = [
        "rev-list",
        "--first-parent",
        "--parents",
        "--timestamp",
        &max,
        start,
        "--",
    ];
    let output = Git { folder }.ask(args)?;
    if !output.status.success() {
        return Err(ChangesError::git(&message(&output)));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let steps = text.lines().map(|line| {
        let mut words = line.split(' ');
        let (seconds, id) = (words.next()?.parse().ok()?, words.next()?.to_owned());
        let parent = words.next().map(str::to_owned);
        Some(Step {
            commit: Commit { id, seconds },
            parent,
        })
    });
    let steps = steps
        .collect::<Option<Vec<_>>>()
        .filter(|steps| !steps.is_empty());
    steps.ok_or_else(|| ChangesError::git(&format!("cannot list the commits before {start}")))
}

/// Whether a commit without known parents does have some, so that history was cut there.
pub(crate) fn is_cut(folder: &Path, commit: &str) -> Result<bool, ChangesError> {
    let answer = Git { folder }.ask_with(["cat-file", "--batch"], commit.as_bytes())?;
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
    let options = [
        "diff-tree",
        "--stdin",
        "--root",
        "-r",
        "--raw",
        "-z",
        "--no-renames",
    ];
    let paths = ["--no-abbrev", "--relative", "--", path_below];
    let args = options.iter().chain(&paths);
    let line = |(is, was): &(&str, Option<&str>)| match was {
        Some(was) => format!("{is} {was}\n"),
        None => format!("{is}\n"),
    };
    let input: String = pairs.iter().map(line).collect();
    let output = Git { folder }.ask_with(args, input.as_bytes())?;
    if !output.status.success() {
        return Err(ChangesError::git(&message(&output)));
    }
    let unexpected = || ChangesError::git("unexpected output of diff-tree");
    parse_changes(&output.stdout, pairs).ok_or_else(unexpected)
}

/// For each commit with differences, the output has its id, then for each file `:modes ids status`
/// and the path, each followed by a null byte.
fn parse_changes(output: &[u8], pairs: &[(&str, Option<&str>)]) -> Option<Vec<Vec<FileChange>>> {
    let mut fields = output
        .split(|byte| *byte == 0)
        .filter(|field| !field.is_empty());
    let mut changes = vec![Vec::new(); pairs.len()];
    let mut at = 0;
    while let Some(field) = fields.next() {
        let text = std::str::from_utf8(field).ok()?;
        let Some(facts) = text.strip_prefix(':') else {
            at += pairs.get(at..)?.iter().position(|(is, _)| *is == text)?;
            continue;
        };
        let path = path(fields.next()?);
        let mut facts = facts.split(' ');
        let [was, is] = [facts.next()?, facts.next()?].map(|mode| {
            let id = facts.next()?.to_owned();
            let is_file = mode.starts_with("10") || mode.starts_with("12");
            is_file.then(|| Blob {
                path: path.clone(),
                mode: mode.to_owned(),
                id,
            })
        });
        changes[at].push(FileChange { path, was, is });
    }
    Some(changes)
}

/// The contents of blobs, in their order. Those with more than `max` bytes are not read: `None`.
pub(crate) fn contents(
    folder: &Path,
    blobs: &[&Blob],
    max: u64,
) -> Result<Vec<Option<Vec<u8>>>, ChangesError> {
    let git = Git { folder };
    let ids: Vec<&str> = blobs.iter().map(|blob| blob.id.as_str()).collect();
    let sizes = git.ask_with(["cat-file", "--batch-check=%(objectsize)"], &lines(&ids))?;
    let sizes = String::from_utf8_lossy(&sizes.stdout);
    let mut sizes = sizes.lines().map(|size| size.parse::<u64>().ok());
    let is_small = ids.iter().map(|id| match sizes.next().flatten() {
        Some(size) => Ok(size <= max),
        None => Err(ChangesError::unreadable(id)),
    });
    let is_small = is_small.collect::<Result<Vec<bool>, _>>()?;
    let small = ids.iter().zip(&is_small).filter(|(_, is_small)| **is_small);
    let small: Vec<&str> = small.map(|(id, _)| *id).collect();
    let output = git.ask_with(["cat-file", "--batch"], &lines(&small))?;
    let mut rest = output.stdout.as_slice();
    // Each is a line `<id> blob <size>`, the bytes, and a line feed.
    let mut next = || {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let header = std::str::from_utf8(&rest[..end]).ok()?;
        let size: usize = header.rsplit(' ').next()?.parse().ok()?;
        let content = rest.get(end + 1..end + 1 + size)?.to_vec();
        rest = rest.get(end + 2 + size..)?;
        Some(content)
    };
    let contents = ids
        .iter()
        .zip(is_small)
        .map(|(id, is_small)| match is_small {
            true => next().map(Some).ok_or_else(|| ChangesError::unreadable(id)),
            false => Ok(None),
        });
    contents.collect()
}

/// Settings that make git run other programs, or print more than requested.
const SETTINGS: [&str; 6] = [
    "-c",
    "core.fsmonitor=false",
    "-c",
    "log.showSignature=false",
    "-c",
    "color.ui=false",
];

/// Variables that name another repository than that of the folder. Git sets some in hooks.
const LOCATIONS: [&str; 9] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
];

/// git in a folder.
struct Git<'f> {
    folder: &'f Path,
}

impl Git<'_> {
    fn ask<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
    ) -> Result<Output, ChangesError> {
        self.ask_with(args, b"")
    }

    fn ask_with<A: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = A>,
        input: &[u8],
    ) -> Result<Output, ChangesError> {
        let mut command = process::command("git");
        command.arg("-C").arg(self.folder).args(SETTINGS).args(args);
        for name in LOCATIONS {
            command.env_remove(name);
        }
        // git should not write anything.
        command.env("GIT_OPTIONAL_LOCKS", "0");
        // Some messages are compared.
        command.env("LC_ALL", "C");
        // The same commit has the same history on every machine.
        command.env("GIT_NO_REPLACE_OBJECTS", "1");
        process::output(command, input).map_err(|error| ChangesError::no_git(&error))
    }
}

fn lines(words: &[&str]) -> Vec<u8> {
    words
        .iter()
        .flat_map(|word| [word.as_bytes(), b"\n"])
        .flatten()
        .copied()
        .collect()
}

/// The first line of git's output, if it succeeded.
fn line(output: &Output) -> Option<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .next()
        .filter(|_| output.status.success())
        .map(str::to_owned)
}

fn message(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr)
        .trim()
        .replace('\t', "    ")
}

#[cfg(unix)]
fn path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
