//! `check --changed-since`, with real repositories.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::common::{Directory, Run, Tfadir, entry};

/// Runs git in a folder, without anything of this machine's own settings.
fn git(folder: &Path, args: &[&str]) {
    let output = Command::new("git")
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .args(["-c", "user.name=t", "-c", "user.email=t@directory.example"])
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A repository on branch `work`, whose `main` has one warning in `old.example`.
fn repository() -> Directory {
    let old = entry("Old", "old.example").replace("https:", "http:");
    let directory = Directory::new().file("entries/o/old.example.json", old);
    git(directory.path(), &["init", "--quiet", "--initial-branch=main"]);
    commit(&directory);
    git(directory.path(), &["switch", "--quiet", "--create", "work"]);
    directory
}

fn commit(directory: &Directory) {
    git(directory.path(), &["add", "--all"]);
    git(directory.path(), &["commit", "--quiet", "--message=x"]);
}

fn check(directory: &Directory) -> Run {
    directory.run(&["check", "--changed-since", "main"])
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn what_was_there_before_is_not_reported() {
    let directory = repository();
    let run = check(&directory).ends_with(0).says("Also 1 warning in other files not shown");
    assert_eq!(run.stdout, "");
    directory.run(&["check"]).says("warning[insecure-link]");
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn what_is_changed_added_or_not_yet_tracked_is_reported() {
    let bad = |name: &str, domain: &str| entry(name, domain).replace("totp", "topt");
    let directory = repository().file("entries/g/good.example.json", bad("Good", "good.example"));
    commit(&directory);
    let directory = directory.file("entries/n/new.example.json", bad("New", "new.example"));
    git(directory.path(), &["add", "--all"]);
    let directory =
        directory.file("entries/u/untracked.example.json", bad("U", "untracked.example"));
    let run = check(&directory).ends_with(1).says("3 errors in 3 files");
    assert!(!run.stdout.contains("old.example"), "{}", run.stdout);

    // What main has got since then is nobody's change here.
    git(directory.path(), &["stash", "--quiet", "--all"]);
    git(directory.path(), &["switch", "--quiet", "main"]);
    let directory = directory.file("entries/m/main.example.json", bad("Main", "main.example"));
    commit(&directory);
    git(directory.path(), &["switch", "--quiet", "work"]);
    let run = check(&directory).ends_with(1);
    assert!(!run.stdout.contains("main.example"), "{}", run.stdout);
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_collision_with_a_file_that_was_not_changed_is_reported() {
    // The new file comes first, so the finding lies on the old one.
    let directory = repository().file("entries/a/a.example.json", entry("OLD", "a.example"));
    let run = check(&directory).ends_with(1).says("error[duplicate-name]");
    assert!(run.stdout.contains("--> entries/o/old.example.json"), "{}", run.stdout);
    assert!(!run.stdout.contains("insecure-link"), "{}", run.stdout);
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_file_that_was_renamed_or_deleted_counts_under_its_old_name() {
    let icon = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>"#;
    let directory =
        repository().file("img/o/old.example.svg", icon).file("img/g/good.example.svg", icon);
    commit(&directory);
    git(directory.path(), &["branch", "--force", "main", "work"]);
    git(directory.path(), &["rm", "--quiet", "img/o/old.example.svg"]);
    git(directory.path(), &["mv", "img/g/good.example.svg", "img/g/god.example.svg"]);
    commit(&directory);
    let run = check(&directory).ends_with(1).says("3 errors in 3 files");
    assert!(run.stdout.contains("expected here: img/o/old.example.svg"), "{}", run.stdout);
    assert!(run.stdout.contains("expected here: img/g/good.example.svg"), "{}", run.stdout);
    assert!(run.stdout.contains("--> img/g/god.example.svg"), "{}", run.stdout);
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_change_of_the_settings_or_lists_has_to_do_with_everything() {
    let categories = r#"{"other": {"title": "Other"}}"#;
    let directory = repository().file("schemas/categories.json", categories);
    check(&directory).ends_with(1).says("2 errors in 2 files");
    let directory = repository().file("directory.toml", "[check.rules]\ninsecure-link = 'deny'\n");
    check(&directory).ends_with(1).says("error[insecure-link]");
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_root_below_the_top_of_a_repository_is_as_good() {
    let outer =
        Directory::empty().file("data/entries/g/good.example.json", entry("Good", "good.example"));
    git(outer.path(), &["init", "--quiet", "--initial-branch=main"]);
    commit(&outer);
    let bad = entry("B", "b.example").replace("totp", "topt");
    let outer = outer.file("data/entries/b/b.example.json", bad).file("entries/x", "elsewhere");
    let args = ["check", "--root", "data", "--changed-since", "main"];
    outer.run(&args).ends_with(1).says("1 error in 1 file");
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn names_that_git_would_quote_are_found() {
    let directory = repository().file("entries/b/b\n\u{e9}\".json", entry("B", "b.example"));
    check(&directory).ends_with(1).says("error[file-name]");
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_shallow_copy_is_refused_with_the_way_out() {
    let directory = repository();
    commit_something(&directory);
    let copies = Directory::empty();
    let url = format!("file://{}", directory.path().to_str().unwrap());
    git(copies.path(), &["clone", "--quiet", "--depth=1", "--branch=work", &url, "copy"]);
    let args = ["check", "--changed-since", "origin/main"];
    let run = Tfadir::new(&args).folder(&copies.path().join("copy")).run();
    run.ends_with(2).says("shallow").says("fetch-depth: 0");
}

fn commit_something(directory: &Directory) {
    fs::write(directory.path().join("note.txt"), "x").unwrap();
    commit(directory);
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn what_git_cannot_tell_is_a_failure_with_the_way_out() {
    let directory = repository();
    let since = |reference: &str| {
        directory.run(&["check", &format!("--changed-since={reference}")]).ends_with(2)
    };
    since("mian").says("git knows no branch or commit `mian`").says("origin/main");
    since("--output=x").says("git knows no branch or commit");
    Directory::new()
        .run(&["check", "--changed-since", "main"])
        .ends_with(2)
        .says("git does not know");
    let mut command = Tfadir::new(&["check", "--changed-since", "main"])
        .folder(directory.path())
        .env("PATH", "/nonexistent")
        .command();
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot run git"));
}
