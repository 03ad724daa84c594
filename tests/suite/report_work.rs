//! A check with a report for GitHub takes at most 1.5 times the work of one for a terminal: instructions are
//! counted, not seconds.

use crate::common::{Directory, command, entry};

/// The most instructions that a check with a report for GitHub may take, in per cent of those of a check with
/// one for a terminal.
const MAX_PER_CENT: u64 = 150;

/// The instructions of a check in a format, counted by valgrind.
fn instructions(directory: &Directory, format: &str) -> u64 {
    let output = command("valgrind")
        .args([
            "--tool=cachegrind",
            "--cache-sim=no",
            "--cachegrind-out-file=/dev/null",
        ])
        .arg(env!("CARGO_BIN_EXE_tfadir"))
        .args(["check", "--format", format])
        .current_dir(directory.path())
        .env("RAYON_NUM_THREADS", "1")
        .env("GITHUB_STEP_SUMMARY", directory.path().join("summary.md"))
        .output()
        .unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{log}");
    let refs = log.split("refs:").nth(1).unwrap();
    let count = refs.lines().next().unwrap();
    count.trim().replace(',', "").parse().unwrap()
}

#[track_caller]
fn assert_cheap(directory: &Directory) {
    let [human, github] = ["human", "github"].map(|format| instructions(directory, format));
    assert!(
        github * 100 <= human * MAX_PER_CENT,
        "human {human}, github {github}"
    );
}

#[test]
#[ignore = "needs valgrind, which .ci/run installs"]
fn a_report_for_github_of_many_warnings_and_one_error_is_cheap() {
    let mut directory = Directory::new().file(
        "entries/b/bad.example.json",
        entry("Bad", "bad.example").replace("totp", "topt"),
    );
    for number in 0..300 {
        let domain = format!("a{number}.example");
        let text = entry(&domain, &domain).replace("https:", "http:");
        directory = directory.file(&format!("entries/a/{domain}.json"), text);
    }
    // As in the real directory, many entries have no warnings.
    for number in 0..200 {
        let domain = format!("g{number}.example");
        directory = directory.file(&format!("entries/g/{domain}.json"), entry(&domain, &domain));
    }
    assert_cheap(&directory);
}

#[test]
#[ignore = "needs valgrind, which .ci/run installs"]
fn a_report_for_github_of_a_hostile_entry_is_cheap() {
    let methods = format!("{}\"totp\"", "\"sms\", ".repeat(40_000));
    let text = entry("B", "b.example").replace("\"totp\"", &methods);
    assert_cheap(&Directory::new().file("entries/b/b.example.json", text));
}
