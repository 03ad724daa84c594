//! The commands: each reads from top to bottom as the stages that it runs.

mod build;
mod check;
mod clock;
mod emit;
mod explain;
mod fmt;
mod key;
mod mend;
mod publication;
mod selection;
mod serve;
mod sign;
mod signatories;
mod signing;
mod verify;

use std::fs::OpenOptions;
use std::io::Write;
use std::panic::{self, PanicHookInfo};
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::{env, io, iter};

use serde_json::{Value, json};

use crate::check::RULES;
use crate::cli::{Cli, Command, Format, Global};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::finding::Finding;
use crate::fix::Mended;
use crate::project::{Invalid, Project, ProjectError, SETTINGS_FILE};
use crate::report::{self, Tally, Texts};
use crate::source::Tree;

/// Why a command could not do its work.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Of the warnings and notes of one rule people see this many, unless they ask for more.
const SHOWN_OF_A_RULE: usize = 10;

/// Runs the command that the command line names.
pub fn run(cli: &Cli) -> ExitCode {
    panic::set_hook(Box::new(tell_panic));
    let console = Console::new(cli);
    let result = panic::catch_unwind(panic::AssertUnwindSafe(|| match &cli.command {
        Command::Build(args) => build::run(args, &cli.global, &console),
        Command::Sign(args) => sign::run(args, &cli.global, &console),
        Command::Verify(args) => verify::run(args, &cli.global, &console),
        Command::Check(args) => check::run(args, &cli.global, &console),
        Command::Fmt(args) => fmt::run(args, &cli.global, &console),
        Command::Explain(args) => Ok(explain::run(args, &console)),
        Command::Key(args) => key::run(args, &cli.global, &console),
        Command::Serve(args) => serve::run(args, &cli.global, &console),
    }));
    let code = match result {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => {
            explain(&console, failure.as_ref());
            ExitCode::Failure
        }
        // The hook has said so.
        Err(_) => ExitCode::Failure,
    };
    if console.is_lost() { ExitCode::Failure } else { code }
}

/// Says where the program failed, once. What a panic has to say may quote anything, also a secret,
/// so it is not shown.
fn tell_panic(info: &PanicHookInfo<'_>) {
    static TOLD: Once = Once::new();
    TOLD.call_once(|| {
        let place = info.location().map_or_else(String::new, |it| format!(" in {it}"));
        let text = format!("error: tfadir itself failed{place}\n help: please report this\n");
        let _ = io::stderr().write_all(text.as_bytes());
    });
}

/// A checked directory whose findings are to be reported.
struct Report<'r> {
    project: &'r Project,
    tree: &'r Tree,
}

impl Report<'_> {
    /// Shows findings; for programs that read one object, gives them back to be part of it.
    fn of(&self, console: &Console, findings: &[Finding]) -> Value {
        report(console, &self.project.root, findings, self)
    }

    /// The same with all that `check` and `fmt` have to tell: what was mended, and how many more
    /// findings nobody asked for.
    fn in_full(&self, console: &Console, shown: &[Finding], hidden: usize, mended: &[Mended]) {
        let records = self.of(console, shown);
        let tally = Tally::of(shown);
        console.structured(&json!({
            "entries": self.tree.files.len(),
            "icons": self.tree.icons().len(),
            "errors": tally.errors,
            "warnings": tally.warnings,
            "notes": tally.notes,
            "hidden": hidden,
            "fixed": mend::records(mended),
            "findings": records,
        }));
    }
}

impl Texts for Report<'_> {
    fn text(&self, path: &Path) -> Option<&str> {
        if path == Path::new(SETTINGS_FILE) {
            return Some(&self.project.settings_text);
        }
        self.tree.file(path).map(|file| file.text.as_str())
    }
}

/// The folder that is named, or else the `dist` of the settings in the root.
fn dist(named: Option<&Path>, global: &Global) -> Result<PathBuf, Failure> {
    if let Some(folder) = named {
        return Ok(folder.to_owned());
    }
    let project = Project::open(global.root.as_deref())?;
    Ok(project.root.join(&project.settings.paths.dist))
}

/// Reports findings about published files, whose texts are not shown.
fn report_on_folder(console: &Console, folder: &Path, findings: &[Finding]) -> Value {
    report(console, folder, findings, &NoTexts)
}

/// Published files, of which nothing is quoted.
struct NoTexts;

impl Texts for NoTexts {
    fn text(&self, _: &Path) -> Option<&str> {
        None
    }
}

fn report(console: &Console, root: &Path, findings: &[Finding], texts: &dyn Texts) -> Value {
    match console.format() {
        Format::Json => return report::json::records(findings, texts),
        Format::Auto | Format::Human => {
            let most = if console.is_verbose() { usize::MAX } else { SHOWN_OF_A_RULE };
            console.result(&report::human::render(findings, texts, most));
        }
        Format::Github => {
            let base = in_workspace(root);
            console.result(&report::github::render(findings, texts, &base));
            summarize(console, &report::summary::render(findings, texts, &base));
        }
        Format::Sarif => {
            let base = in_workspace(root);
            console.result(&report::sarif::render(findings, texts, RULES, &base));
        }
    }
    Value::Null
}

/// The path from the folder that GitHub Actions checked out to a root in it.
fn in_workspace(root: &Path) -> PathBuf {
    let workspace = env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
    let workspace = workspace.and_then(|workspace| workspace.canonicalize().ok());
    let inside = workspace.and_then(|it| root.strip_prefix(it).ok().map(Path::to_owned));
    inside.unwrap_or_default()
}

/// Adds to the summary of a job of GitHub Actions.
fn summarize(console: &Console, summary: &str) {
    let Some(path) = env::var_os("GITHUB_STEP_SUMMARY") else {
        return;
    };
    let file = OpenOptions::new().append(true).create(true).open(path);
    if let Err(error) = file.and_then(|mut file| file.write_all(summary.as_bytes())) {
        console.warning(&format!("cannot write the summary of the job: {error}"));
    }
}

/// Says why a command could not do its work.
fn explain(console: &Console, failure: &(dyn std::error::Error + 'static)) {
    let findings = match in_the_way(failure) {
        Some(invalid) => report(console, &invalid.root, &invalid.findings, invalid),
        None => Value::Array(Vec::new()),
    };
    console.structured(&json!({ "error": failure.to_string(), "findings": findings }));
    console.error(failure);
}

/// The file of the root that is why a command could not do its work, with its findings, if one is:
/// whichever error along the chain of causes says so.
fn in_the_way<'f>(failure: &'f (dyn std::error::Error + 'static)) -> Option<&'f Invalid> {
    let mut causes = iter::successors(Some(failure), |error| error.source());
    causes.find_map(|error| match error.downcast_ref() {
        Some(ProjectError::Invalid(invalid)) => Some(invalid.as_ref()),
        _ => None,
    })
}
