//! Which certificates `tfadir verify` and `tfadir diff` trust.

use std::path::Path;
use std::time::SystemTime;

use crate::cli::{TrustArgs, VerifyArgs};
use crate::discovery::KEY_FILE;
use crate::failure::{Result, fail, failure};
use crate::openpgp::{Certificate, SignatureError, Verifier, hex_digits};
use crate::session::Session;
use crate::session::clock;
use crate::signing::keys;
use crate::state::State;
use crate::text::{quote, visible};
use crate::verify::Trust;

/// Trusts the certificates that the command line names to verify a path, or else those with the
/// given fingerprints in the `key.asc` next to the files.
pub(crate) fn of(args: &VerifyArgs, path: &Path) -> Result<Trust> {
    if !args.trust.is_given() {
        fail!(
            "no trusted key given";
            help: "pass the certificate with --cert, or its fingerprint with --fingerprint"
        );
    }
    let verifier = verifier(&args.trust, path, clock::time()?)?;
    Ok(Trust {
        verifier,
        after: args.after,
        max_size: args.max_size,
    })
}

fn verifier(args: &TrustArgs, path: &Path, at: SystemTime) -> Result<Verifier> {
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
        certificates = args
            .fingerprint
            .iter()
            .map(find)
            .collect::<Result<_, _>>()?;
    }
    Ok(Verifier::new(certificates, at))
}

/// Verifies the manifest of a published state, which covers the data that was read.
///
/// Without a trusted key, its own `key.asc` must have signed it, which shows that it was not changed,
/// but not who published it. Without a signature or `key.asc`, a warning says so.
pub(crate) fn verify(state: &State, args: &TrustArgs, session: &Session<'_>) -> Result<()> {
    let Some(published) = &state.published else {
        return Ok(());
    };
    let path = &published.manifest;
    let shown = quote(&path.to_string_lossy());
    let is_alone = !args.is_given() && !path.with_file_name(KEY_FILE).is_file();
    let problem = match &published.found {
        None => "it does not exist",
        Some(found) if found.unverified.keys.is_empty() => "it comes from an unsigned build",
        Some(found) if !found.has_signature() => "there is no signature next to it",
        Some(_) if is_alone => "there is no key.asc next to it",
        Some(found) => {
            let key = if args.is_given() {
                "a trusted key"
            } else {
                "the key.asc next to it"
            };
            let verified = match found.verify(&verifier(args, path, session.at)?) {
                Ok(verified) => verified,
                // The key has expired or been revoked, for example.
                Err(Some(SignatureError::Invalid(problem))) => fail!(
                    "{shown} {problem}";
                    help: "do not trust this build; ask the publisher for one with a valid \
                           signature"
                ),
                Err(_) => fail!(
                    "{shown} is not signed by {key}";
                    help: "it was changed, or has another publisher; download all files again, \
                           and compare the fingerprints"
                ),
            };
            let keys = verified.keys.join(" and ");
            let source = if args.is_given() {
                ""
            } else {
                ", if key.asc is the publisher's"
            };
            session.console.status(
                "Verified",
                &format!("{}: signed by {keys}{source}", path.display()),
            );
            return Ok(());
        }
    };
    let help = "put the manifest, its signature and key.asc into one folder, and name the \
                publisher's key with --cert or --fingerprint";
    if args.is_given() {
        fail!("cannot verify {shown}: {problem}"; help: "{help}");
    }
    session
        .console
        .warn(&failure!("{shown} is not verified: {problem}"; help: "{help}"));
    Ok(())
}

impl TrustArgs {
    fn is_given(&self) -> bool {
        !(self.cert.is_empty() && self.fingerprint.is_empty())
    }
}

fn with_fingerprint(
    certificates: &[Certificate],
    fingerprint: &str,
    file: &Path,
    at: SystemTime,
) -> Result<Certificate> {
    let digits = hex_digits(fingerprint);
    if digits.len() != 40 || !digits.chars().all(|char| char.is_ascii_hexdigit()) {
        fail!(
            "`{}` is not a fingerprint", visible(fingerprint);
            help: "specify all 40 hexadecimal digits of a version-4 key, as shown by `gpg \
                   --fingerprint`; a key ID is too short to be trusted"
        );
    }
    if let Some(found) = certificates
        .iter()
        .find(|certificate| certificate.is_named_by(&digits, at))
    {
        return Ok(found.clone());
    }
    let found: Vec<String> = certificates.iter().map(Certificate::fingerprint).collect();
    let (file, digits, found) = (file.display(), digits.to_uppercase(), found.join(", "));
    fail!(
        "`{file}` does not contain the key {digits}";
        help: "it contains {found}; if the fingerprint is right, this is not the publisher's key"
    )
}
