//! `tfadir key publish`.

use serde_json::json;

use super::{Failure, read, time};
use crate::announce;
use crate::cli::{Global, KeyPublishArgs};
use crate::console::Console;
use crate::exit_code::ExitCode;
use crate::openpgp::{Certificate, KeySource};
use crate::project::Project;
use crate::publish::{Durability, Target};
use crate::wording::count;

/// Writes what makes a key known.
pub fn run(args: &KeyPublishArgs, global: &Global, console: &Console) -> Result<ExitCode, Failure> {
    let at = time()?;
    let address = match &args.email {
        Some(address) => address.to_string(),
        None => Project::open(global.root.as_deref())?.settings.publisher.email,
    };
    let mut certificates: Vec<Certificate> = Vec::new();
    for file in &args.files {
        for certificate in Certificate::parse(&KeySource::File(file.clone()), &read(file)?)? {
            let is_known = |it: &Certificate| it.fingerprint() == certificate.fingerprint();
            if !certificates.iter().any(is_known) {
                certificates.push(certificate);
            }
        }
    }
    let announcement = announce::artifacts(&certificates, &address, at)?;
    if let Some(problem) = announcement.problem {
        return Err(problem.into());
    }
    let artifacts = announcement.artifacts;
    let waiting = || console.status("Waiting", "for another build beside this one");
    Target::claim(&args.out, waiting)?.publish(&artifacts, Durability::Flushed)?;

    for certificate in &certificates {
        let fingerprint = certificate.fingerprint();
        if certificate.is_revoked(at) {
            console.warning(&format!("the key {fingerprint} is revoked; this makes that known"));
        } else if certificate.expiry(at).is_some_and(|expiry| expiry <= at) {
            console.warning(&format!(
                "the key {fingerprint} has expired; whoever finds it cannot use it\n\
                 help: prolong it with `gpg --quick-set-expire {fingerprint} 1y`, export it and \
                 publish it again"
            ));
        }
    }
    let fingerprints: Vec<String> = certificates.iter().map(Certificate::fingerprint).collect();
    console.structured(&json!({
        "out": args.out,
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
