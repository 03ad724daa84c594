//! `tfadir verify`.

use serde_json::json;

use crate::build::rebuild::{Rebuilt, rebuild};
use crate::cli::{Global, VerifyArgs};
use crate::exit_code::ExitCode;
use crate::failure::{Failure, Result, fail, failure};
use crate::finding::Severity;
use crate::session::console::Console;
use crate::session::dist;
use crate::session::report::{self, NoTexts};
use crate::signing::trust;
use crate::text::count;
use crate::verify::{self, Verification};

fn no_message() -> Failure {
    failure!(
        "--output writes the data of one signed message";
        help: "pass a single signed message, such as all.json.gpg"
    )
}

/// Verifies folders and files, and reports the problems of each.
pub(super) fn run(args: &VerifyArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let paths = match args.paths.as_slice() {
        [] => vec![dist(None, global)?],
        paths => paths.to_vec(),
    };
    if args.output.is_some() && (paths.len() != 1 || paths[0].is_dir()) {
        return Err(no_message().into());
    }
    if args.source.is_some() && !paths.iter().all(|path| path.is_dir()) {
        fail!(
            "--source compares a whole folder with a second build";
            help: "download all files of the build, and pass their folder"
        );
    }
    let mut records = Vec::new();
    let mut code = ExitCode::Success;
    for path in &paths {
        let trust = trust::of(args, path)?;
        let mut outcome = console.patiently("verifying", || match path.is_dir() {
            true => verify::folder(path, &trust),
            false => verify::file(path, &trust, args.output.as_deref()),
        })?;
        if let (Some(source), Some(contents), true) =
            (&args.source, outcome.contents.take(), outcome.is_good())
        {
            let rebuilt = rebuild(source, &contents, &trust.verifier, console)?;
            add_rebuilt(&mut outcome, rebuilt);
        }
        let mut record = outcome.record.clone();
        record["findings"] = report::findings(console, &outcome.base, &outcome.findings, &NoTexts);
        records.push(record);
        if !outcome.is_good() {
            code = ExitCode::Findings;
            let errors = outcome
                .findings
                .iter()
                .filter(|finding| finding.severity == Severity::Error);
            let problems = count(errors.count(), "problem", "problems");
            console.status("Refused", &format!("{}: {problems}", path.display()));
            continue;
        }
        for (label, text) in &outcome.summary {
            console.status(label, text);
        }
        if let Some(output) = &args.output {
            let data = outcome.data.ok_or_else(no_message)?;
            report::write_file(output, &data)?;
            console.status("Wrote", &output.display().to_string());
        }
    }
    console.structured(&json!({ "verified": records }));
    Ok(code)
}

/// Adds the result of a second build.
fn add_rebuilt(outcome: &mut Verification, rebuilt: Rebuilt) {
    let (files, commit) = (count(rebuilt.files, "file", "files"), &rebuilt.commit);
    let text = format!("{files} from commit {commit}, with the same bytes");
    outcome.summary.push(("Rebuilt", text));
    outcome.findings.extend(rebuilt.findings);
    outcome.record["rebuilt"] = outcome.is_good().into();
    outcome.record["good"] = outcome.is_good().into();
}
