//! Files that are replaced while `tfadir verify` reads them: what it says is about the bytes that it
//! read, and it neither waits nor panics.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::common::{Directory, Run, entry};
use crate::git::{commit, init};
use crate::keys::{public, publisher, secret};
use crate::published::Published;

/// Replaces a file with everything that it could become, and restores it, until told to stop.
fn replace_again_and_again(paths: &[PathBuf], evil: &Path, is_over: &AtomicBool) {
    let next = evil.with_file_name("next");
    let put = |path: &Path, make: &dyn Fn(&Path)| {
        let _ = fs::remove_file(&next);
        let _ = fs::remove_dir(&next);
        make(&next);
        // A folder does not replace a file.
        if next.is_dir() {
            let _ = fs::remove_file(path);
        }
        let _ = fs::rename(&next, path);
    };
    let fifo = |path: &Path| {
        mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    };
    for path in paths.iter().cycle() {
        let original = fs::read(path).unwrap();
        let whole = |path: &Path| fs::write(path, &original).unwrap();
        put(path, &fifo);
        put(path, &whole);
        put(path, &|path| symlink(evil, path).unwrap());
        put(path, &whole);
        put(path, &|path| symlink("/dev/zero", path).unwrap());
        put(path, &|path| fs::create_dir(path).unwrap());
        let _ = fs::remove_dir(path);
        whole(path);
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_len(original.len() as u64 / 2).unwrap();
        put(path, &|path| fs::write(path, original.repeat(2)).unwrap());
        put(path, &whole);
        if is_over.load(Ordering::Relaxed) {
            return;
        }
    }
}

fn assert_is_a_verdict(run: &Run) {
    assert!(matches!(run.code, Some(0..=2)), "{run:?}");
    assert!(!run.stderr.contains("panicked"), "{run:?}");
}

#[test]
fn files_that_are_replaced_while_they_are_verified_give_a_verdict_about_what_was_read() {
    let published = Published::new();
    let data = published.read("v3/all.json");
    let evil = published.directory.path().join("evil.json");
    fs::write(
        &evil,
        String::from_utf8(data.clone())
            .unwrap()
            .replace("Good", "Evil"),
    )
    .unwrap();
    let paths = ["v3/all.json", "manifest.json", "key.asc"].map(|path| published.path(path));
    let out = published.directory.path().join("out.json");
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let swapping = scope.spawn(|| replace_again_and_again(&paths, &evil, &is_over));
        for _ in 0..8 {
            assert_is_a_verdict(&published.verify(&["dist"]));
            assert_is_a_verdict(&published.verify(&["dist/v3/all.json.sig"]));
            let run = published.verify(&["dist/v3/all.json.gpg", "--output", "out.json"]);
            assert_is_a_verdict(&run);
            if run.code == Some(0) {
                assert!(fs::read(&out).unwrap() == data);
            } else {
                assert!(!out.exists());
            }
            let _ = fs::remove_file(&out);
        }
        is_over.store(true, Ordering::Relaxed);
        swapping.join().unwrap();
    });
    published.verify(&["dist"]).ends_with(0);
}

/// Two builds, both signed and with the same commit in their manifests, but only one of them comes from
/// that commit. The other one is replaced while it is verified.
#[test]
fn a_second_build_is_compared_with_the_files_that_were_verified() {
    let cert = publisher().generate().unwrap().0;
    let directory = Directory::new()
        .file(".gitignore", "*.asc\n/good\n/bad\n/link\n/next\n/.tfadir\n")
        .file("key.asc", secret(&cert))
        .file("cert.asc", public(&cert));
    init(directory.path());
    commit(&directory);
    let release = ["build", "--release", "--key", "key.asc", "--out"];
    let build = |args: &[&str]| directory.run(&[&release, args].concat()).ends_with(0);
    build(&["good", "--serial", "2000"]);
    let manifest = |folder: &str| directory.path().join(folder).join("manifest.json");
    let good = fs::read_to_string(manifest("good")).unwrap();
    let claim = good
        .lines()
        .find(|line| line.contains("\"commit\""))
        .unwrap();

    let path = "entries/g/good.example.json";
    let harmful = entry("Good", "good.example").replace("good.example/2fa", "evil.example/2fa");
    fs::write(directory.path().join(path), harmful).unwrap();
    let unsigned = ["build", "--release", "--unsigned", "--cert", "cert.asc"];
    directory
        .run(&[&unsigned[..], &["--out", "bad", "--serial", "3000"]].concat())
        .ends_with(0);
    let text = fs::read_to_string(manifest("bad")).unwrap();
    fs::write(manifest("bad"), text.replace("  \"commit\": null,", claim)).unwrap();
    directory
        .run(&["sign", "bad", "--key", "key.asc"])
        .ends_with(0);
    let verify = ["verify", "link", "--cert", "cert.asc", "--source", "."];

    let (link, next) = (directory.path().join("link"), directory.path().join("next"));
    for step in 0..6 {
        let _ = fs::remove_file(&link);
        symlink("bad", &link).unwrap();
        symlink("good", &next).unwrap();
        let run = thread::scope(|scope| {
            let verifying = scope.spawn(|| directory.run(&verify));
            // At a moment that differs in each run.
            thread::sleep(Duration::from_millis(step * 80));
            fs::rename(&next, &link).unwrap();
            verifying.join().unwrap()
        });
        assert_is_a_verdict(&run);
        assert!(
            run.code != Some(0) || run.stderr.contains("Serial 2000"),
            "{run:?}"
        );
    }
    directory.run(&verify).ends_with(0).says("Serial 2000");
}
