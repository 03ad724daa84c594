//! `docs/releasing.md`: its commands work, from creating a key to revoking it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;

use crate::common::{Directory, Run, Tfadir, command, files, project};

/// Each block runs in a shell of its own. There is a second between commits, because their times are
/// serials.
const BEFORE: &str = "\
set -euo pipefail
trap 'gpgconf --kill all' EXIT
git() { [ \"$1\" != commit ] || sleep 1.1; command git \"$@\"; }
";

/// What the page assumes.
const START: &str = "\
git init --quiet
git config user.name Test
git config user.email test@directory.example
git add entries directory.toml .gitignore
git commit --quiet --message Start
";

/// The shell blocks of a page, in order.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks: Vec<String> = Vec::new();
    let mut is_inside = false;
    for line in page.lines() {
        match line {
            "```sh" => {
                is_inside = true;
                blocks.push(String::new());
            }
            "```" => is_inside = false,
            line if is_inside => {
                let block = blocks.last_mut().unwrap();
                block.push_str(line);
                block.push('\n');
            }
            _ => {}
        }
    }
    blocks
}

/// Runs a script in a folder; it may write to sibling folders.
fn run(script: &str, folder: &Path, scratch: &Path) -> Run {
    let program = Path::new(env!("CARGO_BIN_EXE_tfadir")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = command("bash");
    shell.args(["-c", script]).env("PATH", path);
    shell.env("HOME", scratch).env("TMPDIR", scratch);
    Run::of(&mut shell, folder)
}

fn keys(folder: &Path) -> Vec<Value> {
    let manifest = fs::read(folder.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    manifest["keys"].as_array().unwrap().clone()
}

#[test]
#[ignore = "needs gpg and git; .ci/run installs them and runs this"]
fn the_commands_on_the_page_work() {
    let page = fs::read_to_string(project().join("docs/releasing.md")).unwrap();
    let blocks = blocks(&page);
    assert!(blocks.len() >= 12, "the page has {} blocks", blocks.len());

    // The path of gpg's socket must be short, so this is not below the build folder.
    let scratch = Directory::empty()
        .file(
            "api/entries/g/good.example.json",
            crate::common::entry("Good", "good.example"),
        )
        .file(
            "api/directory.toml",
            "[publisher]\nemail = 'security@directory.example'\n",
        )
        .file("api/.gitignore", "/dist/\n/.tfadir/\n");
    let api = scratch.path().join("api");
    let shell = |block: &str| run(&format!("{BEFORE}{block}"), &api, scratch.path());
    shell(START).ends_with(0);
    let passphrase = scratch.path().join("keys/passphrase");
    let key_files = || {
        let mut files = files(&scratch.path().join("keys"));
        files.remove("passphrase");
        files
    };
    let (emergency, routine) = blocks.split_last().unwrap();
    let mut said = String::new();
    let mut refused = 0;
    for block in routine {
        let uses_key = ["build --release --key", "sign ", "key extend"];
        if uses_key.iter().any(|command| block.contains(command)) {
            let right = fs::read(&passphrase).unwrap();
            let keys = key_files();
            fs::write(&passphrase, "wrong\n").unwrap();
            let run = shell(block)
                .ends_with(2)
                .says("wrong passphrase for the key");
            assert!(key_files() == keys, "{block}: {}", run.stderr);
            fs::remove_file(&passphrase).unwrap();
            shell(block).ends_with(2).says("cannot read");
            assert!(key_files() == keys, "{block}");
            fs::write(&passphrase, right).unwrap();
            refused += 1;
        }
        said += &shell(block).ends_with(0).stderr;
    }
    assert!(
        refused >= 6 && !said.contains("warning"),
        "{refused}: {said}"
    );
    for name in ["first.asc", "first.pub.asc", "second.asc"] {
        let mode = fs::metadata(scratch.path().join("keys").join(name)).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o600, "{name}");
    }
    // No umask of the page reaches what a web server reads.
    let mode = fs::metadata(api.join("dist/v4/all.json")).unwrap();
    assert_eq!(mode.permissions().mode() & 0o777, 0o644);
    // The roll-over publishes the extended certificate.
    let shown = Tfadir::new(&["key", "check", "../keys/first.pub.asc"])
        .folder(&api)
        .run();
    let year = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .year()
        + 3;
    shown.says(&format!("good until {year}"));
    let run = shell(emergency).ends_with(0).says("has been revoked");

    // First one key signed, then both, and finally only the second.
    let signed = keys(&scratch.path().join("signed"));
    let now = keys(&api.join("dist"));
    assert_eq!((signed.len(), now.len()), (1, 1));
    assert_ne!(signed, now);
    let by_both = format!(
        "by {} and {}",
        signed[0].as_str().unwrap(),
        now[0].as_str().unwrap()
    );
    assert!(said.contains(&by_both), "{said}");
    run.says(signed[0].as_str().unwrap());
}

/// A redirect empties the file first, and keeps it empty if the command fails.
#[test]
fn no_block_of_any_document_replaces_a_key_file_by_a_redirect() {
    let documents = fs::read_dir(project().join("docs")).unwrap();
    let documents = documents.map(|item| item.unwrap().path());
    let mut lines = 0;
    for path in documents.chain([project().join("README.md")]) {
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        for line in fs::read_to_string(&path).unwrap().lines() {
            lines += 1;
            let target = line.rsplit('>').next().unwrap().trim();
            let is_redirect = line.contains("> ") && !line.starts_with('>');
            let is_key = target.ends_with(".asc") || target.ends_with(".gpg");
            assert!(!(is_redirect && is_key), "{}: {line}", path.display());
            let is_open = line.contains("umask") && !line.contains("(umask");
            assert!(
                !line.starts_with("umask") && !is_open || line.contains("whatever"),
                "{line}"
            );
        }
    }
    assert!(lines > 500);
}
