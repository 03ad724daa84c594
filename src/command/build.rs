//! `tfadir build`.

use serde_json::json;

use crate::api::Style;
use crate::build::assemble::{Assembly, Recipe, Refused, assemble};
use crate::build::built::Built;
use crate::build::history::{HistoryJob, Needs};
use crate::build::publish;
use crate::cli::{BuildArgs, Global};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::lint::{accepted, exit_code};
use crate::report::Tally;
use crate::session::Session;
use crate::session::console::Console;
use crate::session::report::{self, NoTexts, Sources};
use crate::signing::keys;
use crate::signing::signers::{Signers, UnlockJob};
use crate::text::count;

/// Reads and checks all entries, emits the API and its pages, signs, and publishes.
pub(super) fn run(args: &BuildArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let mut session = Session::open(global, console)?;
    session.is_release |= args.release;
    let directory = &session.directory;
    let source = publish::source(&session, args)?;
    let out = publish::out(&session, args)?;
    let chosen = if args.unsigned {
        None
    } else {
        Some(keys::choose(&session, &args.signing)?)
    };
    let development = chosen
        .as_ref()
        .and_then(|chosen| chosen.development.clone());
    let unlocking = UnlockJob::start(chosen)?;

    let recipe = Recipe {
        style: if args.pretty {
            Style::Pretty
        } else {
            Style::Compact
        },
        history: HistoryJob::start(directory, &directory.root, "HEAD")?,
        needs: if publish::is_for_clients(&session, args) {
            Needs::AllChanges
        } else {
            Needs::KnownChanges
        },
        signers: || Signers::of(&session, &args.cert, unlocking.wait(console)?, development),
    };
    let mut complete = match assemble(&session, recipe)? {
        Assembly::Refused(refused) => return Ok(refuse(&session, &refused)),
        Assembly::Complete(complete) => complete,
    };
    report_checked(
        &session,
        complete.entries,
        &accepted(complete.review_errors),
    );
    let no_findings = report::findings(console, &directory.root, &[], &NoTexts);

    let published = publish::publish(&session, args, &mut complete, &out, &source)?;
    let built = Built {
        out,
        complete,
        published,
        taken: session.start.elapsed(),
    };
    built.report(console, &no_findings);
    Ok(ExitCode::Success)
}

/// Reports the errors that stop a build.
fn refuse(session: &Session<'_>, refused: &Refused) -> ExitCode {
    let Refused { tree, errors } = refused;
    let Session {
        directory, console, ..
    } = session;
    let tally = Tally::of(errors);
    report_checked(session, tree.files.len(), &tally.to_string());
    let texts = Sources { directory, tree };
    let findings = report::findings(console, &directory.root, errors, &texts);
    console.structured(&json!({ "entries": tree.files.len(), "findings": findings }));
    console.status("Build", "failed; nothing was written");
    exit_code(&tally, errors.len())
}

fn report_checked(session: &Session<'_>, entries: usize, result: &str) {
    let entries = count(entries, "entry", "entries");
    let root = session.directory.root.display();
    session
        .console
        .status("Checked", &format!("{entries} in {root}: {result}"));
}
