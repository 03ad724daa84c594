//! What the system can refuse, for each command that writes: the old state stays, the exit code is
//! 2, and there is one message.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use snapbox::str;

use crate::common::{Directory, Run, Tfadir, command, entry, files, temporary_folder};
use crate::git::{commit, init};
use crate::keys::{public, publisher, secret};
use crate::published::Published;

/// A command that writes, and its arguments. `%` is the root.
const COMMANDS: [&[&str]; 4] = [
    &["build", "--unsigned"],
    &["sign", "--key", "key.asc"],
    &["fmt"],
    &[
        "key",
        "generate",
        "--email",
        "a@example.org",
        "--no-passphrase",
        "--out",
        "new.asc",
    ],
];

/// A root in which every command has something to write.
pub fn fill(root: &Path) {
    let cert = publisher().generate().unwrap().0;
    let write = |path: &str, content: &[u8]| {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    };
    write(
        "entries/g/good.example.json",
        entry("Good", "good.example").as_bytes(),
    );
    write("key.asc", &secret(&cert));
    write("cert.asc", &public(&cert));
    let build = ["build", "--unsigned", "--cert", "cert.asc"];
    Tfadir::new(&build).folder(root).run().ends_with(0);
    let untidy = entry("Other", "other.example").replace("  ", "\t");
    write("entries/o/other.example.json", untidy.as_bytes());
}

/// All files except local state, in which a failed run leaves no staged files.
fn state(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = files(root);
    files.retain(|path, _| ![".tfadir/.gitignore", "filler"].contains(&path.as_str()));
    files
}

/// Runs a command in a shell after some preparation.
fn run(root: &Path, before: &str, args: &[&str]) -> Run {
    let script = format!("{before}\nexec \"$@\"");
    let mut shell = command("sh");
    shell
        .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_tfadir")])
        .args(args);
    Run::of(&mut shell, root)
}

/// Runs all commands after some preparation in the shell, which makes each of them fail.
fn all_fail(root: &Path, before: &str, because: &[&str]) {
    let old = state(root);
    for args in COMMANDS {
        let run = run(root, before, args).ends_with(2);
        assert_eq!(
            run.stderr.matches("error: ").count(),
            1,
            "{args:?}: {}",
            run.stderr
        );
        let is_known = because.iter().any(|reason| run.stderr.contains(reason));
        assert!(is_known, "{args:?}: {}", run.stderr);
        assert!(!run.stdout.contains("error["), "{args:?}: {}", run.stdout);
        assert!(state(root) == old, "{args:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_limit_on_file_sizes_changes_nothing() {
    let directory = Directory::empty();
    fill(directory.path());
    let before = "trap '' XFSZ; ulimit -f 0";
    all_fail(directory.path(), before, &["File too large"]);
}

#[cfg(unix)]
#[test]
fn data_that_cannot_be_written_leaves_the_old_file() {
    let published = Published::new();
    let root = published.directory.path();
    fs::write(root.join("all.json"), "old").unwrap();
    let old = files(root);
    let message = "dist/v3/all.json.gpg";
    let verify = ["verify", message, "--cert", "cert.asc", "--output"];
    run(
        root,
        "trap '' XFSZ; ulimit -f 0",
        &[&verify[..], &["all.json"]].concat(),
    )
    .ends_with(2)
    .reports(str![[r#"
 Verified dist/v3/all.json: unchanged, signed by [..] on [..]
error: cannot write `all.json`: File too large (os error 27)

"#]]);
    assert!(files(root) == old);
}

#[cfg(unix)]
#[test]
fn running_out_of_file_handles_is_not_an_error_in_an_entry() {
    // How many a command needs depends on the number of threads; some limit stops each stage.
    for args in COMMANDS {
        let directory = Directory::empty();
        fill(directory.path());
        let mut old = state(directory.path());
        let mut messages = Vec::new();
        for limit in 3..40 {
            let run = run(directory.path(), &format!("ulimit -n {limit}"), args);
            if run.code == Some(0) {
                break;
            }
            // Below that, the dynamic linker cannot load the program.
            if run.code != Some(127) {
                let run = run.ends_with(2);
                assert!(!run.stdout.contains("error["), "{args:?}: {}", run.stdout);
                messages.push(run.stderr);
            }
            // Without handles, a staging folder cannot be removed either; the next build removes it.
            let mut now = state(directory.path());
            now.retain(|path, _| !path.contains(".tfadir-new-"));
            // `fmt` reads the entries again after it has written a whole file.
            let tidy = (
                "entries/o/other.example.json",
                entry("Other", "other.example"),
            );
            if now.get(tidy.0).is_some_and(|it| *it == tidy.1.as_bytes()) {
                old.insert(tidy.0.to_owned(), tidy.1.into_bytes());
            }
            assert!(now == old, "{args:?} with {limit} handles");
        }
        assert!(!messages.is_empty(), "{args:?}");
        for message in messages {
            let is_said =
                message.contains("Too many open files") || message.contains("os error 24");
            assert!(
                is_said && message.matches("error: ").count() == 1,
                "{args:?}: {message}"
            );
        }
    }
}

/// Rust ends a program that cannot allocate memory with a signal. Nothing was written by then.
#[cfg(target_os = "linux")]
#[test]
fn too_little_memory_changes_nothing() {
    for args in COMMANDS {
        let directory = Directory::empty();
        fill(directory.path());
        let old = state(directory.path());
        let mut stopped = 0;
        for megabytes in [16, 24, 32, 48, 64, 96, 128] {
            let before = format!(
                "ulimit -c 0; ulimit -v {}; export RAYON_NUM_THREADS=2",
                megabytes << 10
            );
            let run = run(directory.path(), &before, args);
            if run.code == Some(0) {
                break;
            }
            stopped += 1;
            assert!(
                matches!(run.code, None | Some(2 | 127)),
                "{args:?}: {run:?}"
            );
            let now = state(directory.path());
            let left = now.keys().filter(|path| !old.contains_key(*path));
            let left: Vec<_> = left.filter(|path| !path.contains(".tfadir")).collect();
            assert!(left.is_empty(), "{args:?} with {megabytes} MB: {left:?}");
            assert!(
                old.iter().all(|(path, bytes)| now.get(path) == Some(bytes)),
                "{args:?}"
            );
        }
        assert!(stopped > 0, "{args:?}");
    }
}

/// Runs some work on a small file system, and removes it.
pub fn on_disk(options: &str, work: impl FnOnce(&Path) + std::panic::UnwindSafe) {
    let disk = temporary_folder();
    let path = disk.path().to_str().unwrap();
    let mount = |args: &[&str]| {
        assert!(
            Command::new("mount").args(args).status().unwrap().success(),
            "{args:?}"
        );
    };
    mount(&["-t", "tmpfs", "-o", options, "tmpfs", path]);
    let result = std::panic::catch_unwind(|| work(disk.path()));
    assert!(Command::new("umount").arg(path).status().unwrap().success());
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

const PAGE: usize = 4096;

/// Fills a disk of 8 MiB but for some pages.
fn fill_disk(root: &Path, free_pages: usize) {
    let filler = root.join("filler");
    let mut size = 8 << 20;
    // The largest file that fits leaves no page free.
    while fs::write(&filler, vec![1; size]).is_err() {
        size -= PAGE;
    }
    let shorter = u64::try_from(size - free_pages * PAGE).unwrap();
    fs::File::options()
        .write(true)
        .open(&filler)
        .unwrap()
        .set_len(shorter)
        .unwrap();
}

#[test]
#[ignore = "needs root to mount a small file system; .ci/run runs it"]
fn local_state_is_ignored_by_git_after_a_full_disk() {
    on_disk("size=8m", |root| {
        let path = root.join("entries/o/other.example.json");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let tidy = entry("Other", "other.example");
        for args in [&["fmt"][..], &["check", "--fix"]] {
            fs::write(&path, tidy.replace("  ", "\t")).unwrap();
            let ignored = root.join(".tfadir/.gitignore");
            fill_disk(root, 0);
            run(root, "true", args).ends_with(2).reports(str![[r#"
error: cannot fix `entries/o/other.example.json`: No space left on device (os error 28)

"#]]);
            assert!(!ignored.exists(), "{args:?}");
            fs::remove_file(root.join("filler")).unwrap();
            run(root, "true", args).ends_with(0);
            assert_eq!(fs::read_to_string(&ignored).unwrap(), "*\n");
            assert_eq!(fs::read_to_string(&path).unwrap(), tidy);
            fs::remove_dir_all(root.join(".tfadir")).unwrap();
        }
    });
}

#[test]
#[ignore = "needs root to mount a small file system; .ci/run runs it"]
fn init_on_a_full_disk_leaves_whole_files_and_can_be_repeated() {
    let whole = Directory::empty();
    whole.run(&["init"]).ends_with(0);
    let whole = files(whole.path());
    for free_pages in 0..3 {
        on_disk("size=8m", |root| {
            fill_disk(root, free_pages);
            run(root, "true", &["init"]).ends_with(2).reports(str![[r#"
...
error: cannot write `[..]`: No space left on device (os error 28)

"#]]);
            fs::remove_file(root.join("filler")).unwrap();
            for (path, bytes) in files(root) {
                assert!(whole.get(&path) == Some(&bytes), "{path}");
            }
            run(root, "true", &["init"]).ends_with(0);
            assert!(files(root) == whole);
        });
    }
}

#[test]
#[ignore = "needs root to mount a small file system; .ci/run runs it"]
fn a_full_disk_changes_nothing() {
    on_disk("size=8m", |root| {
        fill(root);
        fill_disk(root, 0);
        all_fail(root, "true", &["No space left on device"]);
    });
}

#[test]
#[ignore = "needs root to mount a small file system; .ci/run runs it"]
fn a_full_disk_without_inodes_changes_nothing() {
    on_disk("size=64m,nr_inodes=400", |root| {
        fill(root);
        fs::create_dir(root.join("filler")).unwrap();
        for number in 0.. {
            if fs::write(root.join(format!("filler/{number}")), "").is_err() {
                break;
            }
        }
        let before = files(&root.join("entries"));
        for args in COMMANDS {
            let run = run(root, "true", args)
                .ends_with(2)
                .says("No space left on device");
            assert_eq!(
                run.stderr.matches("error: ").count(),
                1,
                "{args:?}: {}",
                run.stderr
            );
            assert!(files(&root.join("entries")) == before, "{args:?}");
        }
    });
}

#[test]
#[ignore = "needs root to mount a file system; .ci/run runs it"]
fn a_mount_point_cannot_be_replaced() {
    let directory = Directory::new();
    fs::create_dir(directory.dist()).unwrap();
    let path = directory.dist();
    let mount = [
        "-t",
        "tmpfs",
        "-o",
        "size=64m",
        "tmpfs",
        path.to_str().unwrap(),
    ];
    assert!(
        Command::new("mount")
            .args(mount)
            .status()
            .unwrap()
            .success()
    );
    let run = directory.run(&["build", "--unsigned"]);
    let inside = directory.run(&["build", "--unsigned", "--out", "dist/api"]);
    assert!(
        Command::new("umount")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    run.ends_with(2)
        .says("it is a mount point, or in use")
        .says("`[ROOT]/dist/api`");
    inside.ends_with(0);
}

#[cfg(target_os = "linux")]
#[test]
fn absurdly_many_threads_are_not_started() {
    let directory = Directory::new();
    let script = "export RAYON_NUM_THREADS=100000";
    run(directory.path(), script, &["build", "--unsigned"]).ends_with(0);
}

/// The serial and the commit of a build come from git.
#[cfg(target_os = "linux")]
#[test]
fn a_git_that_cannot_be_started_stops_a_build() {
    let feed = "[feed]\nenabled = true\n";
    let directory = Directory::new().file("directory.toml", feed);
    fill(directory.path());
    init(directory.path());
    commit(&directory);
    let build = ["build", "--key", "key.asc"];
    directory.run(&build).ends_with(0);
    let directory = directory.file("static/new.txt", "new");
    let old = state(directory.path());
    for limit in 6..60 {
        let run = run(directory.path(), &format!("ulimit -n {limit}"), &build);
        if run.code == Some(0) {
            assert!(
                limit > 8 && !run.stderr.contains("warning"),
                "{limit}: {}",
                run.stderr
            );
            break;
        }
        let run = run.ends_with(2);
        assert_eq!(
            run.stderr.matches("error: ").count(),
            1,
            "{limit}: {}",
            run.stderr
        );
        assert!(
            !run.stderr.contains("install git"),
            "{limit}: {}",
            run.stderr
        );
        let mut now = state(directory.path());
        now.retain(|path, _| !path.contains(".tfadir-new-"));
        assert!(now == old, "{limit}");
    }
}

/// Neither a thread nor another program.
#[cfg(target_os = "linux")]
#[test]
fn too_few_processes_are_no_internal_error() {
    use std::os::unix::fs::PermissionsExt;
    let directory = Directory::empty();
    fill(directory.path());
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o777)).unwrap();
    for args in COMMANDS {
        let mut shell = directory.unprivileged("bash");
        let program = directory.copied_program();
        shell
            .args(["-c", "ulimit -u 1; exec \"$@\"", "sh"])
            .arg(program)
            .args(args);
        let run = Run::of(&mut shell, directory.path()).ends_with(2);
        assert_eq!(
            run.stderr,
            "error: cannot start a thread: Resource temporarily unavailable (os error 11)\n \
             help: allow more processes or more memory\n",
            "{args:?}"
        );
    }
}
