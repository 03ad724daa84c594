//! A disk that cannot be written: commands that only read work, and each of the others ends with one
//! message and code 2.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use clap::CommandFactory;
use tfadir::cli::Cli;

use crate::common::{Run, Tfadir, files};
use crate::failures::{fill, on_disk};
use crate::git::{git, init};
use crate::keys::{builder, public, secret};
use crate::serve::Server;

/// What a command does on a read-only disk.
#[derive(Clone, Copy)]
enum Outcome {
    /// It reads, and ends with this code.
    Reads(i32),
    /// It would write, and fails.
    Fails,
}

use Outcome::{Fails, Reads};

/// Every command, some with several options.
const COMMANDS: &[(&str, Outcome)] = &[
    ("build", Fails),
    ("build --unsigned", Fails),
    ("build --key key.asc", Fails),
    ("build --release --key key.asc", Fails),
    ("sign --key key.asc", Fails),
    ("verify --cert cert.asc signed", Reads(0)),
    ("verify --cert cert.asc signed --source .", Reads(0)),
    ("verify --cert cert.asc signed/v3/all.json.sig", Reads(0)),
    (
        "verify --cert cert.asc signed/v3/all.json.gpg --output out.json",
        Fails,
    ),
    ("init", Fails),
    (
        "new b.example --name B --tfa totp --categories email --documentation https://b.example/2fa",
        Fails,
    ),
    ("check", Reads(0)),
    ("check --format github", Reads(0)),
    ("check --format markdown", Reads(0)),
    ("check --changed-since HEAD", Reads(0)),
    ("check --diff", Reads(1)),
    ("check --fix", Fails),
    ("check --write markdown=new.md", Fails),
    ("diff", Reads(0)),
    ("diff signed dist", Reads(0)),
    ("diff --write markdown=new.md", Fails),
    ("stats", Reads(0)),
    ("stats HEAD", Reads(0)),
    ("links", Reads(0)),
    ("settings", Reads(0)),
    ("fmt", Fails),
    ("fmt --check", Reads(1)),
    ("explain schema", Reads(0)),
    (
        "key generate --email a@example.org --no-passphrase --out new.asc",
        Fails,
    ),
    ("key extend short.asc --for 5y", Fails),
    ("key show key.asc", Reads(0)),
    ("key check key.asc", Reads(0)),
    ("key publish cert.asc --out published", Fails),
    ("completions bash", Reads(0)),
    ("man pages", Fails),
];

/// This command has no row, because it runs until it is stopped.
const SERVER: &str = "serve";

/// The names of the commands of the program, such as `key show`.
fn names(command: &clap::Command, before: &str, names: &mut BTreeSet<String>) {
    for inner in command.get_subcommands() {
        let name = format!("{before}{}", inner.get_name());
        if inner.has_subcommands() {
            self::names(inner, &format!("{name} "), names);
        } else {
            names.insert(name);
        }
    }
}

#[test]
fn every_command_is_tried_on_a_read_only_disk() {
    let mut expected = BTreeSet::new();
    names(&Cli::command(), "", &mut expected);
    let lines = COMMANDS.iter().map(|(line, _)| *line).chain([SERVER]);
    let mut tried = BTreeSet::new();
    for line in lines {
        let words: Vec<&str> = line.split(' ').collect();
        let length = if words[0] == "key" { 2 } else { 1 };
        tried.insert(words[..length].join(" "));
    }
    assert_eq!(tried, expected);
}

/// Fills a disk, and makes it read-only.
fn on_read_only_disk(work: impl FnOnce(&Path) + std::panic::UnwindSafe) {
    on_disk("size=64m", |root| {
        fill(root);
        fs::write(root.join("directory.toml"), "[feed]\nenabled = true\n").unwrap();
        fs::write(root.join(".gitignore"), "/dist\n/signed\n*.asc\n").unwrap();
        init(root);
        git(root, &["add", "--all"]);
        git(root, &["commit", "--quiet", "--message=x"]);
        let signed = ["build", "--release", "--key", "key.asc", "--out", "signed"];
        Tfadir::new(&signed).folder(root).run().ends_with(0);
        let short = builder()
            .set_creation_time(std::time::SystemTime::now())
            .set_validity_period(std::time::Duration::from_secs(1_000_000))
            .add_userid("a@example.org");
        let (short, _) = short.generate().unwrap();
        fs::write(root.join("short.asc"), secret(&short)).unwrap();
        fs::write(root.join("short.pub.asc"), public(&short)).unwrap();
        let mode = |mode: &str| {
            let options = format!("remount,{mode}");
            let mut mount = Command::new("mount");
            let status = mount.args(["-o", &options]).arg(root).status();
            assert!(status.unwrap().success());
        };
        mode("ro");
        work(root);
        mode("rw");
    });
}

#[test]
#[ignore = "needs root to mount a small file system; .ci/run runs it"]
fn a_read_only_disk_changes_nothing() {
    on_read_only_disk(|root| {
        let old = files(root);
        for (line, outcome) in COMMANDS {
            let args: Vec<&str> = line.split(' ').collect();
            let run = Tfadir::new(&args).folder(root).run();
            let errors = run.stderr.matches("error: ").count();
            match outcome {
                Reads(code) => {
                    let run = run.ends_with(*code);
                    assert_eq!(errors, 0, "{line}: {}", run.stderr);
                }
                Fails => {
                    let run = run.ends_with(2).says("Read-only file system");
                    assert_eq!(errors, 1, "{line}: {}", run.stderr);
                    assert!(!run.stdout.contains("error["), "{line}: {}", run.stdout);
                }
            }
            assert!(files(root) == old, "{line}");
        }
        // A preview needs no disk: without a key, it is not signed.
        let server = Server::start(Tfadir::new(&[SERVER, "--port", "0"]).folder(root));
        assert_eq!(server.get("/v3/all.json").status, 200);
        drop(server);
        assert!(files(root) == old);
        // The folder for temporary files too.
        for line in ["verify --cert cert.asc signed --source .", "diff HEAD"] {
            let args: Vec<&str> = line.split(' ').collect();
            let run: Run = Tfadir::new(&args).folder(root).env("TMPDIR", root).run();
            if run.code != Some(0) {
                let run = run.ends_with(2).says("set TMPDIR to a writable folder");
                assert_eq!(run.stderr.matches("error: ").count(), 1, "{}", run.stderr);
            }
        }
    });
}
