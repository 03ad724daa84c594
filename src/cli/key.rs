//! The command line of `tfadir key`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

use crate::discovery::Address;
use crate::failure::Failure;
use crate::openpgp::Cipher;
use crate::openpgp::expiry::{Expires, WARN_DAYS};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key generate --email security@example.com --out secret.asc
  tfadir key show secret.asc
  tfadir key check secret.pub.asc
  tfadir key extend secret.asc --for 2y
  tfadir key publish secret.pub.asc --out published
  tfadir build --release --key secret.asc

`tfadir key generate` writes the secret key, the public certificate, and a certificate that revokes
the key. `tfadir key extend` needs the passphrase; the other commands do not.")]
pub(crate) struct KeyArgs {
    /// What to do with the key.
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Create a key, with its certificate and a certificate that revokes it
    Generate(KeyGenerateArgs),
    /// Extend a key, so that it expires later
    Extend(KeyExtendArgs),
    /// Show what a key file contains, which key would sign, and whether it is valid
    Show(KeyShowArgs),
    /// Exit with code 1 if a key cannot sign or expires soon
    Check(KeyCheckArgs),
    /// Write the files for key discovery: key.asc, the Web Key Directory, DNS records
    Publish(KeyPublishArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key generate --email security@example.com --name 'Example Directory' --out secret.asc
  tfadir key generate --email security@example.com --password-file pass.txt --out secret.asc
  tfadir key generate --email security@example.com --cipher rsa4096 --expires 18m --out secret.asc

This writes secret.asc, secret.pub.asc (the public certificate) and secret.rev.asc (which revokes
the key). Only you can read them. No file is overwritten.

The primary key certifies and signs, since clients pin it. With --signing-subkey a subkey signs and
the primary key only certifies; clients must then accept signatures by subkeys.

tfadir asks twice for the passphrase, unless a file or the environment contains it.

Environment:
  PGP_PASSWORD       the passphrase, instead of --password-file
  SOURCE_DATE_EPOCH  the creation time of the key, in seconds since 1970")]
pub(crate) struct KeyGenerateArgs {
    /// The e-mail address in the key, by which clients find it
    #[arg(long, value_name = "ADDRESS", value_parser = parse::<Address>)]
    pub(crate) email: Address,
    /// The name in the key
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The algorithm of the key
    #[arg(long, value_enum, default_value_t = Cipher::Ed25519)]
    pub(crate) cipher: Cipher,
    /// When the key expires: `never`, after a period (`2y`, `18m`, `90d`), or at the start of a day
    /// in UTC (`2030-12-31`)
    #[arg(long, value_name = "WHEN", default_value = "2y", value_parser = parse::<Expires>)]
    pub(crate) expires: Expires,
    /// Sign with a subkey, and only certify with the primary key
    #[arg(long)]
    pub(crate) signing_subkey: bool,
    /// Protect the key with the passphrase in this file
    #[arg(long, value_name = "FILE", conflicts_with = "no_passphrase")]
    pub(crate) password_file: Option<PathBuf>,
    /// Do not protect the key: anyone who has the file can sign
    #[arg(long)]
    pub(crate) no_passphrase: bool,
    /// The file of the secret key; the names of the others follow from it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key extend secret.asc --for 2y --password-file pass.txt
  tfadir key extend secret.asc --for 2y --publish published

The fingerprint and the passphrase stay the same. secret.asc is replaced only after the new file was
written, read back and unlocked; only you can read it. secret.pub.asc, the certificate next to it,
is written again. The next build publishes it; until then, clients see the old expiry.

tfadir asks for the passphrase, unless a file or the environment contains it.

Environment:
  PGP_PASSWORD  the passphrase, instead of --password-file")]
pub(crate) struct KeyExtendArgs {
    /// The file of the secret key, armored or binary
    #[arg(value_name = "KEY")]
    pub(crate) key: PathBuf,
    /// When the key expires: after a period from now (`2y`, `18m`, `90d`), at the start of a day in
    /// UTC (`2030-12-31`), or `never`
    #[arg(long = "for", value_name = "WHEN")]
    pub(crate) until: Expires,
    /// Read the key's passphrase from this file
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Also write the files for key discovery to this folder, as `tfadir key publish` does
    #[arg(long, value_name = "DIR")]
    pub(crate) publish: Option<PathBuf>,
    /// With --publish: the e-mail address by which clients find the key [default:
    /// `publisher.email` in directory.toml]
    #[arg(long, value_name = "ADDRESS", requires = "publish")]
    pub(crate) email: Option<Address>,
}

#[derive(Debug, Args)]
pub(crate) struct KeyShowArgs {
    /// A secret key or a certificate, armored or binary
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key check secret.pub.asc                 for a daily job
  tfadir key check dist/key.asc --warn-days 90

It reports these problems: no key can sign, the key has expired or is revoked, it expires within the
given days, or today's policy does not accept one of its self-signatures. An expired subkey next to
a valid one is not a problem. A certificate is checked as if its secret were there.

Environment:
  SOURCE_DATE_EPOCH  the time at which the key must be valid, in seconds since 1970")]
pub(crate) struct KeyCheckArgs {
    /// A secret key or a certificate, armored or binary
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Report a key that expires within this many days
    #[arg(long, value_name = "DAYS", default_value_t = WARN_DAYS)]
    pub(crate) warn_days: u32,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key publish secret.pub.asc --out published
  tfadir key publish old.pub.asc new.pub.asc --out published   during a roll-over

A build writes the same files to `dist/`. Secrets are never written. Serve
  key.asc                  where people look for it
  .well-known/openpgpkey/  at the address's domain, or at `openpgpkey.` and that domain
  dns/*.zone               as records in the zone of the address's domain")]
pub(crate) struct KeyPublishArgs {
    /// Secret keys or certificates, armored or binary
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The folder to write: a new or empty one, or one that tfadir wrote
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The e-mail address by which clients find the key [default: `publisher.email` in directory.toml]
    #[arg(long, value_name = "ADDRESS", value_parser = parse::<Address>)]
    pub(crate) email: Option<Address>,
}

/// Parses a value. clap shows the whole error, so it is one text with the way out.
fn parse<T: FromStr<Err = Failure>>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|failure: Failure| format!("{failure:#}"))
}
