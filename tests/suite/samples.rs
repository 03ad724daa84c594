//! The samples of the pages, run in their languages against a signed directory on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tfadir::pipeline;
use tfadir::site::{SAMPLES, Task};

use crate::common::{Directory, Run, Tfadir, entry, project};
use crate::gpg::{GpgKey, Home};
use crate::server::Server;

/// A directory as its users meet it, with everything that can be wrong with its signatures.
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
            .file("entries/c/codes.example.json", entry("Codes", "codes.example"))
            .file("entries/t/texts.example.json", sms)
            .file("entries/w/without.example.json", without);
        let site = Self { home, key, directory, server };
        site.build(&site.key);
        site.server.serve(&site.directory.dist());
        site
    }

    fn build(&self, key: &GpgKey) {
        self.build_by(&[key]);
    }

    /// Builds for several keys to sign, which have the same passphrase.
    fn build_by(&self, keys: &[&GpgKey]) {
        let files: Vec<PathBuf> = keys.iter().map(|key| key.file()).collect();
        let mut args = vec!["build"];
        args.extend(files.iter().flat_map(|file| ["--key", file.to_str().unwrap()]));
        Tfadir::new(&args)
            .folder(self.directory.path())
            .env("PGP_PASSWORD", &keys[0].passphrase)
            .run()
            .ends_with(0);
    }

    fn in_dist(&self, path: &str) -> PathBuf {
        self.directory.dist().join(path)
    }

    /// Has a subkey sign from now on.
    fn add_subkey(&self) {
        let GpgKey { fingerprint, passphrase, .. } = &self.key;
        let args = ["--quick-add-key", fingerprint, "ed25519", "sign"];
        self.home.with_passphrase(passphrase, &args);
        self.home.export(&self.key, "--export-secret-subkeys");
    }

    /// Has the key expire this long from now.
    fn set_expiry(&self, when: &str) {
        let GpgKey { fingerprint, passphrase, .. } = &self.key;
        self.home.with_passphrase(passphrase, &["--quick-set-expire", fingerprint, when]);
        self.home.export(&self.key, "--export-secret-subkeys");
    }

    /// Publishes the certificates of these keys as `key.asc`.
    fn publish_certificates(&self, fingerprints: &[&str]) {
        let out = self.in_dist("key.asc");
        let args = ["--armor", "--yes", "--output", out.to_str().unwrap(), "--export"];
        self.home.gpg(&[&args, fingerprints].concat());
    }

    /// A sample as the pages of this directory show it.
    fn sample(&self, language: &str, task: Task) -> String {
        let settings = pipeline::open(Some(self.directory.path())).unwrap().settings;
        let mut samples = SAMPLES.iter().filter(|it| it.language == language && it.task == task);
        samples.next().unwrap().text(&settings, &self.key.fingerprint)
    }
}

/// Samples of one language, ready to run in a folder of their own.
struct Samples<'s> {
    site: &'s Site,
    folder: TempDir,
    command: Vec<String>,
}

impl<'s> Samples<'s> {
    /// The sample is written to a file of this name and run by a program with arguments in front.
    fn new(site: &'s Site, language: &str, task: Task, name: &str, program: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), site.sample(language, task)).unwrap();
        let command = program.iter().map(|&it| it.to_owned()).chain([name.to_owned()]).collect();
        Self { site, folder, command }
    }

    fn compiled(site: &'s Site, program: &Path) -> Self {
        let command = vec![program.to_str().unwrap().to_owned()];
        Self { site, folder: tempfile::tempdir().unwrap(), command }
    }

    fn run(&self, args: &[&str]) -> Run {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]).args(args).stdin(Stdio::null()).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap()).env("HOME", self.folder.path());
        Run::of(&mut command, self.folder.path())
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
            (&["without.example"], "without.example does not support TOTP\n"),
            (&["unlisted.example"], "unlisted.example is not listed\n"),
            (&["constructor"], "constructor is not listed\n"),
            (&[], "example.com is not listed\n"),
        ] {
            assert_eq!(self.run(args).ends_with(0).stdout, answer);
        }
    }

    #[track_caller]
    fn refuses(&self, what: &str) {
        let run = self.run(&[]);
        assert!(run.code != Some(0) && run.stdout.is_empty(), "{what} is accepted: {run:?}");
        assert!(!run.stderr.is_empty(), "nothing is said of {what}");
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

    /// While a key is replaced, two sign: the pinned one is the old one, the new one, or neither.
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

/// Panics unless it ends with success; shows what it said.
fn compile(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

#[test]
#[ignore = "needs curl, jq and gpg; .ci/run installs them and runs this"]
fn samples_for_the_shell_work() {
    let site = Site::new();
    Samples::new(&site, "shell", Task::Lookup, "lookup.sh", &["sh"]).look_up();
    Samples::new(&site, "shell", Task::Verify, "verify.sh", &["sh"]).verify();
}

#[test]
#[ignore = "needs Python and gpg; .ci/run installs them and runs this"]
fn samples_in_python_work() {
    let site = Site::new();
    Samples::new(&site, "python", Task::Lookup, "lookup.py", &["python3"]).look_up();
    Samples::new(&site, "python", Task::Verify, "verify.py", &["python3"]).verify();
}

#[test]
#[ignore = "needs Node, its package openpgp, and gpg; .ci/run installs them and runs this"]
fn samples_in_javascript_work() {
    let site = Site::new();
    Samples::new(&site, "node", Task::Lookup, "lookup.mjs", &["node"]).look_up();

    // The page of a browser would import it as this program does.
    let browser = Samples::new(&site, "browser", Task::Lookup, "module.mjs", &["node"]);
    let page = r#"
        import { supportsTotp } from "./module.mjs";
        const domain = process.argv[2] ?? "example.com";
        const said = { true: "supports TOTP", false: "does not support TOTP", undefined: "is not listed" };
        console.log(`${domain} ${said[await supportsTotp(domain)]}`);
    "#;
    fs::write(browser.folder.path().join("page.mjs"), page).unwrap();
    let command = vec!["node".to_owned(), "page.mjs".to_owned()];
    Samples { command, ..browser }.look_up();

    let verify = Samples::new(&site, "node", Task::Verify, "verify.mjs", &["node"]);
    let modules = std::env::var_os("INTEROP_NODE_MODULES").unwrap();
    std::os::unix::fs::symlink(modules, verify.folder.path().join("node_modules")).unwrap();
    verify.verify();
}

#[test]
#[ignore = "needs gpg, and crates from the network; .ci/run installs gpg and runs this"]
fn samples_in_rust_work() {
    let site = Site::new();
    let crate_folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("samples");
    fs::create_dir_all(&crate_folder).unwrap();
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(project().join("tests/samples").join(file), crate_folder.join(file)).unwrap();
    }
    for (file, task) in [("lookup.rs", Task::Lookup), ("verify.rs", Task::Verify)] {
        fs::write(crate_folder.join(file), site.sample("rust", task)).unwrap();
    }
    // The folder that cargo compiles tfadir to holds most of what the samples depend on.
    let compiled = Path::new(env!("CARGO_BIN_EXE_tfadir")).parent().unwrap();
    compile(
        Command::new(env!("CARGO"))
            .args(["build", "--locked", "--quiet", "--target-dir"])
            .arg(compiled.parent().unwrap())
            .current_dir(&crate_folder),
    );
    Samples::compiled(&site, &compiled.join("lookup")).look_up();
    Samples::compiled(&site, &compiled.join("verify")).verify();
}

#[test]
#[ignore = "needs Go, its package go-crypto as Debian has it, and gpg; .ci/run installs them and runs this"]
fn samples_in_go_work() {
    let site = Site::new();
    let folder = tempfile::tempdir().unwrap();
    let program = |name: &str, task| {
        let source = folder.path().join(format!("{name}.go"));
        let program = folder.path().join(name);
        fs::write(&source, site.sample("go", task)).unwrap();
        compile(
            Command::new("go")
                .args(["build", "-o"])
                .args([&program, &source])
                .env("GO111MODULE", "off")
                .env("GOPATH", "/usr/share/gocode"),
        );
        program
    };
    Samples::compiled(&site, &program("lookup", Task::Lookup)).look_up();
    Samples::compiled(&site, &program("verify", Task::Verify)).verify();
}

#[test]
#[ignore = "needs Ruby and gpg; .ci/run installs them and runs this"]
fn samples_in_ruby_work() {
    let site = Site::new();
    Samples::new(&site, "ruby", Task::Lookup, "lookup.rb", &["ruby"]).look_up();
    Samples::new(&site, "ruby", Task::Verify, "verify.rb", &["ruby"]).verify();
}

#[test]
#[ignore = "needs PHP and gpg; .ci/run installs them and runs this"]
fn samples_in_php_work() {
    let site = Site::new();
    Samples::new(&site, "php", Task::Lookup, "lookup.php", &["php"]).look_up();
    Samples::new(&site, "php", Task::Verify, "verify.php", &["php"]).verify();
}

#[test]
#[ignore = "needs tree-sitter for Python; .ci/run installs it and runs this"]
fn samples_in_csharp_are_csharp_to_a_parser() {
    let check = |files: &[&Path]| {
        Command::new(std::env::var_os("INTEROP_PYTHON").unwrap())
            .arg(project().join("tests/interop/csharp_syntax.py"))
            .args(files)
            .output()
            .unwrap()
    };
    let samples = project().join("templates/samples");
    let output = check(&[&samples.join("lookup.cs"), &samples.join("verify.cs")]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!check(&[&samples.join("lookup.py")]).status.success(), "it accepts Python");
}
