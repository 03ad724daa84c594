//! `tfadir key publish`.

use serde_json::json;

use crate::build::publish::refuse_overlap;
use crate::cli::{Global, KeyPublishArgs};
use crate::discovery;
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
    let at = time()?;
    let directory = session::open(global.root.as_deref());
    if let Ok(directory) = &directory {
        refuse_overlap(directory, &args.out)?;
    }
    let address = match &args.email {
        Some(address) => address.to_string(),
        None => directory?.settings.publisher.email,
    };
    let certificates = certificates(&args.files)?;
    // Clients should learn that a key has expired or is revoked, so this is only a warning.
    for certificate in &certificates {
        let problems = Inspected::of_certificate(certificate, at).problems(at, WARN_DAYS);
        for problem in &problems {
            console.warning(problem);
        }
    }
    let discovery = discovery::artifacts(&certificates, &address, at)?;
    if let Some(problem) = discovery.problem {
        return Err(problem.into());
    }
    let artifacts = discovery.artifacts;
    let waiting = || console.status("Waiting", "for another build");
    Target::claim(&args.out, waiting)?.publish(&artifacts, Durability::Flushed)?;

    let fingerprints: Vec<String> = certificates.iter().map(Certificate::fingerprint).collect();
    console.structured(&json!({
        "out": args.out.to_string_lossy(),
        "address": address,
        "certificates": fingerprints,
        "files": artifacts.iter().map(|it| &it.path).collect::<Vec<_>>(),
    }));
    for artifact in &artifacts {
        console.detail("", &artifact.path);
    }
    let files = count(artifacts.len(), "file", "files");
    console.status(
        "Wrote",
        &format!("{}: {files} for {address}", args.out.display()),
    );
    for fingerprint in &fingerprints {
        console.status("Key", fingerprint);
    }
    Ok(ExitCode::Success)
}
