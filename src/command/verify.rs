//! `tfadir verify`.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde_json::json;

use crate::cli::{Global, VerifyArgs};
use crate::exit_code::ExitCode;
use crate::finding::Severity;
use crate::pipeline::console::Console;
use crate::pipeline::report::{self, NoTexts};
use crate::pipeline::{Failure, dist, trust};
use crate::text::count;
use crate::verify::{self, Outcome};

#[derive(Debug, thiserror::Error)]
enum OutputError {
    #[error(
        "--output writes the data of one signed message\n\
         help: name a single signed message, such as all.json.gpg"
    )]
    NoMessage,
    #[error("cannot write `{0}`: {1}")]
    Unwritable(PathBuf, io::Error),
}

/// Verifies folders and files, and reports the problems of each.
pub(super) fn run(
    args: &VerifyArgs,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, Failure> {
    let paths = match args.paths.as_slice() {
        [] => vec![dist(None, global)?],
        paths => paths.to_vec(),
    };
    if args.output.is_some() && (paths.len() != 1 || paths[0].is_dir()) {
        return Err(OutputError::NoMessage.into());
    }
    let mut records = Vec::new();
    let mut code = ExitCode::Success;
    for path in &paths {
        let trust = trust::of(args, path)?;
        let outcome = console.patiently("verifying", || match path.is_dir() {
            true => verify::folder(path, &trust).map_err(Failure::from),
            false => verify::file(path, &trust).map_err(Failure::from),
        })?;
        let mut record = outcome.record.clone();
        record["findings"] = report::findings(console, &outcome.base, &outcome.findings, &NoTexts);
        records.push(record);
        if !outcome.is_good() {
            code = ExitCode::Findings;
            let errors = outcome.findings.iter().filter(|it| it.severity == Severity::Error);
            let problems = count(errors.count(), "problem", "problems");
            console.status("Refused", &format!("{}: {problems}", path.display()));
            continue;
        }
        for (label, text) in &outcome.summary {
            console.status(label, text);
        }
        write(args, &outcome, console)?;
    }
    console.structured(&json!({ "verified": records }));
    Ok(code)
}

fn write(args: &VerifyArgs, outcome: &Outcome, console: &Console) -> Result<(), OutputError> {
    let Some(output) = &args.output else {
        return Ok(());
    };
    let data = outcome.data.as_ref().ok_or(OutputError::NoMessage)?;
    fs::write(output, data).map_err(|error| OutputError::Unwritable(output.clone(), error))?;
    console.status("Wrote", &output.display().to_string());
    Ok(())
}
