//! Which certificates `tfadir verify` trusts.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Failure, clock, keys};
use crate::cli::VerifyArgs;
use crate::discovery::KEY_FILE;
use crate::openpgp::{Certificate, Verifier};
use crate::verify::Trust;

#[derive(Debug, thiserror::Error)]
enum TrustError {
    #[error(
        "no trusted key given\n\
         help: name the public key with --cert, or its fingerprint with --fingerprint"
    )]
    NoKey,
    #[error(
        "`{}` is not a fingerprint\n\
         help: give all 40 hexadecimal digits, as shown by `gpg --fingerprint`; a key ID is too \
         short to be trusted", crate::text::visible(.0)
    )]
    BadFingerprint(String),
    #[error(
        "`{}` does not contain the key {fingerprint}\n\
         help: it contains {found}; if the fingerprint is right, this is not the publisher's key",
        .file.display()
    )]
    NotThere { file: PathBuf, fingerprint: String, found: String },
}

/// Trusts the certificates that the command line names to verify a path, or else those with the
/// given fingerprints in the `key.asc` next to the files.
pub(crate) fn of(args: &VerifyArgs, path: &Path) -> Result<Trust, Failure> {
    if args.cert.is_empty() && args.fingerprint.is_empty() {
        return Err(TrustError::NoKey.into());
    }
    let at = clock::time()?;
    let published = match path.is_dir() {
        true => path.join(KEY_FILE),
        false => path.with_file_name(KEY_FILE),
    };
    let mut certificates = match args.cert.is_empty() {
        true => keys::published_certificates(&published)?,
        false => keys::certificates(&args.cert)?,
    };
    if !args.fingerprint.is_empty() {
        let file = args.cert.first().unwrap_or(&published);
        let find = |fingerprint: &String| with_fingerprint(&certificates, fingerprint, file, at);
        certificates = args.fingerprint.iter().map(find).collect::<Result<_, _>>()?;
    }
    Ok(Trust {
        verifier: Verifier::new(certificates, at),
        after: args.after.map(|after| after.0),
        max_size: args.max_size,
    })
}

fn with_fingerprint(
    certificates: &[Certificate],
    fingerprint: &str,
    file: &Path,
    at: SystemTime,
) -> Result<Certificate, TrustError> {
    let digits: String = fingerprint.chars().filter(|it| !it.is_whitespace()).collect();
    if digits.len() != 40 || !digits.chars().all(|it| it.is_ascii_hexdigit()) {
        return Err(TrustError::BadFingerprint(fingerprint.to_owned()));
    }
    let found = certificates.iter().find(|certificate| certificate.is_named_by(&digits, at));
    found.cloned().ok_or_else(|| TrustError::NotThere {
        file: file.to_owned(),
        fingerprint: digits.to_uppercase(),
        found: certificates.iter().map(Certificate::fingerprint).collect::<Vec<_>>().join(", "),
    })
}
