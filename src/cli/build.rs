//! The command line of `tfadir build` and `tfadir sign`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir build                          sign with a development key, to try tfadir out
  tfadir build --unsigned --out /tmp/x  build without signatures, to another folder
  tfadir build --release --key key.asc --password-file passphrase.txt
  tfadir build --release --unsigned --cert key.pub.asc
                                        build for `tfadir sign` on another machine

Without a key, tfadir signs with a development key, which it creates in `.tfadir` in the root.

Environment:
  PGP_KEY            a secret key, ASCII-armored or its base64, instead of --key
  PGP_PASSWORD       its passphrase, instead of --password-file
  PGP_KEY_ID         the key that signs, instead of --key-id; separate several with commas
  SOURCE_DATE_EPOCH  the time of the source and of signing, in seconds since 1970
  CI                 `true` implies --release")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct BuildArgs {
    /// The folder to build [default: `paths.dist` in directory.toml]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write JSON with line breaks and indentation
    #[arg(long)]
    pub(crate) pretty: bool,
    /// Build for publication: refuse a development key and a serial that does not increase, and
    /// flush all files to the disk
    #[arg(long)]
    pub(crate) release: bool,
    /// Build without signatures
    #[arg(long, conflicts_with_all = ["key", "key_id", "password_file", "resign", "signer"])]
    pub(crate) unsigned: bool,
    /// With --unsigned: the certificate of a key that will sign; can be repeated
    #[arg(long, value_name = "FILE", requires = "unsigned")]
    pub(crate) cert: Vec<PathBuf>,
    /// The serial of the manifest [default: the time of the source, or else of the commit]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) serial: Option<u64>,
    /// The previous release: a manifest, its signed message, or a whole folder [default: the folder
    /// that is replaced]
    #[arg(long, value_name = "PATH")]
    pub(crate) previous: Option<PathBuf>,
    /// Release signature files with new file extensions, although clients that download them by
    /// their old names break
    #[arg(long, alias = "change-endings")]
    pub(crate) change_extensions: bool,
    /// How to sign.
    #[command(flatten)]
    pub(crate) signing: SignArgs,
}

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir sign --key key.asc --password-file passphrase.txt
  tfadir sign /media/usb/dist --signer gpg --key-id 0123456789ABCDEF

Signs the output of `tfadir build --unsigned --cert FILE`, which may come from another machine.
Every file must match the manifest.

Environment:
  PGP_KEY            a secret key, ASCII-armored or its base64, instead of --key
  PGP_PASSWORD       its passphrase, instead of --password-file
  PGP_KEY_ID         the key that signs, instead of --key-id; separate several with commas
  SOURCE_DATE_EPOCH  the time of signing, in seconds since 1970")]
pub(crate) struct SignCommandArgs {
    /// The folder to sign [default: `paths.dist` in directory.toml]
    #[arg(value_name = "DIST")]
    pub(crate) dist: Option<PathBuf>,
    /// The folder of the previous release; unchanged files keep its signatures
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// How to sign.
    #[command(flatten)]
    pub(crate) signing: SignArgs,
}

/// How to sign.
#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// Sign with the secret key in this file; during a roll-over, pass both keys
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
    /// Sign with this primary key or subkey: a fingerprint or a 16-digit key ID [default: the
    /// primary key]
    #[arg(long, value_name = "ID")]
    pub(crate) key_id: Vec<String>,
    /// Read the key's passphrase from this file; pass one per key if the passphrases differ
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Vec<PathBuf>,
    /// What signs
    #[arg(long, value_enum, default_value_t = SignerKind::Tfadir, conflicts_with_all = ["key", "password_file"])]
    pub(crate) signer: SignerKind,
    /// Also sign files that have not changed since they were signed
    #[arg(long)]
    pub(crate) resign: bool,
}

/// What signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignerKind {
    /// tfadir itself, with a key from a file or the environment
    Tfadir,
    /// gpg, with the key in its agent or on a smart card that --key-id names
    Gpg,
}
