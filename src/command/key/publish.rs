//! `tfadir key publish`.

use std::path::PathBuf;
use std::time::SystemTime;

use serde_json::json;

use crate::cli::{Global, KeyPublishArgs};
use crate::discovery;
use crate::exit_code::ExitCode;
use crate::openpgp::expiry::WARN_DAYS;
use crate::openpgp::inspect::inspect;
use crate::openpgp::{Certificate, KeySource};
use crate::pipeline;
use crate::pipeline::Failure;
use crate::pipeline::clock::time;
use crate::pipeline::console::Console;
use crate::pipeline::keys::read;
use crate::publish::{Durability, Target};
use crate::text::count;

/// Writes what makes a key known.
pub(super) fn run(
    args: &KeyPublishArgs,
    global: &Global,
    console: &Console,
) -> Result<ExitCode, Failure> {
    let at = time()?;
    let address = match &args.email {
        Some(address) => address.to_string(),
        None => pipeline::open(global.root.as_deref())?.settings.publisher.email,
    };
    let certificates = read_all(&args.files, at, console)?;
    let discovery = discovery::artifacts(&certificates, &address, at)?;
    if let Some(problem) = discovery.problem {
        return Err(problem.into());
    }
    let artifacts = discovery.artifacts;
    let waiting = || console.status("Waiting", "for another build beside this one");
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
    console.status("Wrote", &format!("{}: {files} about {address}", args.out.display()));
    for fingerprint in &fingerprints {
        console.status("Announced", fingerprint);
    }
    Ok(ExitCode::Success)
}

/// The certificates in some files, each once. What is wrong with them is told and no obstacle: that
/// a key has expired or is revoked is to be known as well.
fn read_all(
    files: &[PathBuf],
    at: SystemTime,
    console: &Console,
) -> Result<Vec<Certificate>, Failure> {
    let mut certificates: Vec<Certificate> = Vec::new();
    for file in files {
        let source = KeySource::File(file.clone());
        for certificate in Certificate::parse(&source, &read(file)?)? {
            let is_known = |it: &Certificate| it.fingerprint() == certificate.fingerprint();
            if certificates.iter().any(is_known) {
                continue;
            }
            for inspected in inspect(&source, &certificate.binary()?, at)? {
                for problem in inspected.problems(at, WARN_DAYS) {
                    console.warning(&problem);
                }
            }
            certificates.push(certificate);
        }
    }
    Ok(certificates)
}
