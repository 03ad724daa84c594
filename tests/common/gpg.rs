//! Real keys from a real gpg, in a separate home folder.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::common::{Tfadir, files, temporary_folder};

/// A home folder of gpg.
pub struct Home {
    folder: TempDir,
}

/// A key that gpg generated and exported.
pub struct GpgKey {
    folder: TempDir,
    pub fingerprint: String,
    pub passphrase: String,
}

impl GpgKey {
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("secret.asc")
    }

    pub fn dist(&self) -> PathBuf {
        self.folder.path().join("dist")
    }
}

impl Home {
    /// A home with fast passphrase hashing. By default, gpg calibrates hashing to a tenth of a second, again and again, which
    /// takes minutes when many tests run.
    pub fn new() -> Self {
        let home = Self::with_defaults();
        let settings = home.folder.path().join("gpg-agent.conf");
        fs::write(settings, "s2k-count 65536\n").unwrap();
        home
    }

    /// A home without settings.
    pub fn with_defaults() -> Self {
        // The path of a socket must be short, so this is not below the build folder.
        let folder = temporary_folder();
        Self { folder }
    }

    /// Runs gpg and panics if it fails.
    #[track_caller]
    pub fn gpg(&self, args: &[&str]) -> Output {
        self.run("gpg", args)
    }

    #[track_caller]
    pub fn run(&self, program: &str, args: &[&str]) -> Output {
        let output = Command::new(program)
            .args(args)
            .env("GNUPGHOME", self.folder.path())
            .output()
            .unwrap_or_else(|error| panic!("{program} is needed: {error}"));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {args:?}: {said}");
        output
    }

    /// Generates a primary key that signs, and exports its secret.
    pub fn generate(&self, algorithm: &str, passphrase: &str) -> GpgKey {
        self.generate_with(algorithm, passphrase, &[])
    }

    /// The same, with more gpg options. Each home has at most one key of an algorithm.
    pub fn generate_with(&self, algorithm: &str, passphrase: &str, options: &[&str]) -> GpgKey {
        let user = format!("Test {algorithm} <test@directory.example>");
        let generate = ["--quick-generate-key", &user, algorithm, "sign", "1y"];
        self.with_passphrase(passphrase, &[options, &generate].concat());
        let listed = self.gpg(&["--list-keys", "--with-colons", &user]).stdout;
        let listed = String::from_utf8(listed).unwrap();
        let line = listed
            .lines()
            .find(|line| line.starts_with("fpr:"))
            .unwrap();
        let fingerprint = line.split(':').nth(9).unwrap().to_owned();
        let key = GpgKey {
            folder: temporary_folder(),
            fingerprint,
            passphrase: passphrase.to_owned(),
        };
        self.export(&key, "--export-secret-keys");
        key
    }

    /// Writes the secret key as gpg exports it.
    pub fn export(&self, key: &GpgKey, how: &str) {
        let out = key.file();
        let out = out.to_str().unwrap();
        let args = ["--armor", "--yes", "--output", out, how, &key.fingerprint];
        self.with_passphrase(&key.passphrase, &args);
    }

    /// Revokes a key in this home, with the revocation certificate that gpg generated with the key.
    pub fn revoke(&self, key: &GpgKey) {
        let name = format!("openpgp-revocs.d/{}.rev", key.fingerprint);
        let certificate = self.folder.path().join(name);
        // gpg adds a colon in front, which prevents accidental revocation.
        let armored = fs::read_to_string(&certificate)
            .unwrap()
            .replace("\n:---", "\n---");
        fs::write(&certificate, armored).unwrap();
        self.gpg(&["--import", certificate.to_str().unwrap()]);
    }

    pub fn with_passphrase(&self, passphrase: &str, args: &[&str]) {
        let fixed = [
            "--batch",
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            passphrase,
        ];
        self.gpg(&[&fixed, args].concat());
    }
}

impl Home {
    /// The folder, for `GNUPGHOME`.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Ends the agent. It restarts when it is needed, without cached passphrases.
    pub fn end_agent(&self) {
        self.run("gpgconf", &["--kill", "all"]);
    }

    /// The fingerprints of a certificate: the primary key first, then the subkeys.
    pub fn fingerprints(&self, key: &GpgKey) -> Vec<String> {
        let listed = self
            .gpg(&["--list-keys", "--with-colons", &key.fingerprint])
            .stdout;
        let listed = String::from_utf8(listed).unwrap();
        let lines = listed.lines().filter(|line| line.starts_with("fpr:"));
        lines
            .map(|line| line.split(':').nth(9).unwrap().to_owned())
            .collect()
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = Command::new("gpgconf")
            .args(["--kill", "all"])
            .env("GNUPGHOME", self.folder.path())
            .status();
    }
}

/// Builds a root with a key, and verifies every JSON file with gpg and gpgv, as the page says.
pub fn build_and_verify(home: &Home, key: &GpgKey, root: &Path) {
    let dist = key.dist();
    let file = key.file();
    let args = [
        "build",
        "--release",
        "--serial",
        "1",
        "--root",
        root.to_str().unwrap(),
        "--out",
        dist.to_str().unwrap(),
        "--key",
        file.to_str().unwrap(),
    ];
    Tfadir::new(&args)
        .env("PGP_PASSWORD", &key.passphrase)
        .run()
        .ends_with(0)
        .says(&key.fingerprint);

    verify(home, &dist);
}

/// Verifies every JSON file of a published folder with gpg and gpgv, as its page says.
pub fn verify(home: &Home, dist: &Path) {
    let scratch = temporary_folder();
    let ring = scratch.path().join("ring.gpg");
    let ring = ring.to_str().unwrap();
    let published = dist.join("key.asc");
    home.gpg(&[
        "--yes",
        "--dearmor",
        "--output",
        ring,
        published.to_str().unwrap(),
    ]);
    let out = scratch.path().join("out.json");
    let mut verified = 0;
    for (path, bytes) in files(dist) {
        // The frontend data is not signed.
        if !path.ends_with(".json") || path.starts_with("frontend/") {
            continue;
        }
        let path = dist.join(path);
        let path = path.to_str().unwrap();
        home.gpg(&["--verify", &format!("{path}.sig"), path]);
        let _ = fs::remove_file(&out);
        let out = out.to_str().unwrap();
        let message = format!("{path}.gpg");
        home.run("gpgv", &["--keyring", ring, "--output", out, &message]);
        assert!(fs::read(out).unwrap() == bytes, "{path}");
        verified += 1;
    }
    assert_eq!(
        verified,
        18 + 11,
        "every file of both versions, every schema, the manifest, and four others"
    );
}
