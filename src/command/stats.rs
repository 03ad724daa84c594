//! `tfadir stats`.

use std::fmt::Write;

use serde_json::json;

use crate::api::{Counts, Stats};
use crate::check::OutputRules;
use crate::cli::{Format, Global, StatsArgs, TrustArgs};
use crate::exit_code::ExitCode;
use crate::failure::{Result, failure};
use crate::session::Session;
use crate::session::console::Console;
use crate::signing::trust;
use crate::state::State;
use crate::text::{count, thousands, visible};

/// Counts the sites with and without 2FA.
pub(super) fn run(args: &StatsArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let session = Session::open(global, console)?;
    let directory = &session.directory;
    let mut state = match &args.state {
        Some(name) => State::named(directory, name)?,
        None => State::working_tree(directory)?,
    };
    trust::verify(&state, &TrustArgs::default(), &session)?;
    let rules = OutputRules::of(directory)?;
    let all = state.entries.len();
    state.entries.retain(|entry| rules.accept(entry));
    let refused = all - state.entries.len();
    if refused > 0 {
        let entries = count(refused, "entry", "entries");
        console.warn(&failure!(
            "not counted: {entries} that a build would refuse";
            help: "run `tfadir check`"
        ));
    }
    let numbers = Stats::of(&state.entries);
    console.structured(&json!(numbers));
    if console.format != Format::Json {
        console.result(&render(&numbers));
    }
    Ok(ExitCode::Success)
}

/// A sentence, then a table for the methods, the categories and the regions.
fn render(stats: &Stats<'_>) -> String {
    let Counts { with, without } = stats.sites;
    let sites = count(with + without, "site", "sites");
    let (with, without) = (thousands(with), thousands(without));
    let mut text = format!(
        "{sites}: {with} with 2FA, {without} without\n\n{:>10}  Method\n",
        "Sites"
    );
    for (method, number) in &stats.methods {
        // Writing into a string does not fail.
        let _ = writeln!(text, "{:>10}  {method}", number.to_string());
    }
    for (title, counts) in [("Category", &stats.categories), ("Region", &stats.regions)] {
        let _ = writeln!(text, "\n{:>10}{:>10}  {title}", "With", "Without");
        for (name, Counts { with, without }) in counts {
            let _ = writeln!(text, "{with:>10}{without:>10}  {}", visible(name));
        }
    }
    text
}
