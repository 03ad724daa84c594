//! The command line and its help.

mod build;
mod diff;
mod init;
mod key;
mod new;
mod report_file;
mod rule;
mod verify;

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::build::{BuildArgs, SignArgs, SignCommandArgs, SignerKind};
pub(crate) use self::diff::{DiffArgs, StatsArgs};
pub(crate) use self::init::InitArgs;
pub(crate) use self::key::{
    KeyArgs, KeyCheckArgs, KeyCommand, KeyExtendArgs, KeyGenerateArgs, KeyPublishArgs, KeyShowArgs,
};
pub(crate) use self::new::NewArgs;
pub(crate) use self::report_file::ReportFile;
use self::rule::RuleParser;
pub(crate) use self::verify::{TrustArgs, VerifyArgs};
use crate::check;
use crate::finding::Severity;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Releases also name their commit and its date, which the release workflow passes.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let version = env!("CARGO_PKG_VERSION");
    let commit =
        option_env!("TFADIR_COMMIT").map_or_else(String::new, |commit| format!(" ({commit})"));
    format!(
        "{version}{commit}\ncrypto backend: {}",
        crate::openpgp::backend()
    )
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
    after_help = "Exit codes: 0 success, 1 problems found, 2 the command failed."
)]
pub struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

/// The options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Root folder of the directory [default: the nearest folder, from the current one upwards, with
    /// a `directory.toml` or an `entries` folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// Output format
    #[arg(long, global = true, value_enum, default_value_t = Format::Auto)]
    pub(crate) format: Format,
    /// Print only findings, warnings and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Print more: the time of each build stage, and every file written
    #[arg(short, long, global = true)]
    pub(crate) verbose: bool,
}

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// `github` in GitHub Actions, `human` elsewhere
    Auto,
    /// Text for a terminal
    Human,
    /// Annotations and a job summary for GitHub Actions
    Github,
    /// One JSON object
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// For `tfadir check` and `tfadir diff`: a comment on a pull request
    Markdown,
    /// For `tfadir diff`: the body of Algolia's batch call
    Algolia,
    /// For `tfadir links`: one line for each URL; for `tfadir diff`: the URLs that are added
    Lines,
}

impl Format {
    /// The name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value()
            .map(|value| value.get_name().to_owned())
            .unwrap_or_default()
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check the entries and build `dist/`
    Build(BuildArgs),
    /// Sign an unsigned build
    Sign(SignCommandArgs),
    /// Verify a build or a downloaded file
    Verify(VerifyArgs),
    /// Write a commented `directory.toml`
    Init(InitArgs),
    /// Add an entry for a site
    New(NewArgs),
    /// Check entries and icons without building
    Check(CheckArgs),
    /// Compare two states of the directory: commits, folders or published builds
    Diff(DiffArgs),
    /// Count the sites with and without 2FA
    Stats(StatsArgs),
    /// List every URL of the entries, for link checkers
    Links(LinksArgs),
    /// Preview the site locally and rebuild it on every change
    Serve(ServeArgs),
    /// Print the settings, with their defaults, as JSON
    Settings,
    /// Format entries
    Fmt(FmtArgs),
    /// Explain a rule: what it finds, why, and how to fix it
    Explain(ExplainArgs),
    /// Generate, maintain and publish the signing key
    Key(KeyArgs),
    /// Print a shell completion script
    Completions(CompletionsArgs),
    /// Write the manual pages to a folder
    #[command(hide = true)]
    Man(ManArgs),
}

impl Command {
    /// The formats of the command, unless it is `diff` or `links`. Only a command that reports
    /// findings writes SARIF.
    pub(crate) fn formats(&self) -> &'static [Format] {
        use Format::{Github, Human, Json, Markdown, Sarif};
        match self {
            Self::Check(_) => &[Human, Github, Json, Markdown, Sarif],
            Self::Build(_) | Self::Fmt(_) | Self::New(_) | Self::Verify(_) => {
                &[Human, Github, Json, Sarif]
            }
            _ => &[Human, Github, Json],
        }
    }
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  source <(tfadir completions bash)  complete in this shell
  tfadir completions bash > ~/.local/share/bash-completion/completions/tfadir
  tfadir completions zsh > ~/.zfunc/_tfadir       (a folder in $fpath)
  tfadir completions fish > ~/.config/fish/completions/tfadir.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// The folder, which is created; existing pages are replaced
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct FmtArgs {
    /// Format only these files and folders
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write nothing; exit with code 1 if any entry is not formatted
    #[arg(long)]
    pub(crate) check: bool,
    /// Also put fields in their order, which changes what is published: version 3 has them in the
    /// order of the file
    #[arg(long)]
    pub(crate) reorder: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ExplainArgs {
    /// Id of the rule: reports show it in brackets; `tfadir check --list-rules` lists all ids
    #[arg(value_name = "RULE", value_parser = RuleParser::new(check::ids()))]
    #[arg(hide_possible_values = true)]
    pub(crate) rule: String,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir check                             check everything
  tfadir check entries/e/example.com.json  report only findings in one file
  tfadir check --fix entries/e/example.com.json
                                           fix what can be fixed automatically in one file
  tfadir check --diff entries/e            show what that would change in a folder
  tfadir check --changed-since main        report only what this branch changed or affects
  tfadir check --write markdown=comment.md also write a comment: findings, and fixed files to copy

The whole directory is always checked; paths and options select what is reported.
To learn about a rule, run `tfadir explain RULE`.

Environment:
  GITHUB_ACTIONS       if `true`, `--format auto` writes annotations
  GITHUB_STEP_SUMMARY  file to which the `github` format appends the same as `markdown`
  GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_SHA
                       if all are set, both formats link to the lines of the commit")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub(crate) struct CheckArgs {
    /// Report only findings in these files and folders, in the icons of these entries, and in files
    /// that conflict with them
    #[arg(value_name = "PATH", conflicts_with = "list_rules")]
    pub(crate) paths: Vec<PathBuf>,
    /// Report only what this branch changed or affects, compared with this git branch or commit
    #[arg(long, value_name = "REF", conflicts_with = "list_rules")]
    pub(crate) changed_since: Option<String>,
    /// Report only findings of this rule; can be repeated
    #[arg(long = "rule", value_name = "RULE", conflicts_with = "list_rules")]
    #[arg(value_parser = RuleParser::new(check::own_ids()), hide_possible_values = true)]
    pub(crate) rules: Vec<String>,
    /// Report and fix only findings of this severity and above
    #[arg(
        long,
        value_name = "SEVERITY",
        value_enum,
        default_value_t,
        conflicts_with = "list_rules"
    )]
    pub(crate) severity: Least,
    /// Print only a table: how many findings of each rule there are, and how many can be fixed
    #[arg(long, conflicts_with = "list_rules")]
    pub(crate) statistics: bool,
    /// Exit with code 1 on warnings too
    #[arg(
        long,
        value_name = "SEVERITY",
        value_enum,
        conflicts_with = "list_rules"
    )]
    pub(crate) deny: Option<Denied>,
    /// Fix what can be fixed without changing what is published, and report the rest. In entries that
    /// are not published yet, also apply the unsafe fixes of rules that do not stop a build
    #[arg(long, conflicts_with = "list_rules")]
    pub(crate) fix: bool,
    /// Also apply fixes that change what is published, such as the order of fields and the style of
    /// icons
    #[arg(long, conflicts_with = "list_rules")]
    pub(crate) unsafe_fixes: bool,
    /// Show what the fixes would change as a diff, and write nothing; exit with code 1 if there is
    /// something to change
    #[arg(long, conflicts_with = "list_rules")]
    pub(crate) diff: bool,
    /// Also write a report to a file, as FORMAT=FILE; formats: markdown, sarif, json. Can be repeated
    #[arg(long, value_name = "FORMAT=FILE", conflicts_with_all = ["list_rules", "diff"])]
    #[arg(value_parser = ReportFile::parser(&[Format::Markdown, Format::Sarif, Format::Json]))]
    pub(crate) write: Vec<ReportFile>,
    /// List all rules without checking
    #[arg(long)]
    pub(crate) list_rules: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir links | cut -f1                   only the URLs
  tfadir links --changed-since origin/main the URLs of the entries that this branch changed

Each line is a URL, then the entry and the field in which it occurs, and possibly further
entries and fields, separated by tabs. An entry without `url` has the URL `https://DOMAIN/`,
in the field `domain`. tfadir opens no connection; docs/links.md shows how to check the URLs.

Formats: lines, json.")]
pub(crate) struct LinksArgs {
    /// List only the URLs of entries that this branch changed, compared with this git branch or
    /// commit
    #[arg(long, value_name = "REF")]
    pub(crate) changed_since: Option<String>,
}

/// The least severity that is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Least {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
    /// Everything
    #[default]
    Note,
}

impl From<Least> for Severity {
    fn from(least: Least) -> Self {
        match least {
            Least::Error => Self::Error,
            Least::Warning => Self::Warning,
            Least::Note => Self::Note,
        }
    }
}

/// What fails in addition to errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Denied {
    /// Warnings
    Warnings,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir serve           serve at http://127.0.0.1:8000/
  tfadir serve --open    open the preview in a browser
  tfadir serve --port 0  use any free port and print it

Signs with the development key in .tfadir/, and writes nothing else. Open pages reload after each
build; if a build fails, they show its errors. Local preview only; do not expose it to the internet.")]
pub(crate) struct ServeArgs {
    /// Port to listen on; 0 uses a free one
    #[arg(long, value_name = "PORT", default_value_t = 8000)]
    pub(crate) port: u16,
    /// Address to listen on; other machines can read the preview unless this is a loopback address
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(crate) address: IpAddr,
    /// Open the preview in a browser
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
