//! The command line of `tfadir init`.

use clap::Args;

/// The arguments of `tfadir init`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir init                      write a commented directory.toml with example values
  tfadir init --name 'Example Directory' --api https://api.example.com/ --email security@example.com
  tfadir init --from-2factorauth   write what the 2FA Directory needs

Also writes .vscode/settings.json, so that the editor completes and checks entries, and workflows
for GitHub Actions, for the branch that is checked out. With --from-2factorauth, they fit the
branch, the environment and the secrets of the 2FA Directory.

tfadir overwrites no file. A setting without an option gets an example value to replace; a release
refuses the example values that are left.")]
pub(crate) struct InitArgs {
    /// Write the settings of the 2FA Directory (2fa.directory)
    #[arg(long = "from-2factorauth", conflicts_with_all = ["name", "site", "api", "repository", "publisher", "email"])]
    pub(crate) from_2factorauth: bool,
    /// The directory's name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The URL of the directory's website
    #[arg(long, value_name = "URL")]
    pub(crate) site: Option<String>,
    /// The URL at which `dist/` is served
    #[arg(long, value_name = "URL")]
    pub(crate) api: Option<String>,
    /// The URL of the repository with the entries
    #[arg(long, value_name = "URL")]
    pub(crate) repository: Option<String>,
    /// Who publishes the data
    #[arg(long, value_name = "NAME")]
    pub(crate) publisher: Option<String>,
    /// The publisher's e-mail address, also used for the signing key
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
}
