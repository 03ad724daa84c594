//! Findings as text: one renderer per format.

pub(crate) mod github;
pub(crate) mod html;
pub(crate) mod human;
pub(crate) mod inline;
pub mod json;
mod located;
pub(crate) mod markdown;
pub mod rules;
pub(crate) mod sarif;

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::check::INTERNAL_ERROR;
use crate::finding::{Finding, Fix, Severity, Texts};
use crate::fix::Fixed;
use crate::text::{count, join, shell_word, visible};

pub(crate) use located::{Located, Position, locate};

/// All but the unreserved characters of RFC 3986, section 2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The input of a renderer.
pub(crate) struct View<'v> {
    /// The findings, in the order of their files.
    pub(crate) findings: &'v [Finding],
    /// The texts of their files.
    pub(crate) texts: &'v dyn Texts,
    /// The path from the root of the repository to the root of the directory.
    pub(crate) base: &'v Path,
    /// The address to which a path in the repository is added for the file that was checked.
    pub(crate) sources: Option<&'v str>,
    pub(crate) detail: &'v Detail,
}

/// What a report shows besides the findings.
#[derive(Debug, Default)]
pub(crate) struct Detail {
    pub(crate) tabulated: Tabulated,
    /// The root as it was given on the command line.
    pub(crate) root: Option<PathBuf>,
    /// The address to which the id of a rule is added for its page.
    pub(crate) rules_page: Option<String>,
    /// The files that fixes would change.
    pub(crate) proposals: Proposals,
}

/// Files after their fixes.
#[derive(Debug, Default)]
pub(crate) struct Proposals {
    pub(crate) fixed: Vec<Fixed>,
    /// How many more files fixes would change.
    pub(crate) more: usize,
}

/// Which findings are only counted by rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tabulated {
    #[default]
    Nothing,
    WarningsAndNotes,
    Everything,
}

/// One format of reports. A renderer returns text and prints nothing.
pub(crate) trait Renderer: Sync {
    /// The report.
    fn render(&self, view: &View<'_>) -> String;

    /// An addition to the summary of a CI job.
    fn summary(&self, _: &View<'_>) -> Option<String> {
        None
    }

    /// How many bytes of files after their fixes it can show.
    fn max_proposed_bytes(&self) -> usize {
        0
    }
}

/// How many findings of each severity there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tally {
    pub(crate) errors: usize,
    pub(crate) warnings: usize,
    pub(crate) notes: usize,
    /// Files with findings.
    pub(crate) files: usize,
    /// How many of the errors are failures of the program itself.
    pub(crate) failures: usize,
}

impl Tally {
    /// Counts findings, which must be in the order of their files.
    pub(crate) fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut tally = Self::default();
        let mut file = None;
        for finding in findings {
            match finding.severity {
                Severity::Error => tally.errors += 1,
                Severity::Warning => tally.warnings += 1,
                Severity::Note => tally.notes += 1,
            }
            tally.files += usize::from(file != Some(&finding.path));
            tally.failures += usize::from(finding.rule == INTERNAL_ERROR);
            file = Some(&finding.path);
        }
        tally
    }

    /// How many findings of one severity there are.
    fn number(&self, severity: Severity) -> usize {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
            Severity::Note => self.notes,
        }
    }

    /// The numbers of each severity: `1 error, 2 warnings and 3 notes`.
    pub(crate) fn by_severity(&self) -> String {
        let present = Severity::ALL
            .into_iter()
            .filter(|severity| self.number(*severity) > 0);
        let parts: Vec<String> = present
            .map(|severity| counted(self.number(severity), severity))
            .collect();
        match parts.is_empty() {
            true => "no findings".to_owned(),
            false => join(&parts, "and"),
        }
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.by_severity(), self.files) {
            (findings, 0) => f.write_str(&findings),
            (findings, files) => write!(f, "{findings} in {}", count(files, "file", "files")),
        }
    }
}

/// A number of findings of one severity: `2 errors`.
fn counted(number: usize, severity: Severity) -> String {
    count(number, severity.name(), &format!("{}s", severity.name()))
}

/// The findings of one severity, located only as far as the iterator is read.
fn located_of<'f>(
    findings: &'f [Finding],
    severity: Severity,
    texts: &'f dyn Texts,
) -> impl Iterator<Item = Located<'f>> {
    findings
        .chunk_by(|a, b| a.path == b.path)
        .flat_map(move |of_file| {
            let of_severity = of_file
                .iter()
                .filter(|finding| finding.severity == severity);
            locate(of_severity, texts)
        })
}

/// The option `--root` as it was given, or nothing.
fn root_option(detail: &Detail) -> String {
    let root = detail
        .root
        .as_ref()
        .map(|root| format!(" --root {}", shell_word(&root.to_string_lossy())));
    root.unwrap_or_default()
}

/// The command that applies fixes of a file.
fn fix_command<'f>(
    fixes: impl IntoIterator<Item = &'f Fix>,
    path: &Path,
    detail: &Detail,
) -> String {
    let option = if fixes.into_iter().any(|fix| fix.alters_output) {
        "--unsafe-fixes"
    } else {
        "--fix"
    };
    let path = detail.root.as_deref().unwrap_or(Path::new("")).join(path);
    let path = shell_word(&path.to_string_lossy());
    format!("tfadir check{} {option} {path}", root_option(detail))
}

/// What a fix does, and the command that applies it.
fn how_to(fix: &Fix, path: &Path, detail: &Detail) -> String {
    let notice = if fix.alters_output {
        "; this changes what is published"
    } else {
        ""
    };
    let command = fix_command([fix], path, detail);
    format!(
        "To {}, run `{command}`{notice}.",
        visible(&fix.title.infinitive)
    )
}

/// The parts of a path below a base, without `.`.
fn parts<'p>(base: &'p Path, path: &'p Path) -> impl Iterator<Item = &'p OsStr> {
    let is_part =
        |part: &Component<'_>| matches!(part, Component::Normal(_) | Component::ParentDir);
    base.components()
        .chain(path.components())
        .filter(is_part)
        .map(Component::as_os_str)
}

/// A path below a base, with `/` between its parts.
fn slashed(base: &Path, path: &Path) -> String {
    parts(base, path)
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join("/")
}

/// A path below a base as a relative URI.
fn uri(base: &Path, path: &Path) -> String {
    let part = |part: &OsStr| percent_encode(part.as_encoded_bytes(), RESERVED).to_string();
    parts(base, path).map(part).collect::<Vec<_>>().join("/")
}

/// A location on one line: `path:line:column`, or the path alone.
fn location_text(base: &Path, path: &Path, position: Option<&Position>) -> String {
    let path = visible(&slashed(base, path));
    match position {
        Some(position) => format!("{path}:{}:{}", position.line, position.column),
        None => path,
    }
}

#[cfg(test)]
mod samples;
