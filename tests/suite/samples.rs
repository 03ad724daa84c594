//! The samples on the pages, run in their languages against a signed directory on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tfadir::session;
use tfadir::site::{SAMPLES, Sample, Task};

use crate::common::{Directory, Run, Tfadir, entry, project, temporary_folder};
use crate::gpg::{GpgKey, Home};
use crate::server::Server;

/// A published directory, with methods that break its signatures.
struct Site {
    home: Home,
    key: GpgKey,
    directory: Directory,
    server: Server,
}

impl Site {
    fn new() -> Self {
        let home = Home::new();
        let key = home.generate("ed25519", "a passphrase");
        let server = Server::start();
        let settings = format!("api = '{}'\n", server.address);
        let sms = entry("Texts", "texts.example").replace("totp", "sms");
        let without = r#"{"Without":{"domain":"without.example","contact":{"twitter":"without"},"categories":["email"]}}"#;
        let directory = Directory::empty()
            .file("directory.toml", settings)
            .file(
                "entries/c/codes.example.json",
                entry("Codes", "codes.example"),
            )
            .file("entries/t/texts.example.json", sms)
            .file("entries/w/without.example.json", without);
        let site = Self {
            home,
            key,
            directory,
            server,
        };
        site.build(&site.key);
        site.server.serve(&site.directory.dist());
        site
    }

    fn build(&self, key: &GpgKey) {
        self.build_by(&[key]);
    }

    /// Builds with several keys, which must have the same passphrase.
    fn build_by(&self, keys: &[&GpgKey]) {
        let files: Vec<PathBuf> = keys.iter().map(|key| key.file()).collect();
        let mut args = vec!["build"];
        args.extend(
            files
                .iter()
                .flat_map(|file| ["--key", file.to_str().unwrap()]),
        );
        Tfadir::new(&args)
            .folder(self.directory.path())
            .env("PGP_PASSWORD", &keys[0].passphrase)
            .run()
            .ends_with(0);
    }

    fn in_dist(&self, path: &str) -> PathBuf {
        self.directory.dist().join(path)
    }

    /// Adds a subkey, which signs from now on.
    fn add_subkey(&self) {
        let GpgKey {
            fingerprint,
            passphrase,
            ..
        } = &self.key;
        let args = ["--quick-add-key", fingerprint, "ed25519", "sign"];
        self.home.with_passphrase(passphrase, &args);
        self.home.export(&self.key, "--export-secret-subkeys");
    }

    /// Sets the expiry of the key.
    fn set_expiry(&self, when: &str) {
        let GpgKey {
            fingerprint,
            passphrase,
            ..
        } = &self.key;
        self.home
            .with_passphrase(passphrase, &["--quick-set-expire", fingerprint, when]);
        self.home.export(&self.key, "--export-secret-subkeys");
    }

    /// Publishes the certificates of these keys as `key.asc`.
    fn publish_certificates(&self, fingerprints: &[&str]) {
        let out = self.in_dist("key.asc");
        let args = [
            "--armor",
            "--yes",
            "--output",
            out.to_str().unwrap(),
            "--export",
        ];
        self.home.gpg(&[&args, fingerprints].concat());
    }
}

/// How the samples of a language are built and run, in a folder that contains `lookup.<extension>`
/// and `verify.<extension>`. Both commands are for `sh`; in `run`, `$task` is `lookup` or `verify`.
struct Language {
    name: &'static str,
    extension: &'static str,
    build: &'static str,
    run: &'static str,
}

/// One test for each row.
macro_rules! languages {
    ($($test:ident: $name:literal $extension:literal $build:literal $run:literal;)*) => {
        const LANGUAGES: &[Language] =
            &[$(Language { name: $name, extension: $extension, build: $build, run: $run }),*];
        $(
            #[test]
            #[ignore = "needs the language and gpg; .ci/run installs them and runs this"]
            fn $test() {
                check($name);
            }
        )*
    };
}

languages! {
    samples_for_the_shell_work: "shell" "sh" "true" "sh $task.sh";
    samples_in_python_work: "python" "py" "true" "python3 $task.py";
    samples_for_browsers_work: "browser" "mjs" "cp $files/page.mjs ." "node page.mjs";
    samples_for_node_work: "node" "mjs" "ln -s $INTEROP_NODE_MODULES node_modules" "node $task.mjs";
    samples_in_rust_work: "rust" "rs"
        // Most dependencies are compiled for tfadir already.
        "cp $files/Cargo.* . && cargo build --locked --quiet --target-dir $target && cp $target/debug/lookup $target/debug/verify ."
        "./$task";
    // The OpenPGP library is Debian's.
    samples_in_go_work: "go" "go"
        "export GO111MODULE=off GOPATH=/usr/share/gocode; go build lookup.go && go build verify.go"
        "./$task";
    samples_in_csharp_work: "csharp" "cs"
        "for task in lookup verify; do mcs -r:System.Net.Http -r:System.Runtime.Serialization $task.cs || exit; done"
        "mono $task.exe";
    samples_in_ruby_work: "ruby" "rb" "true" "ruby $task.rb";
    samples_in_php_work: "php" "php" "true" "php $task.php";
}

#[test]
fn every_sample_is_run() {
    for sample in SAMPLES {
        assert!(
            LANGUAGES.iter().any(|it| it.name == sample.language),
            "{}",
            sample.language
        );
    }
}

/// Builds and runs all samples of a language.
fn check(language: &str) {
    let language = LANGUAGES.iter().find(|it| it.name == language).unwrap();
    let site = Site::new();
    let folder = temporary_folder();
    let settings = session::open(Some(site.directory.path())).unwrap().settings;
    let samples = || {
        SAMPLES
            .iter()
            .filter(|sample| sample.language == language.name)
    };
    for sample in samples() {
        let name = format!("{}.{}", task(sample), language.extension);
        let text = sample.text(&settings, &site.key.fingerprint);
        fs::write(folder.path().join(name), text).unwrap();
    }
    let target = Path::new(env!("CARGO_BIN_EXE_tfadir"))
        .ancestors()
        .nth(2)
        .unwrap();
    let built = Command::new("sh")
        .args(["-uc", language.build])
        .env("files", project().join("tests/samples"))
        .env("target", target)
        .current_dir(&folder)
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    for sample in samples() {
        let program = Program {
            site: &site,
            folder: folder.path(),
            language,
            task: task(sample),
        };
        match sample.task {
            Task::Lookup => program.look_up(),
            Task::Verify => program.verify(),
        }
    }
}

fn task(sample: &Sample) -> &'static str {
    match sample.task {
        Task::Lookup => "lookup",
        Task::Verify => "verify",
    }
}

/// A sample that is ready to run.
struct Program<'s> {
    site: &'s Site,
    folder: &'s Path,
    language: &'s Language,
    task: &'static str,
}

impl Program<'_> {
    fn run(&self, args: &[&str]) -> Run {
        let script = format!("exec {} \"$@\"", self.language.run);
        let mut command = Command::new("sh");
        command
            .args(["-uc", &script, "sh"])
            .args(args)
            .stdin(Stdio::null())
            .env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.folder);
        command.env("task", self.task);
        Run::of(&mut command, self.folder)
    }

    #[track_caller]
    fn look_up(&self) {
        self.site.server.serve(Path::new("/nonexistent"));
        let run = self.run(&["codes.example"]).says("404");
        assert_ne!(run.code, Some(0));
        assert_eq!(run.stdout, "");
        self.site.server.serve(&self.site.directory.dist());
        for (args, answer) in [
            (&["codes.example"][..], "codes.example supports TOTP\n"),
            (&["texts.example"], "texts.example does not support TOTP\n"),
            (
                &["without.example"],
                "without.example does not support TOTP\n",
            ),
            (&["unlisted.example"], "unlisted.example is not listed\n"),
            (
                &["login.codes.example"],
                "login.codes.example supports TOTP\n",
            ),
            (
                &["a.b.texts.example"],
                "a.b.texts.example does not support TOTP\n",
            ),
            (&["xcodes.example"], "xcodes.example is not listed\n"),
            (
                &["Login.CODES.example."],
                "login.codes.example supports TOTP\n",
            ),
            (&["constructor"], "constructor is not listed\n"),
            (&[], "example.com is not listed\n"),
        ] {
            assert_eq!(self.run(args).ends_with(0).stdout, answer);
        }
        if self.language.name == "shell" {
            // The cached file of another directory is not used.
            let path = self.folder.join("lookup.sh");
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace("/v4/", "/other/v4/")).unwrap();
            assert_ne!(self.run(&["codes.example"]).says("404").code, Some(0));
        }
    }

    #[track_caller]
    fn refuses(&self, what: &str) {
        let run = self.run(&[]);
        assert!(
            run.code != Some(0) && run.stdout.is_empty(),
            "{what} is accepted: {run:?}"
        );
        assert!(!run.stderr.is_empty(), "no message about {what}");
    }

    #[track_caller]
    fn accepts(&self) {
        assert_eq!(self.run(&[]).ends_with(0).stdout, "verified: 3 domains\n");
    }

    #[track_caller]
    fn verify(&self) {
        let site = self.site;
        self.accepts();
        site.add_subkey();
        site.build(&site.key);
        self.accepts();

        let all = site.in_dist("v4/all.json");
        let data = fs::read_to_string(&all).unwrap();
        fs::write(&all, data.replace("sms", "totp")).unwrap();
        self.refuses("a file that was changed");
        fs::write(&all, &data).unwrap();

        let signature = site.in_dist("v4/all.json.sig");
        let bytes = fs::read(&signature).unwrap();
        fs::write(&signature, "").unwrap();
        self.refuses("an empty signature");
        fs::remove_file(&signature).unwrap();
        self.refuses("a signature that is absent");
        fs::write(&signature, &bytes).unwrap();
        fs::copy(site.in_dist("v4/totp.json.sig"), &signature).unwrap();
        self.refuses("the signature of another file");
        let bad = fs::read(site.in_dist("v4/totp.json.sig")).unwrap();
        for both in [[&bytes[..], &bad], [&bad, &bytes]] {
            fs::write(&signature, both.concat()).unwrap();
            self.refuses("a bad signature beside a good one");
        }
        fs::copy(site.in_dist("v4/totp.json.gpg"), &signature).unwrap();
        self.refuses("a signed message instead of a signature");

        let other = site.home.generate("nistp256", &site.key.passphrase);
        let third = site.home.generate("rsa3072", &site.key.passphrase);
        self.verify_replacement(&other, &third);

        site.build(&other);
        self.refuses("another key");
        for both in [
            [&*site.key.fingerprint, &*other.fingerprint],
            [&*other.fingerprint, &*site.key.fingerprint],
        ] {
            site.publish_certificates(&both);
            self.refuses("another key beside the pinned one");
        }
        site.publish_certificates(&[&site.key.fingerprint]);
        self.refuses("a signature by another key");

        site.set_expiry("seconds=8");
        let expired = Instant::now() + Duration::from_secs(9);
        site.build(&site.key);
        thread::sleep(expired.saturating_duration_since(Instant::now()));
        self.refuses("a key that has expired");

        site.set_expiry("1y");
        site.build_by(&[&site.key, &other]);
        self.accepts();
        site.home.revoke(&site.key);
        let both = [&*site.key.fingerprint, &*other.fingerprint];
        site.publish_certificates(&both);
        self.refuses("a key that was revoked, beside another one");
        site.publish_certificates(&both[..1]);
        self.refuses("a key that was revoked");
    }

    /// During a roll-over two keys sign. The pinned key is the old one, the new one, or neither.
    #[track_caller]
    fn verify_replacement(&self, other: &GpgKey, third: &GpgKey) {
        let site = self.site;
        for keys in [[&site.key, other], [other, &site.key]] {
            site.build_by(&keys);
            self.accepts();
            let all = site.in_dist("v4/all.json");
            let data = fs::read_to_string(&all).unwrap();
            fs::write(&all, data.replace("sms", "totp")).unwrap();
            self.refuses("a file that was changed after two keys had signed it");
        }
        site.build_by(&[other, third]);
        self.refuses("signatures by two other keys");
        let pinned = [&site.key, third, other].map(|key| &*key.fingerprint);
        site.publish_certificates(&pinned);
        self.refuses("signatures by two other keys beside the pinned certificate");
    }
}
