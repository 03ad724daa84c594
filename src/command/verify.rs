//! `tfadir verify`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde_json::{Value, json};

use crate::cli::{Global, VerifyArgs};
use crate::exit_code::ExitCode;
use crate::finding::{Elsewhere, Severity};
use crate::openpgp::expiry::timestamp;
use crate::openpgp::{Certificate, FormError, Good, Verifier};
use crate::pipeline::console::Console;
use crate::pipeline::report::{self, NoTexts};
use crate::pipeline::{Failure, clock, dist, keys};
use crate::text::{count, size};
use crate::verify::{Contents, Trust, Verified, VerifyFileError, finding, signatures, verify_file};

/// Nothing can be verified.
#[derive(Debug, thiserror::Error)]
enum VerifyCommandError {
    /// Nobody is trusted.
    #[error(
        "it is not said whose signatures are to be trusted\n\
         help: name the public key with --cert, or its fingerprint with --fingerprint"
    )]
    NoTrust,
    /// A fingerprint is none.
    #[error(
        "`{}` is no fingerprint\n\
         help: give all 40 hexadecimal digits, as `gpg --fingerprint` shows them; a key id is too \
         short to be trusted", crate::text::visible(.0)
    )]
    BadFingerprint(String),
    /// No certificate has the fingerprint.
    #[error(
        "`{}` does not hold the key {fingerprint}\n\
         help: it holds {found}; if the fingerprint is right, this is not the publisher's key", .file.display()
    )]
    NotThere {
        /// Where it was looked for.
        file: PathBuf,
        /// What was looked for.
        fingerprint: String,
        /// The fingerprints that are there.
        found: String,
    },
    /// Only a single message has data to be written.
    #[error(
        "--output writes the data of one signed message\nhelp: name one file that is one, such as all.json.gpg"
    )]
    Output,
    /// The data cannot be written.
    #[error("cannot write `{path}`: {source}")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Verifies folders and files, and tells of each what is wrong with it.
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
        return Err(VerifyCommandError::Output.into());
    }
    let mut records = Vec::new();
    let mut code = ExitCode::Success;
    for path in &paths {
        let trust = trust(args, path)?;
        let (record, is_good) = match path.is_dir() {
            true => folder(path, &trust, console)?,
            false => file(path, &trust, args, console)?,
        };
        records.push(record);
        if !is_good {
            code = ExitCode::Findings;
        }
    }
    console.structured(&json!({ "verified": records }));
    Ok(code)
}

/// Who is trusted when this path is looked at.
fn trust(args: &VerifyArgs, path: &Path) -> Result<Trust, Failure> {
    if args.cert.is_empty() && args.fingerprint.is_empty() {
        return Err(VerifyCommandError::NoTrust.into());
    }
    let at = clock::time()?;
    let beside = match path.is_dir() {
        true => path.join("key.asc"),
        false => path.with_file_name("key.asc"),
    };
    let files = if args.cert.is_empty() { std::slice::from_ref(&beside) } else { &args.cert };
    let mut certificates = Vec::new();
    for file in files {
        certificates.extend(match args.cert.is_empty() {
            // Nobody named it: it came with what is to be verified.
            true => keys::certificates_beside(file)?,
            false => keys::certificates(file)?,
        });
    }
    if !args.fingerprint.is_empty() {
        let file = files.first().unwrap_or(&beside);
        certificates = with_fingerprints(&certificates, &args.fingerprint, file, at)?;
    }
    Ok(Trust {
        verifier: Verifier::new(certificates, at),
        after: args.after.map(|after| after.0),
        max_size: args.max_size,
    })
}

/// The certificates that have one of the fingerprints; each must be there.
fn with_fingerprints(
    certificates: &[Certificate],
    fingerprints: &[String],
    file: &Path,
    at: SystemTime,
) -> Result<Vec<Certificate>, VerifyCommandError> {
    let find = |fingerprint: &String| {
        let digits: String = fingerprint.chars().filter(|it| !it.is_whitespace()).collect();
        if digits.len() != 40 || !digits.chars().all(|it| it.is_ascii_hexdigit()) {
            return Err(VerifyCommandError::BadFingerprint(fingerprint.clone()));
        }
        let found = certificates.iter().find(|certificate| certificate.is_named_by(&digits, at));
        found.cloned().ok_or_else(|| VerifyCommandError::NotThere {
            file: file.to_owned(),
            fingerprint: digits.to_uppercase(),
            found: certificates.iter().map(Certificate::fingerprint).collect::<Vec<_>>().join(", "),
        })
    };
    fingerprints.iter().map(find).collect()
}

fn folder(path: &Path, trust: &Trust, console: &Console) -> Result<(Value, bool), Failure> {
    let contents = console.patiently("reading the files", || Contents::read(path))?;
    let mut findings = contents.differences();
    findings.extend(console.patiently("verifying", || signatures(&contents, trust)));
    findings.sort_by(|a, b| (a.severity, &a.path).cmp(&(b.severity, &b.path)));
    let is_good = !findings.iter().any(|it| it.severity == Severity::Error);
    let records = report::findings(console, path, &findings, &NoTexts);
    let manifest = &contents.manifest;
    if is_good {
        let certificates = trust.verifier.certificates().iter();
        let keys = certificates.filter(|it| manifest.keys.contains(&it.fingerprint())).count();
        // Both kinds, by each of the keys.
        let signatures = 2 * keys * contents.signed().count();
        let (files, signed) = (
            count(manifest.files.len() + 1, "file", "files"),
            count(signatures, "signature", "signatures"),
        );
        console.status("Verified", &format!("{}: {files}, {signed}", path.display()));
        console.status("Signed", &format!("by {}", manifest.keys.join(" and ")));
        console.status(
            "Serial",
            &format!("{} ({})", manifest.serial, crate::text::visible(&manifest.time)),
        );
    } else {
        let problems = findings.iter().filter(|it| it.severity == Severity::Error).count();
        let problems = count(problems, "problem", "problems");
        console.status("Refused", &format!("{}: {problems}", path.display()));
    }
    let record = json!({
        "path": path.to_string_lossy(),
        "good": is_good,
        "serial": manifest.serial,
        "time": manifest.time,
        "commit": manifest.commit,
        "keys": manifest.keys,
        "files": manifest.files.len() + 1,
        "findings": records,
    });
    Ok((record, is_good))
}

fn file(
    path: &Path,
    trust: &Trust,
    args: &VerifyArgs,
    console: &Console,
) -> Result<(Value, bool), Failure> {
    let verified = match verify_file(path, trust) {
        Ok(verified) => verified,
        Err(error) if error.is_finding() => return Ok(refused(path, &error, console)),
        Err(error) => return Err(error.into()),
    };
    let Verified { kind, signatures, data } = &verified;
    let of = data.as_ref().map_or_else(String::new, |it| format!(" of {}", size(it.len())));
    console.status("Verified", &format!("{}: {kind}{of}", path.display()));
    for good in signatures {
        console.status(
            "Signed",
            &format!("by {} on {}", good.key, timestamp(good.made).unwrap_or_default()),
        );
    }
    if let Some(output) = &args.output {
        let data = data.as_ref().ok_or(VerifyCommandError::Output)?;
        fs::write(output, data)
            .map_err(|source| VerifyCommandError::Unwritable { path: output.clone(), source })?;
        console.status("Wrote", &output.display().to_string());
    }
    let record = |good: &Good| json!({ "certificate": good.certificate, "key": good.key, "made": timestamp(good.made) });
    let record = json!({
        "path": path.to_string_lossy(),
        "good": true,
        "kind": kind,
        "signatures": signatures.iter().map(record).collect::<Vec<_>>(),
        "findings": [],
    });
    Ok((record, true))
}

fn refused(path: &Path, error: &VerifyFileError, console: &Console) -> (Value, bool) {
    let name = path.file_name().map(PathBuf::from).unwrap_or_default();
    // Whoever names the data means one of its signatures.
    let is_data = matches!(error, VerifyFileError::Form(FormError::Malformed(_)))
        && path.extension().is_some_and(|it| it == "json");
    let help = match is_data {
        true => {
            let name = name.display();
            format!(
                "If this is the data, name its signature instead: `{name}.sig` or `{name}.gpg`."
            )
        }
        false => {
            "Do not use it. Download it again from the publisher, with its signature.".to_owned()
        }
    };
    let finding = finding(Elsewhere::Signature, &name.to_string_lossy(), error.to_string(), &help);
    let folder = path.parent().unwrap_or(Path::new(""));
    let findings = report::findings(console, folder, &[finding], &NoTexts);
    console.status("Refused", &path.display().to_string());
    (json!({ "path": path.to_string_lossy(), "good": false, "findings": findings }), false)
}
