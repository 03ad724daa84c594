//! The command line: what can be said, and what the help says of it.

mod build;
mod init;
mod key;
mod verify;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::PossibleValuesParser;
use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::build::{BuildArgs, SignArgs, SignCommandArgs, SignerKind};
pub(crate) use self::init::InitArgs;
pub(crate) use self::key::{
    CipherArg, KeyArgs, KeyCheckArgs, KeyCommand, KeyGenerateArgs, KeyPublishArgs, KeyShowArgs,
};
pub(crate) use self::verify::VerifyArgs;
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
    pub(crate) command: Command,
    /// What every command understands.
    #[command(flatten)]
    pub(crate) global: Global,
}

/// What every command understands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The directory's folder [default: the nearest one upwards with a `directory.toml` or a
    /// folder `entries`]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// The form of what is written to standard output
    #[arg(long, global = true, value_enum, default_value_t = Format::Auto)]
    pub(crate) format: Format,
    /// Say nothing but findings, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more: when each stage of a build ends, and every file that is written
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// For whom the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
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

impl Format {
    /// The name on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Human => "human",
            Self::Github => "github",
            Self::Json => "json",
            Self::Sarif => "sarif",
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the entries and build `dist/`
    Build(BuildArgs),
    /// Sign a build that is not signed yet
    Sign(SignCommandArgs),
    /// Verify a build, or a downloaded file
    Verify(VerifyArgs),
    /// Write a commented `directory.toml`
    Init(InitArgs),
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
pub(crate) struct FmtArgs {
    /// Format these files and folders only
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing; end with code 1 if anything is not in canonical form
    #[arg(long)]
    pub(crate) check: bool,
}

/// What `explain` understands.
#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The rule's id, as reports show it in brackets and `tfadir check --list-rules` lists it
    #[arg(value_name = "RULE", value_parser = PossibleValuesParser::new(check::ids()))]
    #[arg(hide_possible_values = true)]
    pub(crate) rule: String,
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
pub(crate) struct CheckArgs {
    /// Report only findings in these files and folders, and in what they collide with
    #[arg(value_name = "PATH", conflicts_with = "list_rules")]
    pub(crate) paths: Vec<PathBuf>,
    /// Report only findings in files that differ from this git branch or commit, and in what they
    /// collide with
    #[arg(long, value_name = "REF", conflicts_with = "list_rules")]
    pub(crate) changed_since: Option<String>,
    /// Report only what this rule finds; may be given several times
    #[arg(long = "rule", value_name = "RULE", conflicts_with = "list_rules")]
    #[arg(value_parser = PossibleValuesParser::new(check::ids()), hide_possible_values = true)]
    pub(crate) rules: Vec<String>,
    /// End with code 1 on warnings as well
    #[arg(long, value_name = "SEVERITY", value_enum, conflicts_with = "list_rules")]
    pub(crate) deny: Option<Denied>,
    /// Mend what a machine can, and report what is left
    #[arg(long, conflicts_with = "list_rules")]
    pub(crate) fix: bool,
    /// List all rules and check nothing
    #[arg(long)]
    pub(crate) list_rules: bool,
}

/// What else is taken as strictly as errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Denied {
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
pub(crate) struct ServeArgs {
    /// The port to listen at; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub(crate) port: u16,
    /// The address to listen at; with any other, other machines may be able to read all of it
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) address: IpAddr,
    /// Show it in the browser
    #[arg(long)]
    pub(crate) open: bool,
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
