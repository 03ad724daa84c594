//! The command line of `tfadir key`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::discovery::Address;
use crate::openpgp::expiry::{Expires, WARN_DAYS};

/// What `key` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key generate --email security@example.com --out secret.asc
  tfadir key show secret.asc
  tfadir key check secret.pub.asc
  tfadir key publish secret.pub.asc --out announced
  tfadir build --release --key secret.asc

`tfadir key generate` leaves the secret key, the certificate for everybody, and the certificate that
revokes the key. Look at the key at any time; no passphrase is needed for that.")]
pub(crate) struct KeyArgs {
    /// What to do with a key.
    #[command(subcommand)]
    pub(crate) command: KeyCommand,
}

/// The commands about keys.
#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key, with its certificate and the certificate that revokes it
    Generate(KeyGenerateArgs),
    /// Say what a key file holds, which key would sign, and whether it can be relied on
    Show(KeyShowArgs),
    /// End with code 1 if a key cannot sign, or will soon have expired
    Check(KeyCheckArgs),
    /// Write what makes a key known: key.asc, the Web Key Directory, records for the DNS
    Publish(KeyPublishArgs),
}

/// What `key generate` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key generate --email security@example.com --name 'Example Directory' --out secret.asc
  tfadir key generate --email security@example.com --password-file pass.txt --out secret.asc
  tfadir key generate --email security@example.com --cipher rsa4096 --expires 18m --out secret.asc

This writes secret.asc, secret.pub.asc (the certificate, for everybody) and secret.rev.asc (which
revokes the key), all of which only you can read. No file is overwritten.

The primary key certifies and signs, since it is the one that clients pin. With --signing-subkey a
subkey signs and the primary key certifies only; clients must then accept signatures by subkeys.

The passphrase is asked for twice at a terminal, unless a file or the environment gives it.

Environment:
  PGP_PASSWORD       the passphrase, instead of --password-file
  SOURCE_DATE_EPOCH  the time at which the key is made, in seconds since 1970")]
pub(crate) struct KeyGenerateArgs {
    /// The e-mail address in the key, by which it is found
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Address,
    /// The name in the key
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// The algorithm of the key
    #[arg(long, value_enum, default_value_t = CipherArg::Ed25519)]
    pub(crate) cipher: CipherArg,
    /// When the key expires: `never`, a period (`2y`, `18m`, `90d`), or the first moment of a day in
    /// UTC (`2030-12-31`)
    #[arg(long, value_name = "WHEN", default_value = "2y")]
    pub(crate) expires: Expires,
    /// Have a subkey sign, and the primary key only certify
    #[arg(long)]
    pub(crate) signing_subkey: bool,
    /// Protect the key with the passphrase in this file
    #[arg(long, value_name = "FILE", conflicts_with = "no_passphrase")]
    pub(crate) password_file: Option<PathBuf>,
    /// Do not protect the key: whoever has the file can sign
    #[arg(long)]
    pub(crate) no_passphrase: bool,
    /// The file of the secret key; the others are named after it
    #[arg(long, value_name = "FILE")]
    pub(crate) out: PathBuf,
}

/// The algorithms of new keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CipherArg {
    /// Ed25519: short and fast
    Ed25519,
    /// RSA with 4096 bits: for clients that know nothing else
    Rsa4096,
}

/// What `key show` understands.
#[derive(Debug, Args)]
pub(crate) struct KeyShowArgs {
    /// A secret key or a certificate, armored or binary
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// What `key check` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key check secret.pub.asc                 for a job that runs every day
  tfadir key check dist/key.asc --warn-days 90

Findings are: nothing in the key can sign, it has expired or is revoked, it expires within the days,
or today's policy does not accept one of its self-signatures. An old subkey that has expired beside
a good one is none. A certificate is checked as if its secret were there.

Environment:
  SOURCE_DATE_EPOCH  the time at which the key is looked at, in seconds since 1970")]
pub(crate) struct KeyCheckArgs {
    /// A secret key or a certificate, armored or binary
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// For how many days before the key expires that is a finding
    #[arg(long, value_name = "DAYS", default_value_t = WARN_DAYS)]
    pub(crate) warn_days: u32,
}

/// What `key publish` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir key publish secret.pub.asc --out announced
  tfadir key publish old.pub.asc new.pub.asc --out announced   while a new key takes over

A build writes the same files to `dist/`. Of secret keys only the certificate is written. Serve
  key.asc                  where people look for it
  .well-known/openpgpkey/  at the address's domain, or at `openpgpkey.` and that domain
  dns/*.zone               as records in the zone of the address's domain")]
pub(crate) struct KeyPublishArgs {
    /// Secret keys or certificates, armored or binary
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// Where to write: a folder that tfadir made, an empty one, or one that is not there yet
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The e-mail address by which the key is to be found [default: the publisher's of the settings]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: Option<Address>,
}
