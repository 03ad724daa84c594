//! Prints findings and errors.

use std::env;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::cli::{Format, ReportFile};
use crate::directory::{Directory, Invalid, SETTINGS_FILE};
use crate::failure::{Failure, Result, failure};
use crate::finding::{Finding, Texts};
use crate::report::github::Github;
use crate::report::human::Human;
use crate::report::markdown::Markdown;
use crate::report::sarif::Sarif;
use crate::report::{self, Detail, Renderer, View};
use crate::session::console::{Console, harmless};
use crate::source::Tree;
use crate::staging;
use crate::text::without_commands;

/// The variable with the file for the summary of a job in GitHub Actions.
const SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// The texts of a checked directory.
pub(crate) struct Sources<'r> {
    pub(crate) directory: &'r Directory,
    pub(crate) tree: &'r Tree,
}

impl Texts for Sources<'_> {
    fn text(&self, path: &Path) -> Option<&str> {
        if path == Path::new(SETTINGS_FILE) {
            return Some(&self.directory.settings_text);
        }
        self.tree.file(path).map(|file| file.text.as_str())
    }
}

/// The texts of published files, which reports do not quote.
pub(crate) struct NoTexts;

impl Texts for NoTexts {
    fn text(&self, _: &Path) -> Option<&str> {
        None
    }
}

/// Prints findings in the requested format; for JSON, returns them as part of the command's one
/// object. `root` is the folder that their paths are relative to.
pub(crate) fn findings(
    console: &Console,
    root: &Path,
    findings: &[Finding],
    texts: &dyn Texts,
) -> Value {
    findings_with(console, root, findings, texts, &Detail::default())
}

/// As [`findings`], in some detail.
pub(crate) fn findings_with(
    console: &Console,
    root: &Path,
    findings: &[Finding],
    texts: &dyn Texts,
    detail: &Detail,
) -> Value {
    if console.format == Format::Json {
        return report::json::records(findings, texts);
    }
    render(
        console.format,
        root,
        findings,
        texts,
        detail,
        |renderer, view| show(console, renderer, view),
    );
    Value::Null
}

fn show(console: &Console, renderer: &dyn Renderer, view: &View<'_>) {
    let report = renderer.render(view);
    match console.format {
        Format::Github => console.workflow_commands(&report),
        _ => console.result(&report),
    }
    if let Some(path) = env::var_os(SUMMARY)
        && let Some(summary) = renderer.summary(view)
    {
        summarize(console, &summary, path.as_ref());
    }
}

/// The findings in a format other than JSON.
pub(crate) fn rendered(
    format: Format,
    root: &Path,
    findings: &[Finding],
    texts: &dyn Texts,
    detail: &Detail,
) -> String {
    render(format, root, findings, texts, detail, |renderer, view| {
        renderer.render(view)
    })
}

/// Writes a report to the file that the user chose.
pub(crate) fn write_report(file: &ReportFile, text: &str) -> Result<()> {
    write_file(&file.path, harmless(file.format, text).as_bytes())
}

/// Writes a file that the user chose, completely or not at all.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let is_special = path.metadata().is_ok_and(|metadata| !metadata.is_file());
    let written = if is_special {
        fs::write(path, bytes)
    } else {
        write_whole(path, bytes)
    };
    written.map_err(|error| failure!("cannot write `{}`: {error}", path.display()).into())
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = staging::public_beside(path)?;
    file.as_file_mut().write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// What `show` makes of the findings with the renderer of a format.
fn render<T>(
    format: Format,
    root: &Path,
    findings: &[Finding],
    texts: &dyn Texts,
    detail: &Detail,
    show: impl FnOnce(&dyn Renderer, &View<'_>) -> T,
) -> T {
    let in_workspace = in_workspace(root);
    let sources = in_workspace.as_ref().and_then(|_| sources());
    let base = &in_workspace.unwrap_or_default();
    let view = View {
        findings,
        texts,
        base,
        sources: sources.as_deref(),
        detail,
    };
    show(renderer(format), &view)
}

/// The renderer of a format. Formats that only `diff` has show findings as in a terminal. In JSON, callers put the
/// findings into the object that the command prints, and need no renderer.
pub(crate) fn renderer(format: Format) -> &'static dyn Renderer {
    match format {
        Format::Github => &Github,
        Format::Sarif => &Sarif,
        Format::Markdown => &Markdown,
        Format::Auto | Format::Human | Format::Json | Format::Algolia | Format::Lines => &Human,
    }
}

/// How many bytes of files after their fixes a report can show.
pub(crate) fn max_proposed_bytes(format: Format) -> usize {
    match format {
        Format::Github if env::var_os(SUMMARY).is_none() => 0,
        format => renderer(format).max_proposed_bytes(),
    }
}

/// The path from the folder that GitHub Actions checked out to a root in it.
fn in_workspace(root: &Path) -> Option<PathBuf> {
    let workspace = PathBuf::from(env::var_os("GITHUB_WORKSPACE")?);
    let canonical = workspace.canonicalize().ok()?;
    root.strip_prefix(canonical).ok().map(Path::to_owned)
}

/// The address of the files of the commit that GitHub Actions checked out.
fn sources() -> Option<String> {
    let [server, repository, commit] =
        ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_SHA"].map(|name| env::var(name).ok());
    Some(format!("{}/{}/blob/{}/", server?, repository?, commit?))
}

/// Adds to the job summary in GitHub Actions. A blank line follows, because a heading after `</details>` needs
/// one.
fn summarize(console: &Console, summary: &str, path: &Path) {
    let file = OpenOptions::new().append(true).create(true).open(path);
    let paragraphs = without_commands(&format!("{summary}\n"));
    if let Err(error) = file.and_then(|mut file| file.write_all(paragraphs.as_bytes())) {
        console.warning(&format!("cannot write the job summary: {error}"));
    }
}

/// Writes to files why a command failed, if a file of the root made it fail.
pub(crate) fn write_failure(files: &[ReportFile], error: &anyhow::Error) -> Result<()> {
    let Some(invalid) = invalid_file(error) else {
        return Ok(());
    };
    let Invalid { root, findings, .. } = invalid;
    for file in files {
        let text = if file.format == Format::Json {
            format!(
                "{:#}\n",
                report::json::object(&failure_object(error, invalid))
            )
        } else {
            rendered(file.format, root, findings, invalid, &Detail::default())
        };
        write_report(file, &text)?;
    }
    Ok(())
}

fn failure_object(error: &anyhow::Error, invalid: &Invalid) -> Value {
    let findings = report::json::records(&invalid.findings, invalid);
    json!({ "error": format!("{:#}", Failure::of(error)), "findings": findings })
}

/// Reports why a command failed.
pub(crate) fn failure(console: &Console, error: &anyhow::Error) {
    let findings = match invalid_file(error) {
        Some(invalid) => findings(console, &invalid.root, &invalid.findings, invalid),
        None => Value::Array(Vec::new()),
    };
    let text = format!("{:#}", Failure::of(error));
    console.structured(&json!({ "error": text, "findings": findings }));
    console.error(error);
}

/// The file of the root that made a command fail, if an error in the chain of causes names one.
pub(crate) fn invalid_file(error: &anyhow::Error) -> Option<&Invalid> {
    error.chain().find_map(|cause| cause.downcast_ref())
}
