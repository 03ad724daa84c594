//! `docs/releasing.md`: its commands work, from creating a key to revoking it.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::common::{Directory, Run, Tfadir, command, project};

/// What the page assumes, and a second between commits, because their times are serials.
const BEFORE: &str = "\
set -euo pipefail
trap 'gpgconf --kill all' EXIT
git() { [ \"$1\" != commit ] || sleep 1.1; command git \"$@\"; }
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
#[ignore = "needs gpg, git and jq; .ci/run installs them and runs this"]
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
    let mut script = BEFORE.to_owned();
    let (emergency, blocks) = blocks.split_last().unwrap();
    for (number, block) in blocks.iter().enumerate() {
        writeln!(script, "echo '== block {}' >&2\n{block}", number + 1).unwrap();
    }
    let api = scratch.path().join("api");
    let routine = run(&script, &api, scratch.path()).ends_with(0);
    assert!(!routine.stderr.contains("warning"), "{}", routine.stderr);
    // The roll-over publishes the extended certificate.
    let shown = Tfadir::new(&["key", "check", "../keys/first.pub.asc"])
        .folder(&api)
        .run();
    let year = jiff::Timestamp::now()
        .to_zoned(jiff::tz::TimeZone::UTC)
        .year()
        + 3;
    shown.says(&format!("good until {year}"));
    // In an emergency, the shell that created the key is gone.
    let script = format!("set -euo pipefail\ntrap 'gpgconf --kill all' EXIT\n{emergency}");
    let run = run(&script, &api, scratch.path())
        .ends_with(0)
        .says("has been revoked");

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
    routine.says(&by_both);
    run.says(signed[0].as_str().unwrap());
}
