//! `tfadir diff` of commits, with real repositories.

use std::fs;
use std::process::Command;

use crate::common::{Directory, Run, Tfadir, command, entry};
use crate::diff::{diff, parsed, states};
use crate::git::{commit, git, init};

/// A repository with the two states as commits, and a file in the root that is not tracked.
fn repository() -> Directory {
    let (from, to) = states();
    init(from.path());
    commit(&from);
    fs::remove_dir_all(from.path().join("entries")).unwrap();
    fs::rename(to.path().join("entries"), from.path().join("entries")).unwrap();
    commit(&from);
    from.file(
        "entries/u/untracked.example.json",
        entry("Untracked", "untracked.example"),
    )
}

#[test]
fn commits_are_read_without_a_checkout() {
    let directory = repository();
    let run = directory.run(&["diff", "HEAD~1", "HEAD"]).ends_with(0);
    let (from, to) = states();
    assert_eq!(run.stdout, diff(&from, &to, &[]).stdout);
    let run = directory.run(&["diff"]).ends_with(0);
    assert!(
        run.stdout
            .starts_with("+ Untracked (untracked.example): totp\n\n"),
        "{}",
        run.stdout
    );
    directory
        .run(&["diff", "main", "--exit-code"])
        .ends_with(1)
        .says("1 site added");
    directory
        .run(&["diff", "HEAD", "HEAD", "--exit-code"])
        .ends_with(0);
}

#[test]
fn a_manifest_without_its_files_stands_for_its_commit() {
    let directory = repository();
    git(
        directory.path(),
        &["stash", "--quiet", "--include-untracked"],
    );
    git(
        directory.path(),
        &["switch", "--quiet", "--detach", "HEAD~1"],
    );
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let published = Directory::empty();
    let manifest = published.path().join("manifest.json");
    fs::copy(directory.dist().join("manifest.json"), &manifest).unwrap();
    let args = ["diff", manifest.to_str().unwrap(), "main"];
    assert_eq!(
        directory.run(&args).ends_with(0).stdout,
        directory.run(&["diff", "HEAD", "main"]).stdout
    );
    let text = fs::read_to_string(&manifest).unwrap();
    let none = parsed(&text)["commit"].as_str().unwrap().to_owned();
    fs::write(&manifest, text.replace(&format!("\"{none}\""), "null")).unwrap();
    directory
        .run(&args)
        .ends_with(2)
        .says("neither entries nor a complete published file");
}

#[test]
fn a_root_below_the_top_of_its_repository_has_states_too() {
    let top = Directory::empty().file(
        "data/entries/g/good.example.json",
        entry("Good", "good.example"),
    );
    let top = top.file("entries/x.json", "elsewhere");
    init(top.path());
    commit(&top);
    let top = top.file("data/entries/n/n\u{e9}\".json", entry("N", "n.example"));
    commit(&top);
    let run = top
        .run(&["diff", "HEAD~1", "HEAD", "--root", "data"])
        .ends_with(0);
    assert!(
        run.stdout.starts_with("+ N (n.example): totp\n"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_path_does_not_hide_a_commit() {
    let mut directory = repository();
    git(directory.path(), &["branch", "origin/main", "HEAD~1"]);
    let [before, head] = ["HEAD~1", "HEAD"].map(|it| directory.run(&["diff", it]).stdout);
    for name in ["HEAD~1", "origin/main", "HEAD"] {
        // The state of the working tree, so that nothing seems to change.
        for (domain, title) in [("same", "Same"), ("untracked", "Untracked")] {
            let domain = format!("{domain}.example");
            let path = format!("{name}/entries/x/{domain}.json");
            directory = directory.file(&path, entry(title, &domain));
        }
    }
    for name in ["HEAD~1", "origin/main"] {
        let run = directory.run(&["diff", name]).ends_with(2);
        assert_eq!(run.stdout, "");
        run.says(&format!("`{name}` is both a commit and a path"))
            .says(&format!("write `./{name}` for the path"));
        let path = directory.run(&["diff", &format!("./{name}")]).ends_with(0);
        assert!(
            path.stdout != before && path.stdout.contains("added.example"),
            "{}",
            path.stdout
        );
    }
    assert_eq!(directory.run(&["diff", "HEAD"]).ends_with(0).stdout, head);
    assert_eq!(directory.run(&["diff"]).ends_with(0).stdout, head);
    directory
        .run(&["diff", ""])
        .ends_with(2)
        .says("a state to compare has an empty name");
}

#[test]
fn a_commit_that_cannot_be_read_is_an_error_with_the_way_out() {
    let directory = repository();
    directory
        .run(&["diff", "mian"])
        .ends_with(2)
        .says("unknown branch or commit `mian`");
    directory
        .run(&["diff", "--", "--output=x"])
        .ends_with(2)
        .says("unknown branch or commit");
    directory
        .run(&["diff", "entries/u"])
        .ends_with(2)
        .says("neither entries nor a complete");
    Directory::new()
        .run(&["diff"])
        .ends_with(2)
        .says("is not in a usable git repository");

    let directory = directory.file("entries/b/bad.example.json", "{\n,");
    commit(&directory);
    let run = directory.run(&["diff", "HEAD", "HEAD~1"]).ends_with(2);
    let words = "cannot compare `HEAD`: `entries/b/bad.example.json`: this file is not JSON";
    assert!(run.stderr.contains(words), "{}", run.stderr);

    git(directory.path(), &["rm", "-r", "--quiet", "entries"]);
    let directory = directory.file("note", "x");
    commit(&directory);
    let run = directory
        .run(&["diff", "HEAD", "HEAD~1", "--root", "."])
        .ends_with(2);
    run.says("`HEAD` has no entries in the folder `entries`");
    let directory = repository();
    let copies = Directory::empty();
    let url = format!("file://{}", directory.path().to_str().unwrap());
    git(
        copies.path(),
        &["clone", "--quiet", "--depth=1", &url, "copy"],
    );
    let run = Tfadir::new(&["diff", "HEAD~1"])
        .folder(&copies.path().join("copy"))
        .run();
    run.ends_with(2).says("shallow clone");
}

#[cfg(unix)]
#[test]
fn a_link_and_a_huge_file_in_a_commit_are_refused() {
    for is_link in [true, false] {
        let directory = repository();
        let path = directory.path().join("entries/z.json");
        match is_link {
            true => std::os::unix::fs::symlink("/etc/passwd", path).unwrap(),
            false => fs::write(path, " ".repeat(2 << 20)).unwrap(),
        }
        commit(&directory);
        let problem = if is_link {
            "this is a symbolic link"
        } else {
            "larger than 1 MiB"
        };
        directory
            .run(&["diff", "HEAD", "HEAD~1"])
            .ends_with(2)
            .says(problem)
            .says("`entries/z.json`");
    }
}

#[test]
fn a_clone_without_some_objects_says_which_and_what_to_do() {
    let directory = repository();
    let output = Command::new("git")
        .current_dir(directory.path())
        .args(["rev-parse", "HEAD:entries/a/added.example.json"])
        .output()
        .unwrap();
    let id = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let object = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
    fs::remove_file(directory.path().join(object)).unwrap();
    let run = directory.run(&["diff", "HEAD~1", "HEAD"]).ends_with(2);
    run.says(&format!("git cannot read the object {id}"))
        .says("help: this clone is incomplete");
}

/// A file that is too large for an entry is not even read.
#[cfg(target_os = "linux")]
#[test]
fn a_huge_file_in_history_costs_no_memory() {
    let directory = repository().file("directory.toml", "[feed]\nenabled = true\n");
    let path = directory.path().join("entries/z.json");
    fs::File::create(&path).unwrap().set_len(300 << 20).unwrap();
    commit(&directory);
    fs::remove_file(path).unwrap();
    commit(&directory);
    let script = "ulimit -v 500000; export RAYON_NUM_THREADS=2; exec \"$@\"";
    for args in [&["build", "--unsigned"][..], &["diff", "HEAD", "HEAD~1"]] {
        let mut shell = command("bash");
        shell
            .args(["-c", script, "bash", env!("CARGO_BIN_EXE_tfadir")])
            .args(args);
        let run = Run::of(&mut shell, directory.path());
        match args[0] {
            "diff" => run.ends_with(2).says("larger than 1 MiB"),
            _ => run.ends_with(0),
        };
    }
}
