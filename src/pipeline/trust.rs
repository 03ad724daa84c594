//! Which certificates `tfadir verify` trusts.

use std::path::Path;
use std::time::SystemTime;

use super::{clock, keys};
use crate::cli::VerifyArgs;
use crate::discovery::KEY_FILE;
use crate::failure::{Result, fail};
use crate::openpgp::{Certificate, Verifier};
use crate::text::visible;
use crate::verify::Trust;

/// Trusts the certificates that the command line names to verify a path, or else those with the
/// given fingerprints in the `key.asc` next to the files.
pub(crate) fn of(args: &VerifyArgs, path: &Path) -> Result<Trust> {
    if args.cert.is_empty() && args.fingerprint.is_empty() {
        fail!(
            "no trusted key given\n\
             help: name the public key with --cert, or its fingerprint with --fingerprint"
        );
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
    let verifier = Verifier::new(certificates, at);
    Ok(Trust { verifier, after: args.after, max_size: args.max_size })
}

fn with_fingerprint(
    certificates: &[Certificate],
    fingerprint: &str,
    file: &Path,
    at: SystemTime,
) -> Result<Certificate> {
    let digits: String = fingerprint.chars().filter(|it| !it.is_whitespace()).collect();
    if digits.len() != 40 || !digits.chars().all(|it| it.is_ascii_hexdigit()) {
        fail!(
            "`{}` is not a fingerprint\n\
             help: give all 40 hexadecimal digits, as shown by `gpg --fingerprint`; a key ID is too \
             short to be trusted",
            visible(fingerprint)
        );
    }
    if let Some(found) = certificates.iter().find(|it| it.is_named_by(&digits, at)) {
        return Ok(found.clone());
    }
    let found: Vec<String> = certificates.iter().map(Certificate::fingerprint).collect();
    let (file, digits, found) = (file.display(), digits.to_uppercase(), found.join(", "));
    fail!(
        "`{file}` does not contain the key {digits}\n\
         help: it contains {found}; if the fingerprint is right, this is not the publisher's key"
    )
}
