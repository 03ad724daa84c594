//! The command line: what can be said, and what the help says of it.

use std::path::PathBuf;
use std::sync::LazyLock;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{Args, Parser, Subcommand, ValueEnum};

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
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
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
    /// For people
    Human,
    /// For programs: one JSON object
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check the entries and build `dist/`
    Build(BuildArgs),
    /// Check the entries and build nothing
    Check,
}

/// What `build` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir build                          sign with a development key, for trying things out
  tfadir build --unsigned --out /tmp/x  build without signatures, to another folder
  tfadir build --release --key key.asc --password-file passphrase.txt

A development key is made once, in the folder `.tfadir` of the root, where no key is named.

Environment:
  PGP_KEY            a secret key, ASCII-armored, in place of --key
  PGP_PASSWORD       its passphrase, in place of --password-file
  PGP_KEY_ID         which key signs, in place of --key-id
  SOURCE_DATE_EPOCH  the time of signing, in seconds since 1970
  CI                 `true` implies --release")]
pub struct BuildArgs {
    /// Where to build [default: the `dist` of the settings, in the root]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Write JSON with line breaks and indentation
    #[arg(long)]
    pub pretty: bool,
    /// Build for publication: refuse a development key, and flush all files to the disk
    #[arg(long)]
    pub release: bool,
    /// Build without signatures
    #[arg(long, conflicts_with_all = ["key", "key_id", "password_file"])]
    pub unsigned: bool,
    /// Sign with the secret key in this file
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Sign with this primary key or subkey: a fingerprint or a key id of 16 digits [default: the
    /// primary key]
    #[arg(long, value_name = "ID")]
    pub key_id: Option<String>,
    /// Take the key's passphrase from this file
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
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
