//! Exchanges signatures and keys with two other OpenPGP implementations, and with gpg.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::common::{Directory, Run, Tfadir, files, project, temporary_folder};
use crate::gpg::Home;

const PASSPHRASE: &str = "a passphrase of some words";

/// Another implementation: a script in `tests/interop/` and its interpreter.
#[derive(Clone, Copy)]
enum Other {
    OpenPgpJs,
    PgPy,
}

impl Other {
    const BOTH: [Self; 2] = [Self::OpenPgpJs, Self::PgPy];

    /// The implementations that can read certificates from this one. PGPy fails if a certificate
    /// prefers SHA-3, as those from OpenPGP.js do.
    fn understood_by(self) -> &'static [Self] {
        match self {
            Self::OpenPgpJs => &[Self::OpenPgpJs],
            Self::PgPy => &Self::BOTH,
        }
    }

    fn run(self, args: &[&Path]) -> Output {
        let scripts = project().join("tests/interop");
        let mut command = match self {
            Self::OpenPgpJs => {
                // The script also finds its packages through INTEROP_NODE_MODULES.
                assert!(
                    std::env::var_os("INTEROP_NODE_MODULES").is_some(),
                    "see .ci/run"
                );
                let mut command = Command::new("node");
                command.arg(scripts.join("with_openpgp.mjs"));
                command
            }
            Self::PgPy => {
                let python = std::env::var_os("INTEROP_PYTHON").unwrap();
                let mut command = Command::new(python);
                command.arg(scripts.join("with_pgpy.py"));
                command
            }
        };
        command.args(args).output().unwrap()
    }

    /// Panics if the script fails.
    #[track_caller]
    fn succeeds(self, args: &[&Path]) {
        let output = self.run(args);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{args:?}: {said}");
    }

    /// Verifies both kinds of signature of every JSON file of a build, then of a changed file.
    #[track_caller]
    fn verifies(self, dist: &Path) {
        let certificate = dist.join("key.asc");
        let ending = |path: &str, ending: &str| dist.join(format!("{path}.{ending}"));
        let mut verified = 0;
        for path in files(dist)
            .keys()
            .filter(|path| path.ends_with(".json") && !path.starts_with("frontend/"))
        {
            let [signature, message] = ["sig", "gpg"].map(|it| ending(path, it));
            self.succeeds(&[
                Path::new("verify"),
                &certificate,
                &dist.join(path),
                &signature,
                &message,
            ]);
            verified += 1;
        }
        assert!(
            verified >= 18 + 6,
            "every file of both versions, every schema, and openapi.json"
        );

        let changed = dist.join("changed");
        fs::write(&changed, "{}").unwrap();
        let [signature, message] = ["sig", "gpg"].map(|it| ending("v4/all.json", it));
        let args = [
            Path::new("verify"),
            &certificate,
            &changed,
            &signature,
            &message,
        ];
        assert!(
            !self.run(&args).status.success(),
            "a changed file is accepted"
        );
        fs::remove_file(changed).unwrap();
    }

    /// A key from this implementation, locked with [`PASSPHRASE`].
    fn generate(self, algorithm: &str) -> Key {
        let key = Key {
            folder: temporary_folder(),
        };
        fs::write(key.passphrase(), format!("{PASSPHRASE}\n")).unwrap();
        let words = ["generate", algorithm].map(Path::new);
        self.succeeds(&[words[0], words[1], &key.passphrase(), key.folder.path()]);
        key
    }
}

/// A key in files.
struct Key {
    folder: TempDir,
}

impl Key {
    fn secret(&self) -> std::path::PathBuf {
        self.folder.path().join("secret.asc")
    }

    fn passphrase(&self) -> std::path::PathBuf {
        self.folder.path().join("passphrase")
    }
}

#[track_caller]
fn build(directory: &Directory, secret: &Path, passphrase: &Path) {
    let [secret, passphrase] = [secret, passphrase].map(|path| path.to_str().unwrap());
    let args = [
        "build",
        "--release",
        "--serial",
        "1",
        "--key",
        secret,
        "--password-file",
        passphrase,
    ];
    directory.run(&args).ends_with(0);
}

#[test]
#[ignore = "needs gpg, openpgp.js and PGPy; .ci/run installs them and runs this"]
fn others_verify_what_tfadir_signs_with_keys_from_gpg() {
    let home = Home::with_defaults();
    for algorithm in ["ed25519", "rsa4096"] {
        let key = home.generate(algorithm, PASSPHRASE);
        let directory = Directory::new().file("passphrase", PASSPHRASE);
        build(
            &directory,
            &key.file(),
            &directory.path().join("passphrase"),
        );
        for other in Other::BOTH {
            other.verifies(&directory.dist());
        }
    }
}

/// Which implementations generate keys, and for which algorithms.
const KEYS: [(Other, &str); 4] = [
    (Other::OpenPgpJs, "ed25519"),
    (Other::OpenPgpJs, "rsa4096"),
    (Other::PgPy, "ed25519"),
    (Other::PgPy, "rsa4096"),
];

#[test]
#[ignore = "needs gpg, openpgp.js and PGPy; .ci/run installs them and runs this"]
fn tfadir_signs_with_keys_from_others_and_all_verify_the_result() {
    for (maker, algorithm) in KEYS {
        let key = maker.generate(algorithm);
        let directory = Directory::new();
        build(&directory, &key.secret(), &key.passphrase());
        for other in maker.understood_by() {
            other.verifies(&directory.dist());
        }
        let home = Home::new();
        let in_dist = |path: &str| directory.dist().join(path).to_str().unwrap().to_owned();
        home.gpg(&["--import", &in_dist("key.asc")]);
        home.gpg(&[
            "--verify",
            &in_dist("v4/all.json.sig"),
            &in_dist("v4/all.json"),
        ]);
        let out = in_dist("gpg.out");
        home.gpg(&["--output", &out, "--decrypt", &in_dist("v4/all.json.gpg")]);
        assert!(fs::read(out).unwrap() == fs::read(in_dist("v4/all.json")).unwrap());
    }
}

/// Verifies both kinds of signature over `x.json` in a folder with its `public.asc`.
struct Signed<'f>(&'f Path);

impl Signed<'_> {
    fn verify(&self, args: &[&str]) -> Run {
        let args = [&["verify", "--cert", "public.asc"], args].concat();
        Tfadir::new(&args).folder(self.0).run()
    }

    /// Asserts that the detached signature is valid, until the file changes.
    #[track_caller]
    fn detached_is_good(&self) {
        let data = fs::read(self.0.join("x.json")).unwrap();
        self.verify(&["x.json.sig"]).ends_with(0);
        fs::write(self.0.join("x.json"), [&data[..], b" "].concat()).unwrap();
        self.verify(&["x.json.sig"]).ends_with(1);
        fs::write(self.0.join("x.json"), data).unwrap();
    }

    /// Asserts that the signed message is valid and contains the file, until a byte changes.
    #[track_caller]
    fn message_is_good(&self) {
        let [message, out] = ["x.json.gpg", "out"].map(|name| self.0.join(name));
        self.verify(&["x.json.gpg", "--output", "out"]).ends_with(0);
        assert!(fs::read(&out).unwrap() == fs::read(self.0.join("x.json")).unwrap());
        fs::remove_file(&out).unwrap();

        let mut bytes = fs::read(&message).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&message, bytes).unwrap();
        assert_ne!(
            self.verify(&["x.json.gpg", "--output", "out"]).code,
            Some(0)
        );
        assert!(!out.exists(), "what is not verified is written");
    }

    /// Asserts that the signed message is refused for its form, and nothing is written.
    #[track_caller]
    fn message_is_refused(&self, words: &str) {
        self.verify(&["x.json.gpg", "--output", "out"])
            .ends_with(1)
            .says(words);
        assert!(!self.0.join("out").exists(), "what is refused is written");
    }
}

#[test]
#[ignore = "needs openpgp.js and PGPy; .ci/run installs them and runs this"]
fn tfadir_verifies_what_others_sign() {
    for (maker, algorithm) in KEYS {
        let key = maker.generate(algorithm);
        let folder = key.folder.path();
        let [data, signature, message] =
            ["x.json", "x.json.sig", "x.json.gpg"].map(|name| folder.join(name));
        for size in [20, 20_000] {
            fs::write(&data, "x".repeat(size)).unwrap();
            let task = Path::new("sign");
            maker.succeeds(&[
                task,
                &key.secret(),
                &key.passphrase(),
                &data,
                &signature,
                &message,
            ]);
            let signed = Signed(folder);
            signed.detached_is_good();
            match maker {
                Other::OpenPgpJs => signed.message_is_good(),
                // It claims that another signature follows, but none does.
                Other::PgPy => signed.message_is_refused("do not match its signatures"),
            }
        }
    }
}

#[test]
#[ignore = "needs gpg; .ci/run installs it and runs this"]
fn tfadir_verifies_what_gpg_signs() {
    let home = Home::new();
    for algorithm in ["ed25519", "rsa3072", "nistp256"] {
        let key = home.generate(algorithm, PASSPHRASE);
        let folder = temporary_folder();
        let [data, signature, message, public] =
            ["x.json", "x.json.sig", "x.json.gpg", "public.asc"]
                .map(|name| folder.path().join(name).to_str().unwrap().to_owned());
        fs::write(&data, "x".repeat(300_000)).unwrap();
        home.gpg(&["--armor", "--output", &public, "--export", &key.fingerprint]);
        let sign = |how: &str, out: &str| {
            let args = [
                "--yes",
                "--local-user",
                &key.fingerprint,
                "--output",
                out,
                how,
                &data,
            ];
            home.with_passphrase(PASSPHRASE, &args);
        };
        let signed = Signed(folder.path());
        sign("--detach-sign", &signature);
        signed.detached_is_good();
        sign("--sign", &message);
        signed.message_is_good();

        // When gpg reads a pipe, it does not know the size.
        let pipe = format!(
            "cat '{data}' | gpg --batch --yes --pinentry-mode loopback --passphrase '{PASSPHRASE}' \
             --local-user {} --output '{message}' --compress-level 0 --sign",
            key.fingerprint
        );
        home.run("sh", &["-c", &pipe]);
        signed.message_is_refused("has partial body lengths");
    }
}
