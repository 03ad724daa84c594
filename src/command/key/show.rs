//! `tfadir key show` and `tfadir key check`.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::cli::{KeyCheckArgs, KeyShowArgs};
use crate::exit_code::ExitCode;
use crate::openpgp::KeySource;
use crate::openpgp::expiry::{day, timestamp};
use crate::openpgp::inspect::{Inspected, Key, Secret, State, inspect};
use crate::pipeline::Failure;
use crate::pipeline::clock::time;
use crate::pipeline::console::Console;
use crate::pipeline::keys::read;
use crate::text::{count, visible};

/// Says what a key file holds.
pub(crate) fn show(args: &KeyShowArgs, console: &Console) -> Result<ExitCode, Failure> {
    let at = time()?;
    let inspected = inspect(&KeySource::File(args.file.clone()), &read(&args.file)?, at)?;
    let records: Vec<Value> = inspected.iter().map(record).collect();
    console.structured(&json!({ "file": args.file, "certificates": records }));
    if !is_for_programs(console) {
        let texts: Vec<String> = inspected.iter().map(text).collect();
        console.result(&texts.join("\n"));
    }
    Ok(ExitCode::Success)
}

/// Says what somebody has to do something about, and ends with code 1 if there is anything.
pub(crate) fn check(args: &KeyCheckArgs, console: &Console) -> Result<ExitCode, Failure> {
    let at = time()?;
    let inspected = inspect(&KeySource::File(args.file.clone()), &read(&args.file)?, at)?;
    let problems: Vec<String> =
        inspected.iter().flat_map(|it| it.problems(at, args.warn_days)).collect();
    let records: Vec<Value> = inspected.iter().map(record).collect();
    console.structured(&json!({
        "file": args.file,
        "problems": problems,
        "certificates": records,
    }));
    let file = args.file.display();
    if !is_for_programs(console) {
        for problem in &problems {
            console.result(&format!("{}\n", visible(&format!("{file}: {problem}"))));
        }
    }
    if problems.is_empty() {
        console.status("Checked", &format!("{file}: {}", good(&inspected)));
        return Ok(ExitCode::Success);
    }
    console.status("Checked", &format!("{file}: {}", count(problems.len(), "problem", "problems")));
    Ok(ExitCode::Findings)
}

fn is_for_programs(console: &Console) -> bool {
    console.format() == crate::cli::Format::Json
}

/// The good news, with the day of which to think next.
fn good(inspected: &[Inspected]) -> String {
    let expiry = inspected.iter().filter_map(|it| it.expiry).min();
    match expiry {
        None => "good; it does not expire".to_owned(),
        Some(expiry) => format!("good until {}", day(expiry)),
    }
}

fn text(inspected: &Inspected) -> String {
    let mut text = String::new();
    // Writing into a string does not fail.
    let mut line = |label: &str, value: &str| {
        let _ = writeln!(text, "{}", format!("{label:<9} {}", visible(value)).trim_end());
    };
    line(if inspected.is_secret { "Secret" } else { "Public" }, &inspected.fingerprint);
    for id in &inspected.user_ids {
        line("User id", &with_state(&id.text, &id.state));
    }
    for key in &inspected.keys {
        line(if key.is_primary { "Primary" } else { "Subkey" }, &key.fingerprint);
        line("", &facts(key));
        line("", &with_state(secret(key.secret), &key.state));
    }
    match &inspected.signer {
        Ok(signer) => line("Signs", signer),
        Err(error) => {
            for (index, said) in error.to_string().lines().enumerate() {
                line(
                    if index == 0 { "Signs" } else { "" },
                    &match index {
                        0 => format!("nothing: {said}"),
                        _ => said.to_owned(),
                    },
                );
            }
        }
    }
    text
}

fn facts(key: &Key) -> String {
    let may = match key.capabilities.is_empty() {
        true => "may do nothing".to_owned(),
        false => format!("may {}", key.capabilities.join(" and ")),
    };
    let expires = match (key.expires, &key.state) {
        (None, _) => "does not expire".to_owned(),
        (Some(expiry), State::Expired) => format!("expired {}", day(expiry)),
        (Some(expiry), _) => format!("expires {}", day(expiry)),
    };
    format!("{}, {may}, made {}, {expires}", key.algorithm, day(key.created))
}

fn secret(secret: Secret) -> &'static str {
    match secret {
        Secret::None => "",
        Secret::Elsewhere => "its secret is not in this file",
        Secret::Protected => "protected by a passphrase",
        Secret::Open => "not protected by a passphrase",
    }
}

fn with_state(text: &str, state: &State) -> String {
    let state = match state {
        State::Good => "accepted".to_owned(),
        State::Expired => "expired".to_owned(),
        State::Revoked => "revoked".to_owned(),
        State::NotAccepted(reason) => format!("not accepted: {reason}"),
    };
    match text.is_empty() {
        true => state,
        false => format!("{text} ({state})"),
    }
}

fn record(inspected: &Inspected) -> Value {
    let user_ids = inspected.user_ids.iter().map(|id| {
        let (state, reason) = state(&id.state);
        json!({ "user_id": id.text, "state": state, "reason": reason })
    });
    let keys = inspected.keys.iter().map(|key| {
        let (state, reason) = state(&key.state);
        json!({
            "fingerprint": key.fingerprint,
            "primary": key.is_primary,
            "algorithm": key.algorithm,
            "capabilities": key.capabilities,
            "created": timestamp(key.created),
            "expires": key.expires.and_then(timestamp),
            "secret": match key.secret {
                Secret::None => "none",
                Secret::Elsewhere => "elsewhere",
                Secret::Protected => "protected",
                Secret::Open => "open",
            },
            "state": state,
            "reason": reason,
        })
    });
    json!({
        "fingerprint": inspected.fingerprint,
        "secret": inspected.is_secret,
        "user_ids": user_ids.collect::<Vec<_>>(),
        "keys": keys.collect::<Vec<_>>(),
        "signer": inspected.signer.as_ref().ok(),
        "signer_error": inspected.signer.as_ref().err().map(ToString::to_string),
        "expires": inspected.expiry.and_then(timestamp),
    })
}

fn state(state: &State) -> (&'static str, Option<&str>) {
    match state {
        State::Good => ("good", None),
        State::Expired => ("expired", None),
        State::Revoked => ("revoked", None),
        State::NotAccepted(reason) => ("not accepted", Some(reason)),
    }
}
