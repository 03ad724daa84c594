//! Applying fixes, for `check --fix` and `fmt`.

use std::collections::HashMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde_json::{Value, json};
use similar::TextDiff;

use crate::directory::{Directory, SETTINGS_FILE};
use crate::failure::Result;
use crate::finding::{Change, Finding, Fix, Severity};
use crate::fix::{self, Fixed};
use crate::lint::filter::Filter;
use crate::session::console::Console;
use crate::source::{Tree, file};
use crate::staging;
use crate::text::{count, masked, visible};

/// A fix can make another fix possible, such as a move to a path that was taken. A few rounds are
/// enough.
const MAX_ROUNDS: usize = 8;

const MAX_NAMED_FILES: usize = 20;

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Apply {
    Nothing,
    /// Those that cannot change what is published about valid entries.
    Safe,
    All,
    /// The safe ones, and those of errors.
    Proposed,
    /// Formatting and the order of fields.
    Formatting,
}

impl Apply {
    fn contains(self, finding: &Finding) -> bool {
        let is_safe = |fix: &Fix| !fix.alters_output;
        match self {
            Self::Nothing => false,
            Self::Safe => finding.fix.as_ref().is_some_and(is_safe),
            Self::All => finding.fix.is_some(),
            Self::Proposed => {
                Self::Safe.contains(finding)
                    || finding.fix.is_some() && finding.severity == Severity::Error
            }
            Self::Formatting => finding
                .fix
                .as_ref()
                .is_some_and(|fix| matches!(fix.change, Change::Format | Change::Reorder)),
        }
    }
}

/// Applies the fixes of all findings that pass the filter until none is left that can be applied.
/// Returns the tree after that, its findings, and what was fixed. A fix that cannot be applied is
/// no longer offered; its finding says why.
pub(crate) fn run(
    directory: &Directory,
    mut tree: Tree,
    filter: &mut Filter,
    apply: Apply,
    check: &dyn Fn(&Tree) -> Vec<Finding>,
) -> Result<(Tree, Vec<Finding>, Vec<Fixed>)> {
    if apply != Apply::Nothing {
        staging::clear(&directory.root.join(staging::FOLDER));
    }
    let mut all = History::default();
    filter.complete(directory, &mut tree);
    let mut findings = check(&tree);
    for _ in 0..MAX_ROUNDS {
        let asked_for = findings
            .iter()
            .filter(|it| apply.contains(it) && filter.contains(it));
        let fixed = fix::apply(directory, &tree, asked_for)?;
        if fixed.is_empty() {
            break;
        }
        filter.follow(&fixed);
        for one in fixed {
            all.add(one);
        }
        tree = directory.load()?;
        filter.complete(directory, &mut tree);
        findings = check(&tree);
    }
    for finding in findings.iter_mut().filter(|finding| finding.fix.is_some()) {
        if let Some(obstacle) = fix::obstacle(&directory.root, finding) {
            finding.fix = None;
            let help = finding.help.take().unwrap_or_default();
            finding.help = Some(format!("{help} tfadir cannot fix this: {obstacle}."));
        }
    }
    Ok((tree, findings, all.fixed))
}

/// Copies the files that matter for checks to another root, where fixes can be tried.
pub(crate) fn copy(directory: &Directory, tree: &Tree, to: &Path) -> io::Result<()> {
    let lists = [
        SETTINGS_FILE,
        "schemas/categories.json",
        "schemas/excluded.json",
    ];
    let lists = lists
        .into_iter()
        .chain(["tests/categories.json"])
        .map(Path::new);
    let files = tree
        .files
        .iter()
        .chain(tree.icons())
        .chain(&tree.outside)
        .map(|file| file.path.as_path());
    // Settings and lists may be links.
    let lists = lists.map(|path| (path, true));
    for (path, follows) in lists.chain(files.map(|path| (path, false))) {
        let from = directory.root.join(path);
        let is_wanted = from.is_file() && (follows || !from.is_symlink());
        if let Some(folder) = to.join(path).parent().filter(|_| is_wanted) {
            fs::create_dir_all(folder)?;
            fs::copy(&from, to.join(path))?;
        }
    }
    Ok(())
}

/// What was fixed in a copy of a root, as a unified diff that `git apply` understands.
pub(crate) fn diff(root: &Path, copy: &Path, fixed: &[Fixed]) -> String {
    let read = |path: PathBuf| file::decode(&fs::read(path).unwrap_or_default()).0;
    let mut text = String::new();
    for one in fixed {
        let (old, new) = (&one.path, one.moved_to.as_ref().unwrap_or(&one.path));
        let (a, b) = (
            format!("a/{}", old.display()),
            format!("b/{}", new.display()),
        );
        // Writing into a string does not fail.
        let _ = writeln!(text, "diff --git {} {}", visible(&a), visible(&b));
        if old != new {
            let (old, new) = (old.to_string_lossy(), new.to_string_lossy());
            let _ = writeln!(
                text,
                "rename from {}\nrename to {}",
                visible(&old),
                visible(&new)
            );
        }
        let (before, after) = (read(root.join(old)), read(copy.join(new)));
        let diff = TextDiff::from_lines(&before, &after);
        let _ = write!(
            text,
            "{}",
            diff.unified_diff().header(&visible(&a), &visible(&b))
        );
    }
    // What an entry holds cannot control a terminal, nor the runner of GitHub Actions.
    masked(&text)
        .split_inclusive('\n')
        .map(|line| match line.trim_start().starts_with("::") {
            true => line.replacen("::", ": :", 1),
            false => line.to_owned(),
        })
        .collect()
}

/// The fixes of each file in all rounds.
#[derive(Default)]
struct History {
    fixed: Vec<Fixed>,
    /// The index of each record, by the current path of its file.
    by_path: HashMap<PathBuf, usize>,
}

impl History {
    /// Adds the fixes of a file in one round to those of earlier rounds.
    fn add(&mut self, next: Fixed) {
        let known = self.by_path.remove(&next.path);
        let index = known.unwrap_or(self.fixed.len());
        self.by_path
            .insert(next.moved_to.as_ref().unwrap_or(&next.path).clone(), index);
        match self.fixed.get_mut(index) {
            Some(before) => before.then(next),
            None => self.fixed.push(next),
        }
    }
}

pub(crate) fn report(console: &Console, fixed: &[Fixed]) {
    for one in fixed {
        let done: Vec<String> = one.titles.iter().map(|title| past(title)).collect();
        let text = format!("{}: {}", one.path.display(), done.join("; "));
        if fixed.len() <= MAX_NAMED_FILES {
            console.status("Fixed", &text);
        } else {
            console.detail("Fixed", &text);
        }
    }
    if fixed.len() > MAX_NAMED_FILES {
        console.status("Fixed", &count(fixed.len(), "file", "files"));
    }
}

/// The title of a fix in the past tense.
pub(crate) fn past(title: &str) -> String {
    let (verb, rest) = title.split_at(title.find(' ').unwrap_or(title.len()));
    match verb {
        "reformat" => "reformatted".to_owned(),
        "make" => format!("made{rest}"),
        "put" | "set" => title.to_owned(),
        verb if verb.ends_with('e') => format!("{verb}d{rest}"),
        verb => format!("{verb}ed{rest}"),
    }
}

/// What was fixed, machine-readable.
pub(crate) fn records(fixed: &[Fixed]) -> Value {
    let record = |one: &Fixed| {
        let mut record = json!({ "path": one.path, "fixes": one.titles });
        if let Some(to) = &one.moved_to {
            record["moved_to"] = json!(to);
        }
        record
    };
    fixed.iter().map(record).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    fn moved(from: &str, to: Option<&str>, title: &str) -> Fixed {
        let titles = vec![title.to_owned()];
        Fixed {
            path: from.into(),
            moved_to: to.map(Into::into),
            titles,
        }
    }

    #[test]
    fn rounds_on_one_file_are_one_record() {
        let mut history = History::default();
        history.add(moved("a", Some("b"), "move it"));
        history.add(moved("c", Some("a"), "move it"));
        history.add(moved("b", None, "format it"));
        history.add(moved("b", Some("d"), "move it again"));
        let mut first = moved("a", Some("d"), "move it");
        first
            .titles
            .extend(["format it".to_owned(), "move it again".to_owned()]);
        assert_eq!(history.fixed, [first, moved("c", Some("a"), "move it")]);
    }

    /// Comparing every file with every other took minutes.
    #[test]
    fn the_record_grows_linearly_with_the_files() {
        let start = Instant::now();
        let mut history = History::default();
        for index in 0..100_000 {
            history.add(moved(
                &format!("entries/e/e{index}.example.json"),
                None,
                "format it",
            ));
        }
        assert_eq!(history.fixed.len(), 100_000);
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{:?}",
            start.elapsed()
        );
    }

    #[test]
    fn fixes_are_reported_in_the_past_tense() {
        for (title, done) in [
            ("reformat it", "reformatted"),
            ("remove `url`", "removed `url`"),
            ("make it a plain file", "made it a plain file"),
            ("put it on one line", "put it on one line"),
            ("reorder its fields", "reordered its fields"),
        ] {
            assert_eq!(past(title), done);
        }
    }
}
