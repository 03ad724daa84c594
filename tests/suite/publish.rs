//! `dist/` is replaced as a whole or not at all.

use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::common::{Directory, Run, Tfadir, command, entry, files, names};

#[test]
fn a_folder_that_tfadir_did_not_make_is_not_replaced() {
    let directory = Directory::new().file("dist/thesis.txt", "three years of work");
    directory
        .run(&["build", "--unsigned"])
        .ends_with(2)
        .says("`[ROOT]/dist`")
        .says("--out");
    assert_eq!(names(&directory.dist()), ["thesis.txt"]);
    directory
        .run(&["build", "--unsigned", "--out", "."])
        .ends_with(2);
    let below = ["build", "--unsigned", "--out", "dist/thesis.txt/x"];
    directory
        .run(&below)
        .ends_with(2)
        .says("`dist/thesis.txt`: it is a file, not a folder");
    directory
        .run(&["build", "--unsigned", "--out", "entries"])
        .ends_with(2);
    directory
        .run(&["build", "--unsigned", "--out", "dist/thesis.txt"])
        .ends_with(2);
    let directory = directory.file(
        "schemas/categories.json",
        r#"{"email":{"title":"E-mail","icon":"x"}}"#,
    );
    for out in [
        "entries/z",
        "img",
        "schemas/out",
        "templates",
        "static/x",
        ".git",
        "new/../entries/z",
    ] {
        let run = directory
            .run(&["build", "--unsigned", "--out", out])
            .ends_with(2);
        run.says(&format!("`{out}` and the directory's"))
            .says("overlap")
            .says("help:");
    }
    // This command replaces a folder too.
    let args = [
        "key",
        "publish",
        "none.asc",
        "--email",
        "a@b.example",
        "--out",
        "entries/z",
    ];
    directory.run(&args).ends_with(2).says("overlap");
    let parent = format!(
        "../{}",
        directory.path().file_name().unwrap().to_str().unwrap()
    );
    for out in [".", "..", "entries/..", "/", &parent] {
        let run = directory
            .run(&["build", "--unsigned", "--out", out])
            .ends_with(2);
        run.says("contains the directory itself");
    }
    fs::remove_dir_all(directory.path().join("schemas")).unwrap();
    assert_eq!(names(directory.path()), ["dist", "entries"]);
}

#[test]
fn a_foreign_file_in_dist_is_not_lost() {
    let directory = Directory::new();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let directory = directory.file("dist/v3/CNAME", "api.example");
    directory
        .run(&["build", "--unsigned"])
        .ends_with(2)
        .says("`v3/CNAME`");
    assert!(directory.dist().join("v3/CNAME").is_file());
    fs::remove_file(directory.dist().join("v3/CNAME")).unwrap();
    directory.run(&["build", "--unsigned"]).ends_with(0);
}

#[cfg(unix)]
#[test]
fn a_link_named_dist_is_not_followed() {
    let directory = Directory::new();
    let elsewhere = Directory::empty().file("x", "");
    std::os::unix::fs::symlink(elsewhere.path(), directory.dist()).unwrap();
    for args in [
        &["build", "--unsigned"][..],
        &["build", "--unsigned", "--out", "dist/"],
    ] {
        directory
            .run(args)
            .ends_with(2)
            .says("is a link")
            .says("--out");
    }
    assert_eq!(names(elsewhere.path()), ["x"]);
}

#[test]
fn an_empty_or_missing_folder_is_filled() {
    let directory = Directory::new();
    fs::create_dir(directory.dist()).unwrap();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    directory
        .run(&["build", "--unsigned", "--out", "a/b/c"])
        .ends_with(0);
    assert_eq!(
        files(&directory.path().join("a/b/c")),
        files(&directory.dist())
    );
}

#[test]
fn findings_do_not_change_the_previous_dist() {
    let directory = Directory::new();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let before = files(&directory.dist());
    let directory = directory.file("entries/b/b.example.json", "{}");
    directory.run(&["build", "--unsigned"]).ends_with(1);
    assert_eq!(files(&directory.dist()), before);
}

#[test]
fn files_that_are_no_longer_built_are_removed() {
    let directory = Directory::new();
    directory.run(&["build"]).ends_with(0);
    assert!(directory.dist().join("v3/all.json.sig").is_file());
    directory.run(&["build", "--unsigned"]).ends_with(0);
    assert!(
        !files(&directory.dist())
            .keys()
            .any(|path| path.contains(".sig"))
    );
    assert_eq!(names(directory.path()), [".tfadir", "dist", "entries"]);
}

#[cfg(unix)]
#[test]
fn published_files_are_world_readable() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::new();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    for path in ["", "v3", "v3/all.json"] {
        let mode = fs::metadata(directory.dist().join(path))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o444, 0o444, "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let directory = Directory::new().file("file", "");
    directory
        .run(&["build", "--unsigned", "--out", "file/dist"])
        .ends_with(2)
        .says("cannot write `file`");
    directory
        .run(&["build", "--unsigned", "--out", "/proc/dist"])
        .ends_with(2)
        .says("/proc");
}

/// Whenever a build is killed, `dist/` is the old one or the new one, and the next build succeeds.
#[test]
fn a_kill_at_any_moment_leaves_a_whole_dist() {
    let (old, new) = (Directory::new(), Directory::new());
    let new = new.file("entries/b/b.example.json", entry("B", "b.example"));
    let location = Directory::empty();
    let out = location.dist();
    let args = [
        "build",
        "--unsigned",
        "--quiet",
        "--out",
        out.to_str().unwrap(),
    ];
    new.run(&args).ends_with(0);
    let new_files = files(&out);
    old.run(&args).ends_with(0);
    let old_files = files(&out);
    assert!(old_files != new_files);
    // Spreads the kills over a build, however long it takes.
    let start = Instant::now();
    old.run(&args).ends_with(0);
    let mut step = start.elapsed() / 30;
    let (mut kept, mut replaced) = (0, 0);
    let mut delay = Duration::ZERO;
    // Repeats until the build was killed often, both early and too late to matter.
    while kept < 20 || replaced < 5 {
        let mut command = Tfadir::new(&args).folder(new.path()).command();
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(delay);
        child.kill().unwrap();
        child.wait().unwrap();
        let now = files(&out);
        if now == new_files {
            replaced += 1;
            old.run(&args).ends_with(0);
        } else {
            assert!(now == old_files, "killed after {delay:?}, dist is neither");
            kept += 1;
        }
        delay += step;
        // The measured build was slower than these: begin again, with smaller steps.
        if replaced >= 5 && kept < 20 {
            (delay, step, kept, replaced) = (Duration::ZERO, step / 2, 0, 0);
        }
    }
    old.run(&args).ends_with(0);
    assert_eq!(names(location.path()), ["dist"]);
}

#[test]
fn builds_at_the_same_time_wait_for_each_other() {
    let directory = Directory::new();
    let start = || {
        let args = ["build", "--unsigned"];
        let mut command = Tfadir::new(&args).folder(directory.path()).command();
        command.stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..8).map(|_| start()).collect();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(names(directory.path()), ["dist", "entries"]);
    assert!(files(&directory.dist()).contains_key("v4/all.json"));
}

/// Web servers base `ETag` on a file's time and size; clients would download everything again.
#[test]
fn a_file_that_does_not_change_keeps_its_time() {
    let directory = Directory::new();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let time = |path: &str| {
        fs::metadata(directory.dist().join(path))
            .unwrap()
            .modified()
            .unwrap()
    };
    let paths = ["v4/all.json", "v4/sms.json", "style.css", "index.html"];
    let before = paths.map(time);
    thread::sleep(Duration::from_millis(20));
    directory.run(&["build", "--unsigned"]).ends_with(0);
    assert_eq!(paths.map(time), before);

    let text = entry("Other", "other.example");
    let directory = directory.file("entries/o/other.example.json", text);
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let time = |path: &str| {
        fs::metadata(directory.dist().join(path))
            .unwrap()
            .modified()
            .unwrap()
    };
    assert!(time("v4/all.json") > before[0]);
    assert_eq!(time("v4/sms.json"), before[1]);

    // A file that only looks the same is written again.
    fs::write(directory.dist().join("v4/sms.json"), "{!").unwrap();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    assert_eq!(
        fs::read(directory.dist().join("v4/sms.json")).unwrap(),
        b"{}"
    );
}

#[cfg(unix)]
#[test]
fn a_web_server_can_read_a_build_whatever_the_umask() {
    use std::os::unix::fs::PermissionsExt;

    let directory = Directory::new();
    let build = |umask: &str| {
        let script = format!("umask {umask}; exec \"$0\" build --unsigned");
        let mut shell = command("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_tfadir")]);
        Run::of(&mut shell, directory.path()).ends_with(0);
    };
    // The second build links unchanged files.
    for umask in ["077", "077", "000"] {
        build(umask);
        for item in walkdir::WalkDir::new(directory.dist()) {
            let item = item.unwrap();
            let mode = item.metadata().unwrap().permissions().mode() & 0o777;
            let expected = if item.file_type().is_dir() {
                0o755
            } else {
                0o644
            };
            assert_eq!(mode, expected, "{}", item.path().display());
        }
    }
}

/// On a full disk, an earlier version left an empty file; git then takes the development key.
#[test]
fn a_damaged_gitignore_of_the_local_state_is_repaired() {
    for damaged in ["", "*"] {
        let directory = Directory::new().file(".tfadir/.gitignore", damaged);
        directory.run(&["build"]).ends_with(0);
        let path = directory.path().join(".tfadir/.gitignore");
        assert_eq!(fs::read_to_string(path).unwrap(), "*\n");
    }
}
