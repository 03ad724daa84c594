//! The command line of `tfadir verify`.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir verify --cert key.asc                       the whole folder `paths.dist`
  tfadir verify /srv/api --fingerprint 0123…CDEF     with the key in the folder's key.asc
  tfadir verify all.json.sig --cert key.asc          a detached signature next to all.json
  tfadir verify all.json.gpg --cert key.asc --output data.json
                                                     a signed message; writes its data
  tfadir verify /srv/api --fingerprint 0123…CDEF --source directory
                                                     prove that it was built from a repository

A signature proves nothing unless you know the key: get the fingerprint from a different source than
the files.

Environment:
  SOURCE_DATE_EPOCH  the time at which keys and signatures must be valid, in seconds since 1970")]
pub(crate) struct VerifyArgs {
    /// Folders that tfadir built, and signature files of either kind [default: `paths.dist`
    /// in directory.toml]
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
    /// Refuse a manifest with a serial below this number or time, and a single file that was signed
    /// before it
    #[arg(long, value_name = "SERIAL|TIME", value_parser = after)]
    pub(crate) after: Option<u64>,
    /// Also build the commit that the manifest names, from this directory's git repository, and
    /// compare every file
    #[arg(long, value_name = "ROOT")]
    pub(crate) source: Option<PathBuf>,
    /// Write the data of a single signed message to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Refuse files with more than this many bytes of data
    #[arg(long, value_name = "BYTES", default_value_t = 16 * 1024 * 1024)]
    pub(crate) max_size: usize,
    /// Same as `--format json`
    #[arg(long)]
    pub(crate) json: bool,
}

/// Whose signatures are trusted.
#[derive(Debug, Default, Args)]
pub(crate) struct TrustArgs {
    /// Trust the certificate in this file; during a roll-over, pass both certificates
    #[arg(long, value_name = "FILE")]
    pub(crate) cert: Vec<PathBuf>,
    /// Trust only the key with this fingerprint; without --cert, from the published `key.asc`
    #[arg(long, value_name = "FPR")]
    pub(crate) fingerprint: Vec<String>,
}

/// A serial or a time in seconds since 1970, from a number, or from a date or time (RFC 3339), such as
/// `2026-11-22` or `2026-11-22T06:00:00Z`.
fn after(text: &str) -> Result<u64, &'static str> {
    let of_time = || {
        let midnight = format!("{text}T00:00:00Z");
        let time = text
            .parse::<Timestamp>()
            .or_else(|_| midnight.parse())
            .ok()?;
        u64::try_from(time.as_second()).ok()
    };
    let after = text.parse().ok().or_else(of_time);
    after.ok_or("this is not a serial or a time such as 2026-11-22T06:00:00Z")
}
