//! `tfadir build`.

use serde_json::json;

use crate::api::{self, Material, Style};
use crate::build::assemble;
use crate::build::built::Built;
use crate::build::history::Reading;
use crate::build::publish;
use crate::check::{self, Checked, Selection};
use crate::cli::{BuildArgs, Global};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::lint::{accepted, exit_code, refused};
use crate::report::Tally;
use crate::session::Session;
use crate::session::console::Console;
use crate::session::report::{self, Sources};
use crate::signing::keys;
use crate::signing::signers::{Signers, Unlocking};
use crate::text::count;

/// Reads and checks all entries, emits the API and its pages, signs, and publishes.
pub(super) fn run(args: &BuildArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let session = Session::open(global, args.release, console)?;
    let directory = &session.directory;
    let source = publish::source(&session, args)?;
    let out = publish::out(&session, args)?;
    let chosen = (!args.unsigned)
        .then(|| keys::choose(&session, &args.signing))
        .transpose()?;
    let development = chosen
        .as_ref()
        .and_then(|chosen| chosen.development.clone());

    let unlocking = Unlocking::start(chosen)?;
    let reading = Reading::start(directory, &directory.root, "HEAD")?;

    let (tree, validators) = session.load()?;
    session.reached("read");
    let checked = check::check(directory, &tree, &validators.entry, Selection::Errors);
    let Checked { findings, entries } = checked;
    let (refused, review_errors) = refused(directory, findings);
    let tally = Tally::of(&refused);
    let read = count(tree.files.len(), "entry", "entries");
    let result = if refused.is_empty() {
        accepted(review_errors)
    } else {
        tally.to_string()
    };
    console.status(
        "Checked",
        &format!("{read} in {}: {result}", directory.root.display()),
    );
    let texts = Sources {
        directory,
        tree: &tree,
    };
    let findings = report::findings(console, &directory.root, &refused, &texts);
    if !refused.is_empty() {
        console.structured(&json!({ "entries": tree.files.len(), "findings": findings }));
        console.status("Build", "failed; nothing was written");
        return Ok(exit_code(&tally, true));
    }

    session.reached("checked");
    let style = if args.pretty {
        Style::Pretty
    } else {
        Style::Compact
    };
    let mut data = api::artifacts(directory, &entries, &validators, style)?;
    session.reached("emitted");
    let signers = Signers::of(&session, &args.cert, unlocking.wait(console)?, development)?;
    let previous = || publish::previous(&session, args, &signers, &out);
    let history = reading.finish(&session, publish::is_for_clients(&session, args), previous)?;
    data.extend(history.artifacts(&entries, style)?);
    let material = Material {
        directory,
        tree: &tree,
        entries: &entries,
        style,
    };
    let mut artifacts = assemble::all(&session, &material, data, &signers, args.precompress)?;

    session.reached("documented");
    let published = publish::publish(&session, args, &signers, &mut artifacts, &out, &source)?;
    let (entries, taken) = (tree.files.len(), session.start.elapsed());
    let (artifacts, signers) = (&artifacts, &signers);
    let built = Built {
        out,
        entries,
        review_errors,
        artifacts,
        signers,
        published,
        taken,
    };
    built.report(console, &findings);
    Ok(ExitCode::Success)
}
