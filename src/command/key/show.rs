//! `tfadir key show` and `tfadir key check`.

use std::path::Path;
use std::time::SystemTime;

use serde_json::json;

use crate::cli::{Format, KeyCheckArgs, KeyShowArgs};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::openpgp::expiry::day;
use crate::openpgp::inspect::{Inspected, inspect};
use crate::session::clock::time;
use crate::session::console::Console;
use crate::signing::keys::read;
use crate::text::{count, visible};

/// Shows what a key file contains.
pub(crate) fn show(args: &KeyShowArgs, console: &Console) -> Result<ExitCode> {
    let inspected = of_file(&args.file, time()?)?;
    console.structured(&json!({ "file": args.file, "certificates": inspected }));
    if console.format != Format::Json {
        let texts: Vec<String> = inspected.iter().map(Inspected::text).collect();
        console.result(&texts.join("\n"));
    }
    Ok(ExitCode::Success)
}

/// Reports what needs attention, and ends with code 1 if anything does.
pub(crate) fn check(args: &KeyCheckArgs, console: &Console) -> Result<ExitCode> {
    let at = time()?;
    let inspected = of_file(&args.file, at)?;
    let problems: Vec<String> = inspected
        .iter()
        .flat_map(|certificate| certificate.problems(at, args.warn_days))
        .collect();
    console.structured(&json!({
        "file": args.file,
        "problems": problems,
        "certificates": inspected,
    }));
    let file = args.file.display();
    if console.format != Format::Json {
        for problem in &problems {
            console.result(&format!("{}\n", visible(&format!("{file}: {problem}"))));
        }
    }
    let expires = inspected
        .iter()
        .filter_map(|certificate| certificate.expires)
        .min();
    let result = match (problems.len(), expires) {
        (0, None) => "good; it does not expire".to_owned(),
        (0, Some(expires)) => format!("good until {}", day(expires)),
        (number, _) => count(number, "problem", "problems"),
    };
    console.status("Checked", &format!("{file}: {result}"));
    Ok(if problems.is_empty() {
        ExitCode::Success
    } else {
        ExitCode::Findings
    })
}

fn of_file(file: &Path, at: SystemTime) -> Result<Vec<Inspected>> {
    inspect(&file.display().to_string(), &read(file)?, at)
}
