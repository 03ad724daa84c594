//! Which fixes are applied, and how they are reported.

use serde_json::{Value, json};

use crate::finding::{Change, Finding, Guard, Severity};
use crate::fix::Fixed;
use crate::lint::unified_diff::unified;
use crate::session::console::Console;
use crate::source::FixTitle;
use crate::source::SourceFile;
use crate::text::{count, masked, visible};

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
    /// All but those that drop what someone wrote, because the entry could not be published with it.
    Draft,
    /// Formatting.
    Formatting,
    /// Formatting and the order of fields.
    Reordering,
}

impl Apply {
    /// Whether the fix of a finding is applied.
    pub(crate) fn includes(self, finding: &Finding) -> bool {
        let Some(fix) = &finding.fix else {
            return false;
        };
        match self {
            Self::Nothing => false,
            Self::Safe => !fix.alters_output,
            Self::All => true,
            Self::Proposed => !fix.alters_output || finding.severity == Severity::Error,
            Self::Draft => !fix.alters_output || finding.guards == Guard::Review,
            Self::Formatting => matches!(fix.change, Change::Format),
            Self::Reordering => matches!(fix.change, Change::Format | Change::Reorder),
        }
    }

    /// Whether the fix of a finding is applied in an entry that is not published yet.
    pub(crate) fn includes_unpublished(self, finding: &Finding) -> bool {
        let is_draft = matches!(self, Self::Safe | Self::Proposed);
        self.includes(finding) || (is_draft && Self::Draft.includes(finding))
    }
}

/// The changes that fixes make, as a unified diff. `git apply` accepts it, unless a changed line contains
/// characters that could control a terminal, which are masked.
pub(crate) fn diff(fixed: &[Fixed]) -> String {
    let text: String = fixed.iter().map(diff_of_file).collect();
    masked(&text).into_owned()
}

fn diff_of_file(fixed: &Fixed) -> String {
    let old = visible(&fixed.before.path.to_string_lossy());
    let new = visible(&fixed.after.path.to_string_lossy());
    let renamed = if old == new {
        String::new()
    } else {
        format!("rename from {old}\nrename to {new}\n")
    };
    let difference = unified(
        (&format!("a/{old}"), &fixed.before.text),
        (&format!("b/{new}"), &fixed.after.text),
    );
    let mode = if is_executable(&fixed.before) && !is_executable(&fixed.after) {
        "old mode 100755\nnew mode 100644\n"
    } else {
        ""
    };
    format!("diff --git a/{old} b/{new}\n{mode}{renamed}{difference}")
}

/// Whether git would store the file as executable.
fn is_executable(file: &SourceFile) -> bool {
    file.mode.is_some_and(|mode| mode & 0o100 != 0)
}

pub(crate) fn report(console: &Console, fixed: &[Fixed]) {
    for file in fixed {
        let text = format!("{}: {}", file.path().display(), done(file.titles()));
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

/// What fixes did.
pub(crate) fn done<'t>(titles: impl IntoIterator<Item = &'t FixTitle>) -> String {
    let past = titles.into_iter().map(|title| title.past.as_str());
    past.collect::<Vec<_>>().join("; ")
}

/// What was fixed, machine-readable.
pub(crate) fn records(fixed: &[Fixed]) -> Value {
    fixed.iter().map(record).collect()
}

fn record(fixed: &Fixed) -> Value {
    let mut record = json!({ "path": fixed.path(), "fixes": fixed.infinitives() });
    if let Some(path) = fixed.moved_to() {
        record["moved_to"] = json!(path);
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Verb;

    #[test]
    fn what_fixes_did_is_in_the_past_tense() {
        let titles = [
            Verb::Put.title("it on one line"),
            FixTitle::reformat(),
            Verb::Make.title("it a plain file"),
        ];
        assert_eq!(
            done(&titles),
            "put it on one line; reformatted; made it a plain file"
        );
    }
}
