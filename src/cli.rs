//! The command line: what can be said, and what the help says of it.

mod key;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::PossibleValuesParser;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

pub use self::key::{
    CipherArg, KeyArgs, KeyCheckArgs, KeyCommand, KeyGenerateArgs, KeyPublishArgs, KeyShowArgs,
};
use crate::check;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    format!("{}\ncrypto backend: {}", env!("CARGO_PKG_VERSION"), crate::openpgp::backend())
});

/// Turns a folder of per-site JSON files into the public API of a two-factor-authentication
/// directory.
#[derive(Debug, Parser)]
#[command(
    name = "tfadir",
    version,
    long_version = LONG_VERSION.as_str(),
    styles = STYLES,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 all is well, 1 there are findings, 2 tfadir could not do its work."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Global {
    /// The directory's folder [default: the nearest one upwards with a `directory.toml` or a
    /// folder `entries`]
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// The form of what is written to standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Auto)]
    pub format: Format,
    /// Say nothing but findings, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: when each stage of a build ends, and every file that is written
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// For whom the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// `github` where GitHub Actions runs it, `human` elsewhere
    Auto,
    /// For people
    Human,
    /// For GitHub Actions: annotations, and a summary of the job
    Github,
    /// For programs: one JSON object
    Json,
    /// For code scanning: findings as SARIF 2.1.0
    Sarif,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the entries and build `dist/`
    Build(BuildArgs),
    /// Sign a build that is not signed yet
    Sign(SignCommandArgs),
    /// Verify a build, or a downloaded file
    Verify(VerifyArgs),
    /// Check entries and icons and build nothing
    Check(CheckArgs),
    /// Build in memory, show it in a browser, and build again on every change
    Serve(ServeArgs),
    /// Bring entries into canonical form
    Fmt(FmtArgs),
    /// Say what a rule finds, why, and how to do it right
    Explain(ExplainArgs),
    /// Make the key that signs, look after it, and announce it
    Key(KeyArgs),
}

/// What `fmt` understands.
#[derive(Debug, Args)]
pub struct FmtArgs {
    /// Format these files and folders only
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Write nothing; end with code 1 if anything is not in canonical form
    #[arg(long)]
    pub check: bool,
}

/// What `explain` understands.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule's id, as reports show it in brackets and `tfadir check --list-rules` lists it
    #[arg(value_name = "RULE", value_parser = PossibleValuesParser::new(check::ids()))]
    #[arg(hide_possible_values = true)]
    pub rule: String,
}

/// What `check` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir check                             check everything
  tfadir check entries/e/example.com.json  report what is wrong with one file
  tfadir check --fix                       mend what a machine can
  tfadir check --changed-since main        report what a branch has to do with

The whole directory is always checked; files and options only choose what is reported.
`tfadir explain RULE` says what a rule is about.

Environment:
  GITHUB_ACTIONS       `true` makes `--format auto` write annotations
  GITHUB_STEP_SUMMARY  a file to which a summary is added where annotations are written")]
pub struct CheckArgs {
    /// Report only findings in these files and folders, and in what they collide with
    #[arg(value_name = "PATH", conflicts_with = "list_rules")]
    pub paths: Vec<PathBuf>,
    /// Report only findings in files that differ from this git branch or commit, and in what they
    /// collide with
    #[arg(long, value_name = "REF", conflicts_with = "list_rules")]
    pub changed_since: Option<String>,
    /// Report only what this rule finds; may be given several times
    #[arg(long = "rule", value_name = "RULE", conflicts_with = "list_rules")]
    #[arg(value_parser = PossibleValuesParser::new(check::ids()), hide_possible_values = true)]
    pub rules: Vec<String>,
    /// End with code 1 on warnings as well
    #[arg(long, value_name = "SEVERITY", value_enum, conflicts_with = "list_rules")]
    pub deny: Option<Denied>,
    /// Mend what a machine can, and report what is left
    #[arg(long, conflicts_with = "list_rules")]
    pub fix: bool,
    /// List all rules and check nothing
    #[arg(long)]
    pub list_rules: bool,
}

/// What else is taken as strictly as errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Denied {
    /// Warnings
    Warnings,
}

/// What `serve` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir serve           serve at http://127.0.0.1:8000/
  tfadir serve --open    and show it in the browser
  tfadir serve --port 0  take any free port, and print it

Nothing is written and nothing is signed. Open pages are reloaded after each build; where a build
fails, they show what is wrong. The server is made for the one who edits, not for the public.")]
pub struct ServeArgs {
    /// The port to listen at; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub port: u16,
    /// The address to listen at; with any other, other machines may be able to read all of it
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub address: IpAddr,
    /// Show it in the browser
    #[arg(long)]
    pub open: bool,
}

/// What `build` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir build                          sign with a development key, for trying things out
  tfadir build --unsigned --out /tmp/x  build without signatures, to another folder
  tfadir build --release --key key.asc --password-file passphrase.txt
  tfadir build --release --unsigned --cert key.pub.asc
                                        build what `tfadir sign` is to sign elsewhere

A development key is made once, in the folder `.tfadir` of the root, where no key is named.

Environment:
  PGP_KEY            a secret key, ASCII-armored, in place of --key
  PGP_PASSWORD       its passphrase, in place of --password-file
  PGP_KEY_ID         which key signs, in place of --key-id; several with commas between them
  SOURCE_DATE_EPOCH  the time of the source and of signing, in seconds since 1970
  CI                 `true` implies --release")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct BuildArgs {
    /// Where to build [default: the `dist` of the settings, in the root]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write JSON with line breaks and indentation
    #[arg(long)]
    pub pretty: bool,
    /// Write documents compressed by gzip and Brotli as well, for servers that send such files
    #[arg(long)]
    pub precompress: bool,
    /// Build for publication: refuse a development key and a serial that goes back, and flush all
    /// files to the disk
    #[arg(long)]
    pub release: bool,
    /// Build without signatures
    #[arg(long, conflicts_with_all = ["key", "key_id", "password_file", "resign"])]
    pub unsigned: bool,
    /// With --unsigned: the public key in this file will sign; may be given several times
    #[arg(long, value_name = "FILE", requires = "unsigned")]
    pub cert: Vec<PathBuf>,
    /// The serial of the manifest [default: the time of the source, or else of its commit]
    #[arg(long, value_name = "SECONDS")]
    pub serial: Option<u64>,
    /// What was published last: a manifest, its signed message, or a whole folder [default: the
    /// folder that is replaced]
    #[arg(long, value_name = "PATH")]
    pub previous: Option<PathBuf>,
    /// How to sign.
    #[command(flatten)]
    pub signing: SignArgs,
}

/// What `sign` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir sign --key key.asc --password-file passphrase.txt
  tfadir sign /media/usb/dist --signer gpg --key-id 0123456789ABCDEF

Signs what `tfadir build --unsigned --cert FILE` left, perhaps on another machine. Every file must be
what the manifest says.

Environment:
  PGP_KEY            a secret key, ASCII-armored, in place of --key
  PGP_PASSWORD       its passphrase, in place of --password-file
  PGP_KEY_ID         which key signs, in place of --key-id; several with commas between them
  SOURCE_DATE_EPOCH  the time of signing, in seconds since 1970")]
pub struct SignCommandArgs {
    /// The folder to sign [default: the `dist` of the settings, in the root]
    #[arg(value_name = "DIST")]
    pub dist: Option<PathBuf>,
    /// The folder that was published last, whose signatures are kept where nothing changed
    #[arg(long, value_name = "DIR")]
    pub previous: Option<PathBuf>,
    /// How to sign.
    #[command(flatten)]
    pub signing: SignArgs,
}

/// How to sign.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// Sign with the secret key in this file; two during a roll-over
    #[arg(long, value_name = "FILE")]
    pub key: Vec<PathBuf>,
    /// Sign with this primary key or subkey: a fingerprint or a key id of 16 digits [default: the
    /// primary key]
    #[arg(long, value_name = "ID")]
    pub key_id: Vec<String>,
    /// Take the key's passphrase from this file
    #[arg(long, value_name = "FILE")]
    pub password_file: Vec<PathBuf>,
    /// What signs
    #[arg(long, value_enum, default_value_t = SignerKind::Tfadir, conflicts_with_all = ["key", "password_file"])]
    pub signer: SignerKind,
    /// Sign files anew that have not changed since they were signed
    #[arg(long)]
    pub resign: bool,
}

/// What signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SignerKind {
    /// tfadir itself, with a key from a file or the environment
    Tfadir,
    /// gpg, with a key of its agent or on a smart card, named by --key-id
    Gpg,
}

/// What `verify` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir verify --cert key.asc                       everything in the `dist` of the settings
  tfadir verify /srv/api --fingerprint 0123…CDEF     the key is the one in the folder's key.asc
  tfadir verify all.json.sig --cert key.asc          one detached signature, with all.json beside it
  tfadir verify all.json.gpg --cert key.asc --output all.json
                                                     one signed message; its data is written

A signature says nothing unless you know whose it is: take the fingerprint from somewhere else than
the files.

Environment:
  SOURCE_DATE_EPOCH  the time at which keys and signatures are looked at, in seconds since 1970")]
pub struct VerifyArgs {
    /// Folders that tfadir built, and signature files of either kind [default: the `dist` of the
    /// settings, in the root]
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Trust the public key in this file; two during a roll-over
    #[arg(long, value_name = "FILE")]
    pub cert: Vec<PathBuf>,
    /// Trust the key with this fingerprint only; without --cert it is looked for in `key.asc`
    #[arg(long, value_name = "FPR")]
    pub fingerprint: Vec<String>,
    /// Refuse a manifest whose serial is below this number or time, and a single file that was signed
    /// before it
    #[arg(long, value_name = "SERIAL|TIME")]
    pub after: Option<After>,
    /// Write the data of a single signed message to this file
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Refuse files with more data than this many bytes
    #[arg(long, value_name = "BYTES", default_value_t = 16 * 1024 * 1024)]
    pub max_size: usize,
    /// The same as `--format json`
    #[arg(long)]
    pub json: bool,
}

/// A serial or a point in time, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After(pub u64);

impl std::str::FromStr for After {
    type Err = &'static str;

    /// Reads a number, or a date or time (RFC 3339), such as `2026-11-22` or `2026-11-22T06:00:00Z`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let of_time = || {
            let midnight = format!("{text}T00:00:00Z");
            let time = text.parse::<Timestamp>().or_else(|_| midnight.parse()).ok()?;
            u64::try_from(time.as_second()).ok()
        };
        let after = text.parse().ok().or_else(of_time).map(Self);
        after.ok_or("this is neither a serial nor a time such as 2026-11-22T06:00:00Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
