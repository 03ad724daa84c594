//! `tfadir check`.

use std::path::Path;

use crate::check::{RULES, Selection};
use crate::cli::{CheckArgs, Denied, Global};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::finding::{Finding, Severity};
use crate::lint::filter::Filter;
use crate::lint::fixes::Apply;
use crate::lint::{Run, exit_code, rules_page};
use crate::report::{Detail, Tabulated, Tally, rules};
use crate::session::console::Console;
use crate::session::{Session, report};
use crate::text::{count, shell_word};

/// Reads and checks everything, applies fixes if requested, and reports the findings.
pub(super) fn run(args: &CheckArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    if args.list_rules {
        console.result(&rules::list(RULES));
        return Ok(ExitCode::Success);
    }
    let session = match Session::open(global, console) {
        Ok(session) => session,
        Err(error) => {
            report::write_failure(&args.write, &error)?;
            return Err(error);
        }
    };
    let mut filter = Filter::of_paths(&session.directory, &args.paths)?
        .of_rules(&args.rules)
        .of_severity(args.severity.into());
    if let Some(reference) = &args.changed_since {
        filter = filter.changed_since(&session.directory, reference)?;
    }
    let apply = match (args.fix, args.unsafe_fixes) {
        (_, true) => Apply::All,
        (true, false) => Apply::Safe,
        (false, false) if args.diff => Apply::Safe,
        (false, false) => Apply::Nothing,
    };
    let mut run = Run::start(&session, &mut filter, Selection::Enabled)?;
    if args.diff {
        let is_empty = run.diff(&filter, apply);
        return Ok(if is_empty {
            ExitCode::Success
        } else {
            ExitCode::Findings
        });
    }
    let fixed = run.apply(&mut filter, apply)?;
    let mut outcome = run.outcome(&filter, fixed);
    let found = Tally::of(&outcome.shown);
    outcome.shown.retain(|finding| filter.is_severe(finding));
    let is_whole = args.paths.is_empty() && args.changed_since.is_none() && args.rules.is_empty();
    let tabulated = match (args.statistics, is_whole && !console.verbose) {
        (true, _) => Tabulated::Everything,
        (false, true) => Tabulated::WarningsAndNotes,
        (false, false) => Tabulated::Nothing,
    };
    let written = args.write.iter().map(|file| file.format);
    let formats = written.chain([console.format]);
    let max_proposed_bytes = formats.map(report::max_proposed_bytes).max();
    let detail = Detail {
        tabulated,
        root: global.root.clone(),
        rules_page: rules_page(&session.directory),
        proposals: outcome.proposals(max_proposed_bytes.unwrap_or_default()),
    };
    outcome.write(&args.write, &detail)?;
    let tally = outcome.report(&detail);

    let hidden = Tally::of(
        outcome
            .hidden
            .iter()
            .filter(|finding| filter.is_severe(finding) && filter.contains_rule(finding.rule)),
    );
    if hidden != Tally::default() {
        let number = hidden.by_severity();
        let whole = command(global, &options(args));
        console.status("Also", &format!("{number} in other files: run `{whole}`"));
    }
    suggest_fixes(args, global, console, &outcome.shown);
    let entries = count(outcome.tree().files.len(), "entry", "entries");
    let seconds = session.start.elapsed().as_secs_f64();
    console.status("Checked", &format!("{entries} in {seconds:.2} s: {tally}"));
    let denied = match args.deny {
        Some(Denied::Warnings) => found.warnings,
        None => 0,
    };
    Ok(exit_code(&found, found.errors + denied))
}

/// Shows the commands that fix findings.
fn suggest_fixes(args: &CheckArgs, global: &Global, console: &Console, findings: &[Finding]) {
    let mut safe = Vec::new();
    let mut unsafe_ones = Vec::new();
    for finding in findings {
        match &finding.fix {
            Some(fix) if fix.alters_output => unsafe_ones.push(finding),
            Some(_) => safe.push(finding),
            None => {}
        }
    }
    for (fixable, option) in [(safe, "--fix"), (unsafe_ones, "--unsafe-fixes")] {
        if !fixable.is_empty() {
            let command = invocation(args, global, option, &fixable);
            let number = count(fixable.len(), "finding", "findings");
            console.status("Fixable", &format!("{number} with `{command}`"));
        }
    }
}

/// How many files are named in a command.
const MAX_NAMED_FILES: usize = 3;

/// The command with the paths and options that were given, and one more option, for some findings.
/// Nobody should fix the whole directory without meaning to, so it always selects files.
fn invocation(args: &CheckArgs, global: &Global, option: &str, findings: &[&Finding]) -> String {
    let is_selected_by_branch = args.paths.is_empty() && args.changed_since.is_some();
    let mut paths = args.paths.clone();
    // A fix may have renamed a file that was given.
    if paths.iter().any(|path| path.symlink_metadata().is_err()) {
        paths.clear();
    }
    if paths.is_empty() && !is_selected_by_branch {
        let root = global.root.as_deref().unwrap_or(Path::new(""));
        paths.extend(findings.iter().map(|finding| root.join(&finding.path)));
        paths.dedup();
    }
    let mut words = Vec::new();
    if let Some(reference) = &args.changed_since {
        words.push(format!("--changed-since {}", shell_word(reference)));
    }
    words.extend(options(args));
    words.push(option.to_owned());
    if paths != args.paths && paths.len() > MAX_NAMED_FILES {
        words.push("PATH".to_owned());
    } else {
        for path in &paths {
            words.push(shell_word(&path.to_string_lossy()));
        }
    }
    command(global, &words)
}

/// The options that select findings in any file.
fn options(args: &CheckArgs) -> Vec<String> {
    let mut options = Vec::new();
    for rule in &args.rules {
        options.push(format!("--rule {rule}"));
    }
    let least = Severity::from(args.severity);
    if least != Severity::Note {
        options.push(format!("--severity {}", least.name()));
    }
    options
}

fn command(global: &Global, words: &[String]) -> String {
    let mut command = "tfadir check".to_owned();
    if let Some(root) = &global.root {
        command.push_str(" --root ");
        command.push_str(&shell_word(&root.to_string_lossy()));
    }
    for word in words {
        command.push(' ');
        command.push_str(word);
    }
    command
}
