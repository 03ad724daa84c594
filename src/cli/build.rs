//! What `tfadir build` and `tfadir sign` understand.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

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
  PGP_KEY            a secret key, ASCII-armored, instead of --key
  PGP_PASSWORD       its passphrase, instead of --password-file
  PGP_KEY_ID         which key signs, instead of --key-id; several with commas between them
  SOURCE_DATE_EPOCH  the time of the source and of signing, in seconds since 1970
  CI                 `true` implies --release")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct BuildArgs {
    /// Where to build [default: the `dist` of the settings, in the root]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write JSON with line breaks and indentation
    #[arg(long)]
    pub(crate) pretty: bool,
    /// Write documents compressed by gzip and Brotli as well, for servers that send such files
    #[arg(long)]
    pub(crate) precompress: bool,
    /// Build for publication: refuse a development key and a serial that goes back, and flush all
    /// files to the disk
    #[arg(long)]
    pub(crate) release: bool,
    /// Build without signatures
    #[arg(long, conflicts_with_all = ["key", "key_id", "password_file", "resign", "signer"])]
    pub(crate) unsigned: bool,
    /// With --unsigned: the public key in this file will sign; may be given several times
    #[arg(long, value_name = "FILE", requires = "unsigned")]
    pub(crate) cert: Vec<PathBuf>,
    /// The serial of the manifest [default: the time of the source, or else of its commit]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) serial: Option<u64>,
    /// What was published last: a manifest, its signed message, or a whole folder [default: the
    /// folder that is replaced]
    #[arg(long, value_name = "PATH")]
    pub(crate) previous: Option<PathBuf>,
    /// How to sign.
    #[command(flatten)]
    pub(crate) signing: SignArgs,
}

/// What `sign` understands.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  tfadir sign --key key.asc --password-file passphrase.txt
  tfadir sign /media/usb/dist --signer gpg --key-id 0123456789ABCDEF

Signs what `tfadir build --unsigned --cert FILE` left, perhaps on another machine. Every file must
be what the manifest says.

Environment:
  PGP_KEY            a secret key, ASCII-armored, instead of --key
  PGP_PASSWORD       its passphrase, instead of --password-file
  PGP_KEY_ID         which key signs, instead of --key-id; several with commas between them
  SOURCE_DATE_EPOCH  the time of signing, in seconds since 1970")]
pub(crate) struct SignCommandArgs {
    /// The folder to sign [default: the `dist` of the settings, in the root]
    #[arg(value_name = "DIST")]
    pub(crate) dist: Option<PathBuf>,
    /// The folder that was published last, whose signatures are kept where nothing changed
    #[arg(long, value_name = "DIR")]
    pub(crate) previous: Option<PathBuf>,
    /// How to sign.
    #[command(flatten)]
    pub(crate) signing: SignArgs,
}

/// How to sign.
#[derive(Debug, Args)]
pub(crate) struct SignArgs {
    /// Sign with the secret key in this file; two during a roll-over
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Vec<PathBuf>,
    /// Sign with this primary key or subkey: a fingerprint or a key id of 16 digits [default: the
    /// primary key]
    #[arg(long, value_name = "ID")]
    pub(crate) key_id: Vec<String>,
    /// Take the key's passphrase from this file; of two keys with different ones, name two
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Vec<PathBuf>,
    /// What signs
    #[arg(long, value_enum, default_value_t = SignerKind::Tfadir, conflicts_with_all = ["key", "password_file"])]
    pub(crate) signer: SignerKind,
    /// Sign files anew that have not changed since they were signed
    #[arg(long)]
    pub(crate) resign: bool,
}

/// What signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SignerKind {
    /// tfadir itself, with a key from a file or the environment
    Tfadir,
    /// gpg, with a key of its agent or on a smart card, named by --key-id
    Gpg,
}
