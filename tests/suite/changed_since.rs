//! `check --changed-since`, with real repositories.

use std::fs;
use std::path::Path;

use snapbox::str;

use crate::common::{Directory, Run, Tfadir, copy, entry};
use crate::git::{commit, git, init};

/// A repository on branch `work`, with one warning on `main`, in `old.example`.
fn repository() -> Directory {
    let old = entry("Old", "old.example").replace("https:", "http:");
    let directory = Directory::new().file("entries/o/old.example.json", old);
    init(directory.path());
    commit(&directory);
    git(directory.path(), &["switch", "--quiet", "--create", "work"]);
    directory
}

fn check(directory: &Directory) -> Run {
    directory.run(&["check", "--changed-since", "main"])
}

#[test]
fn old_findings_are_not_reported() {
    let directory = repository();
    let run = check(&directory)
        .ends_with(0)
        .says("Also 1 warning in other files: run `tfadir check`");
    assert_eq!(run.stdout, "");
    directory.run(&["check"]).says("warning[insecure-link]");
}

#[test]
fn changed_added_and_untracked_files_are_reported() {
    let bad = |name: &str, domain: &str| entry(name, domain).replace("totp", "topt");
    let directory = repository().file("entries/g/good.example.json", bad("Good", "good.example"));
    commit(&directory);
    let directory = directory.file("entries/n/new.example.json", bad("New", "new.example"));
    git(directory.path(), &["add", "--all"]);
    let directory = directory.file(
        "entries/u/untracked.example.json",
        bad("U", "untracked.example"),
    );
    let run = check(&directory).ends_with(1).says("3 errors in 3 files");
    assert!(!run.stdout.contains("old.example"), "{}", run.stdout);

    // Later commits on main are not changes of this branch.
    git(directory.path(), &["stash", "--quiet", "--all"]);
    git(directory.path(), &["switch", "--quiet", "main"]);
    let directory = directory.file("entries/m/main.example.json", bad("Main", "main.example"));
    commit(&directory);
    git(directory.path(), &["switch", "--quiet", "work"]);
    let run = check(&directory).ends_with(1);
    assert!(!run.stdout.contains("main.example"), "{}", run.stdout);
}

#[test]
fn a_collision_with_a_file_that_was_not_changed_is_reported() {
    // The old file comes last, but the branch is responsible for the new one.
    let directory = repository().file("entries/a/a.example.json", entry("OLD", "a.example"));
    let run = check(&directory).ends_with(1).says("error[duplicate-name]");
    assert!(
        run.stdout.contains("--> entries/a/a.example.json"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("entries/o/old.example.json"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("insecure-link"), "{}", run.stdout);
}

#[test]
fn a_file_that_was_renamed_or_deleted_counts_under_its_old_name() {
    let icon = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>"#;
    let directory = repository()
        .file("img/o/old.example.svg", icon)
        .file("img/g/good.example.svg", icon);
    commit(&directory);
    git(directory.path(), &["branch", "--force", "main", "work"]);
    git(
        directory.path(),
        &["rm", "--quiet", "img/o/old.example.svg"],
    );
    git(
        directory.path(),
        &["mv", "img/g/good.example.svg", "img/g/god.example.svg"],
    );
    commit(&directory);
    let run = check(&directory).ends_with(1).says("3 errors in 3 files");
    assert!(
        run.stdout.contains("expected here: img/o/old.example.svg"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("expected here: img/g/good.example.svg"),
        "{}",
        run.stdout
    );
    assert!(
        run.stdout.contains("--> img/g/god.example.svg"),
        "{}",
        run.stdout
    );
}

#[test]
fn a_change_to_settings_or_lists_affects_everything() {
    let categories = r#"{"other": {"title": "Other"}}"#;
    let directory = repository().file("schemas/categories.json", categories);
    check(&directory).ends_with(1).says("2 errors in 2 files");
    let directory = repository().file("directory.toml", "[check.rules]\ninsecure-link = 'deny'\n");
    check(&directory).ends_with(1).says("error[insecure-link]");
}

#[test]
fn a_root_can_be_a_subfolder_of_a_repository() {
    let outer = Directory::empty().file(
        "data/entries/g/good.example.json",
        entry("Good", "good.example"),
    );
    init(outer.path());
    commit(&outer);
    let bad = entry("B", "b.example").replace("totp", "topt");
    let outer = outer
        .file("data/entries/b/b.example.json", bad)
        .file("entries/x", "elsewhere");
    let args = ["check", "--root", "data", "--changed-since", "main"];
    outer.run(&args).ends_with(1).says("1 error in 1 file");
}

#[test]
fn names_that_git_would_quote_are_found() {
    let directory = repository().file("entries/b/b\n\u{e9}\".json", entry("B", "b.example"));
    check(&directory).ends_with(1).says("error[file-name]");
}

#[test]
fn a_clone_of_depth_2_is_enough() {
    let directory = repository();
    let bad = entry("B", "b.example").replace("totp", "topt");
    let directory = directory.file("entries/b/b.example.json", bad);
    commit(&directory);
    let copies = Directory::empty();
    let url = format!("file://{}", directory.path().to_str().unwrap());
    git(
        copies.path(),
        &[
            "clone",
            "--quiet",
            "--depth=2",
            "--branch=work",
            &url,
            "copy",
        ],
    );
    let copy = copies.path().join("copy");
    let since =
        |reference: &str| Tfadir::new(&["check", "--changed-since", reference]).folder(&copy);
    let run = since("HEAD^1").run().ends_with(1).says("1 error in 1 file");
    assert!(!run.stdout.contains("insecure-link"), "{}", run.stdout);
    since("main")
        .run()
        .ends_with(2)
        .says("shallow")
        .says("fetch-depth: 2");
}

/// A directory that can be published, committed on `main`.
fn published() -> Directory {
    let directory = Directory::new()
        .file("entries/m/max.example.json", entry("Max", "max.example"))
        .file("entries/m/max2.example.json", entry("MAX", "max2.example"))
        .file("img/m/max.example.svg", ICON)
        .file("img/m/max2.example.svg", ICON)
        .file("img/g/good.example.svg", ICON);
    init(directory.path());
    commit(&directory);
    directory
}

const ICON: &str = r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>"#;

#[test]
fn an_icon_that_loses_its_entry_fails() {
    let directory = published();
    fs::remove_file(directory.path().join("entries/m/max.example.json")).unwrap();
    check(&directory)
        .ends_with(1)
        .says("error[icon-unused]")
        .says("img/m/max.example.svg");
    fs::remove_file(directory.path().join("img/m/max.example.svg")).unwrap();
    check(&directory).ends_with(0);
}

#[test]
fn an_allowance_that_is_no_longer_needed_fails() {
    let allow = "[[check.allow]]\nrule = 'svg-multiple-lines'\npath = 'img/m/max.example.svg'\n\
                 reason = 'Since 2021.'\n";
    let directory = published()
        .file("img/m/max.example.svg", ICON.replace("/>", ">\n</svg>"))
        .file("directory.toml", allow);
    commit(&directory);
    let directory = directory.file("img/m/max.example.svg", ICON);
    check(&directory)
        .ends_with(1)
        .says("error[unneeded-allowance]")
        .says("directory.toml");
}

#[test]
fn a_changed_list_or_setting_is_responsible_for_what_it_breaks() {
    let directory = published().file(
        "schemas/categories.json",
        r#"{"other": {"title": "Other"}}"#,
    );
    check(&directory)
        .ends_with(1)
        .says("error[unknown-category]")
        .says("3 errors in 3 files");
    let settings = "[paths]\nicons = 'icons'\n";
    check(&published().file("directory.toml", settings)).ends_with(0);
    let directory = published().file("directory.toml", "[check.rules]\nicon-missing = 'off'\n");
    check(&directory).ends_with(0);
}

#[test]
fn a_changed_img_is_responsible_for_both_icons() {
    let text = entry("Max", "max.example").replace("\"tfa\"", "\"img\": \"m.svg\",\n    \"tfa\"");
    let directory = published().file("entries/m/max.example.json", text);
    check(&directory)
        .ends_with(1)
        .says("error[icon-missing]")
        .says("error[icon-unused]");
}

#[test]
fn an_icon_that_an_entry_stopped_naming_is_reported_with_the_entry() {
    let path = "entries/m/max.example.json";
    let text = entry("Max", "max.example").replace("\"tfa\"", "\"img\": \"m.svg\",\n    \"tfa\"");
    let directory = published().file(path, text).file("img/m/m.svg", ICON);
    let since =
        |paths: &[&str]| directory.run(&[&["check", "--changed-since", "main"], paths].concat());
    since(&[path])
        .ends_with(1)
        .says("error[icon-unused]")
        .says("--> img/m/max.example.svg");
    since(&["entries/g"]).ends_with(0);
}

#[test]
fn an_entry_in_a_wrong_folder_fails() {
    let text = entry("Example", "example.com");
    let directory = repository()
        .file("example.com.json", &text)
        .file("Entries/x.json", entry("X", "x.example"))
        .file("package.json", r#"{"name": {"domain": "x"}}"#)
        .file("dist/frontend/v1/x/y.json", entry("Y", "y.example"))
        .file("tests/data/entries/e/example.com.json", &text);
    let run = check(&directory).ends_with(1).says("2 errors in 2 files");
    run.says("error[file-folder]: this entry is outside `entries/`")
        .says("--> example.com.json:3:15")
        .says("--> Entries/x.json:3:15")
        .says("To move it to `entries/e/example.com.json`");
    directory
        .run(&["check", "--changed-since", "main", "--fix"])
        .ends_with(0);
    assert!(
        directory
            .path()
            .join("entries/e/example.com.json")
            .is_file()
    );
    assert!(!directory.path().join("example.com.json").exists());

    // A file that was there before is not reported, and settings can turn the rule off.
    let directory = repository().file("example.com.json", &text);
    commit(&directory);
    directory
        .run(&["check", "--changed-since", "HEAD"])
        .ends_with(0);
    let off = "[check.rules]\nfile-folder = 'off'\n";
    check(&directory.file("directory.toml", off)).ends_with(0);
}

#[test]
fn an_old_clash_does_not_fail_a_change_to_one_of_the_two() {
    let text = entry("Max", "max.example").replace("/2fa", "/two-factor");
    let directory = published().file("entries/m/max.example.json", text);
    check(&directory).ends_with(0);
}

#[test]
fn an_error_that_stops_a_build_fails_in_any_file() {
    let directory = published().file("entries/b/b.example.json", "{");
    commit(&directory);
    let directory = directory.file("entries/n/new.example.json", entry("New", "new.example"));
    let directory = directory.file("img/n/new.example.svg", ICON);
    let run = directory
        .run(&["check", "--changed-since", "HEAD"])
        .ends_with(1);
    assert!(run.stdout.contains("error[json-syntax]"), "{}", run.stdout);
}

/// Design, decision 6: if the base builds and the gate passes, the result builds.
#[test]
fn what_passes_the_gate_can_be_published() {
    let mut random = Random(2026);
    let mut passed = 0;
    let original = published();
    let base = Directory::empty();
    copy(original.path(), base.path());
    base.run(&["build", "--unsigned"]).ends_with(0);
    for _ in 0..60 {
        let directory = Directory::empty();
        copy(original.path(), directory.path());
        for _ in 0..=random.below(2) {
            change(&directory, &mut random);
        }
        let is_green = run(&directory, &["check", "--changed-since", "main", "--quiet"]) == 0;
        passed += usize::from(is_green);
        if is_green {
            directory
                .run(&["build", "--unsigned", "--quiet"])
                .ends_with(0);
        }
    }
    assert!(
        (10..50).contains(&passed),
        "{passed} of 60 pass: the changes prove little"
    );
}

fn run(directory: &Directory, args: &[&str]) -> i32 {
    let output = Tfadir::new(args)
        .folder(directory.path())
        .command()
        .output()
        .unwrap();
    output.status.code().unwrap()
}

/// A random change, valid or not, that a contributor could make.
fn change(directory: &Directory, random: &mut Random) {
    let domain = ["good.example", "max.example", "max2.example", "new.example"][random.below(4)];
    let name = ["Good", "Max", "MAX", "New"][random.below(4)];
    let entry_path = directory
        .path()
        .join(format!("entries/{}/{domain}.json", &domain[..1]));
    let icon_path = directory
        .path()
        .join(format!("img/{}/{domain}.svg", &domain[..1]));
    let write = |path: &Path, text: &str| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let text = entry(name, domain);
    match random.below(20) {
        0 => drop(fs::remove_file(entry_path)),
        1 => drop(fs::remove_file(icon_path)),
        2 => write(&icon_path, &ICON.replace("/>", ">\n</svg>")),
        3 => write(&icon_path, &ICON.replace("/>", " onload=\"x\"/>")),
        4 => write(&entry_path, &text.replace("totp", "topt")),
        5 => write(&entry_path, &text.replace(domain, "max.example")),
        6 => write(
            &directory.path().join("directory.toml"),
            "[build]\nrefuse = 'errors'\n",
        ),
        7 => write(
            &directory.path().join("schemas/categories.json"),
            r#"{"x":{"title":"X"}}"#,
        ),
        8..=11 => {
            write(&entry_path, &text);
            write(&icon_path, ICON);
        }
        _ => write(&entry_path, &text.replace("/2fa", "/two-factor")),
    }
}

/// Numbers that are the same in every run (Knuth's linear congruential generator).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// The base is read from git, not from a folder: its links, modes and misnamed files must give the
/// same findings.
#[cfg(unix)]
#[test]
fn files_of_any_kind_are_the_same_in_the_base() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let directory = published()
        .file("img/x/x.svg", ICON.replace("/>", "><!-- x --></svg>"))
        .file("entries/n/notes.md", "# Notes")
        .file("entries/u/Upper.example.JSON", entry("U", "upper.example"))
        .file("img/n/note.txt", "x")
        .file("img/.hidden", "x");
    let root = directory.path();
    fs::remove_file(root.join("img/g/good.example.svg")).unwrap();
    symlink("../x/x.svg", root.join("img/g/good.example.svg")).unwrap();
    symlink("../m", root.join("img/g/folder")).unwrap();
    symlink("nothing", root.join("img/g/broken.svg")).unwrap();
    let executable = root.join("entries/m/max.example.json");
    fs::set_permissions(executable, fs::Permissions::from_mode(0o755)).unwrap();
    commit(&directory);
    let all = directory.run(&["check"]).ends_with(1);
    for rule in ["svg-comment", "file-mode", "file-type"] {
        assert!(all.stdout.contains(rule), "{rule}: {}", all.stdout);
    }
    let since = directory.run(&["check", "--changed-since", "HEAD", "--severity", "note"]);
    for rule in ["svg-comment", "file-mode", "file-type"] {
        assert!(!since.stdout.contains(rule), "{rule}: {}", since.stdout);
    }
}

/// What is not published yet is corrected by `--fix`; what is published stays.
#[test]
fn what_is_redundant_is_removed_by_fix_only_in_entries_that_are_not_published() {
    let redundant = |name: &str, domain: &str| {
        entry(name, domain).replace(
            "\"tfa\"",
            &format!("\"url\": \"https://{domain}\",\n    \"tfa\""),
        )
    };
    let old = "entries/o/old.example.json";
    let new = "entries/n/new.example.json";
    let directory = Directory::new().file(old, redundant("Old", "old.example"));
    init(directory.path());
    commit(&directory);
    let directory = directory.file(new, redundant("New", "new.example"));
    let read = |path: &str| fs::read_to_string(directory.path().join(path)).unwrap();
    directory
        .run(&["check", "--rule", "redundant-url"])
        .ends_with(1)
        .prints(str![[r#"
error[redundant-url]: `url` only repeats the domain: `https://new.example`
 --> entries/n/new.example.json:4:5
  |
4 |     "url": "https://new.example",
  |     ^^^^^
  |
  = help: Remove `url`. Without it, websites link to `https://` and the domain.
  = help: To remove `url`, run `tfadir check --fix entries/n/new.example.json`.

error[redundant-url]: `url` only repeats the domain: `https://old.example`
 --> entries/o/old.example.json:4:5
  |
4 |     "url": "https://old.example",
  |     ^^^^^
  |
  = help: Remove `url`. Without it, websites link to `https://` and the domain.
  = help: To remove `url`, run `tfadir check --unsafe-fixes entries/o/old.example.json`; this changes what is published.


"#]]);
    directory.run(&["check", "--fix", "entries"]).ends_with(1);
    assert_eq!(read(new), entry("New", "new.example"));
    assert!(read(old).contains("\"url\""));

    // The same on a branch, where the new entry and an error in an old one are committed.
    git(directory.path(), &["switch", "--quiet", "--create", "work"]);
    let broken = redundant("Good", "good.example").replace("totp", "topt");
    let directory = directory
        .file(new, redundant("New", "new.example"))
        .file("entries/g/good.example.json", broken);
    commit(&directory);
    directory
        .run(&["check", "--fix", "--changed-since", "main"])
        .ends_with(0);
    for path in [new, "entries/g/good.example.json"] {
        let text = fs::read_to_string(directory.path().join(path)).unwrap();
        assert!(!text.contains("\"url\""), "{text}");
    }
}

#[test]
fn git_errors_are_failures_with_a_solution() {
    let directory = repository();
    let since = |reference: &str| {
        directory
            .run(&["check", &format!("--changed-since={reference}")])
            .ends_with(2)
    };
    since("mian")
        .says("unknown branch or commit `mian`")
        .says("origin/main");
    since("--output=x").says("unknown branch or commit");
    Directory::new()
        .run(&["check", "--changed-since", "main"])
        .ends_with(2)
        .says("is not in a usable git repository");
    let mut command = Tfadir::new(&["check", "--changed-since", "main"])
        .folder(directory.path())
        .env("PATH", "/nonexistent")
        .command();
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot run git"));
}
