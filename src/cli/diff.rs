//! The command line of `tfadir diff` and `tfadir stats`.

use clap::Args;

use super::{Format, ReportFile, TrustArgs};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir diff                                  what is not committed yet
  tfadir diff origin/main --format markdown    what a branch changes, as a comment for reviewers
  tfadir diff HEAD~3 HEAD --format json        what three commits changed
  tfadir diff /srv/api                         what the next build changes
  tfadir diff published/manifest.json HEAD --format algolia
                                               what a search index needs since that build

A state is a git branch or commit, a folder with `entries`, a published folder, or its manifest. If
a commit and a path have the same name, write `./NAME` for the path. For a manifest without its
files, the commit that it records is compared. Only the data counts: spaces, line breaks and the
order of fields make no difference.

With --cert or --fingerprint, a published state must be signed by a trusted key. Without them, its
signature is verified with the key.asc next to it, which shows that it is complete and unchanged,
but not who published it; if it has no signature, a warning says so.

Formats: human, markdown, json (described by schemas/diff.schema.json), algolia (the body of
Algolia's batch call), and lines (the URLs that TO adds, for a link checker).")]
pub(crate) struct DiffArgs {
    /// The earlier state [default: HEAD]
    #[arg(value_name = "FROM")]
    pub(crate) from: Option<String>,
    /// The later state [default: the working tree]
    #[arg(value_name = "TO")]
    pub(crate) to: Option<String>,
    /// Exit with code 1 if anything differs
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// With --format algolia: index all sites of TO, also those that did not change
    #[arg(long)]
    pub(crate) all: bool,
    /// Also write the differences to a file, as FORMAT=FILE; formats: markdown, json, algolia, lines.
    /// Can be repeated
    #[arg(long, value_name = "FORMAT=FILE")]
    #[arg(value_parser = ReportFile::parser(&[Format::Markdown, Format::Json, Format::Algolia, Format::Lines]))]
    pub(crate) write: Vec<ReportFile>,
    #[command(flatten)]
    pub(crate) trust: TrustArgs,
}

#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// A state as in `tfadir diff`: a commit, a folder or a published build [default: the working tree]
    #[arg(value_name = "STATE")]
    pub(crate) state: Option<String>,
}
