//! `tfadir diff`.

use crate::check::OutputRules;
use crate::cli::{DiffArgs, Format, Global};
use crate::diff::{Diff, algolia, human, json, lines, markdown, published};
use crate::exit_code::ExitCode;
use crate::failure::{Result, fail};
use crate::session::console::Console;
use crate::session::{Session, report};
use crate::signing::trust;
use crate::state::State;

/// Compares two states of the directory and prints what differs.
pub(super) fn run(args: &DiffArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let format = console.format;
    if args.all && format != Format::Algolia {
        fail!("--all is for search indexes"; help: "add --format algolia, or omit --all");
    }
    let Some(render) = renderer(format) else {
        fail!(
            "`tfadir diff` has no format `{}`", format.name();
            help: "use human, markdown, json, algolia or lines"
        );
    };

    let session = Session::open(global, console)?;
    let directory = &session.directory;
    let from = || match &args.from {
        Some(from) => State::named(directory, from),
        None if args.all => Ok(State::empty()),
        None => State::head(directory),
    };
    let to = || match &args.to {
        Some(to) => State::named(directory, to),
        None => State::working_tree(directory),
    };
    let (from, to) = console.patiently("comparing", || rayon::join(from, to));
    let (from, to) = (from?, to?);
    for state in [&from, &to] {
        trust::verify(state, &args.trust, &session)?;
    }
    let mut diff = Diff::of(&from, &to);
    diff.judge(&OutputRules::of(directory)?);
    let formats = args.write.iter().map(|file| file.format).chain([format]);
    let shows_files = |format| !matches!(format, Format::Algolia | Format::Lines);
    if formats.into_iter().any(shows_files) && !diff.is_empty() {
        diff.files = published(directory, &from, &to)?;
    }
    if !args.all {
        diff.unchanged.clear();
    }
    for file in &args.write {
        if let Some(render) = renderer(file.format) {
            report::write_report(file, &render(&diff))?;
        }
    }
    console.result(&render(&diff));
    console.status(
        "Compared",
        &format!("{} with {}: {}", from.name, to.name, diff.summary()),
    );
    Ok(if args.exit_code && !diff.is_empty() {
        ExitCode::Findings
    } else {
        ExitCode::Success
    })
}

fn renderer(format: Format) -> Option<fn(&Diff<'_>) -> String> {
    match format {
        Format::Human | Format::Github => Some(human::render),
        Format::Markdown => Some(markdown::render),
        Format::Json => Some(json::render),
        Format::Algolia => Some(algolia::render),
        Format::Lines => Some(lines::render),
        Format::Auto | Format::Sarif => None,
    }
}
