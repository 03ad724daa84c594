//! `tfadir key publish`.

use std::path::Path;

use serde_json::{Value, json};

use crate::build::publish::refuse_overlap;
use crate::cli::{Global, KeyPublishArgs};
use crate::discovery::{self, Address, Discovery};
use crate::exit_code::ExitCode;
use crate::failure::Result;
use crate::openpgp::Certificate;
use crate::openpgp::expiry::WARN_DAYS;
use crate::openpgp::inspect::Inspected;
use crate::publish::{Durability, Target};
use crate::session;
use crate::session::clock::time;
use crate::session::console::Console;
use crate::signing::keys::certificates;
use crate::text::count;

/// Writes the files by which clients find a key.
pub(super) fn run(args: &KeyPublishArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let address = address(args.email.as_ref(), &args.out, global)?;
    let certificates = certificates(&args.files)?;
    let record = publish(&certificates, &address, &args.out, console)?;
    console.structured(&record);
    Ok(ExitCode::Success)
}

/// The address by which clients find a key, after checking that the folder to write is not a part
/// of a directory.
pub(super) fn address(given: Option<&Address>, out: &Path, global: &Global) -> Result<String> {
    let directory = session::open(global.root.as_deref());
    if let Ok(directory) = &directory {
        refuse_overlap(directory, out)?;
    }
    match given {
        Some(address) => Ok(address.to_string()),
        None => Ok(directory?.settings.publisher.email),
    }
}

/// Writes the files for some certificates to a folder, and returns what was written.
pub(super) fn publish(
    certificates: &[Certificate],
    address: &str,
    out: &Path,
    console: &Console,
) -> Result<Value> {
    let at = time()?;
    // Clients should learn that a key has expired or is revoked, so this is only a warning.
    for certificate in certificates {
        let inspected = Inspected::of_certificate(certificate, at);
        for problem in inspected.problems(at, WARN_DAYS) {
            console.warning(&problem);
        }
    }
    let Discovery { artifacts, problem } = discovery::artifacts(certificates, address, at)?;
    if let Some(problem) = problem {
        return Err(problem.into());
    }
    let waiting = || console.status("Waiting", "for another build");
    Target::claim(out, waiting)?.publish(&artifacts, Durability::Flushed)?;

    let mut paths = Vec::new();
    for artifact in &artifacts {
        console.detail("", &artifact.path);
        paths.push(artifact.path.as_str());
    }
    let files = count(artifacts.len(), "file", "files");
    console.status(
        "Wrote",
        &format!("{}: {files} for {address}", out.display()),
    );
    let fingerprints: Vec<String> = certificates.iter().map(Certificate::fingerprint).collect();
    for fingerprint in &fingerprints {
        console.status("Key", fingerprint);
    }
    Ok(json!({
        "out": out.to_string_lossy(),
        "address": address,
        "certificates": fingerprints,
        "files": paths,
    }))
}
