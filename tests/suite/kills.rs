//! Runs that are killed at random instants: afterwards everything is old or new, and the next run
//! leaves nothing else.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use sequoia_openpgp::Cert;
use sequoia_openpgp::parse::Parse;

use crate::common::{Directory, Tfadir, copy, entry, files, names};
use crate::keys::{public, publisher, secret};
use crate::random::Random;

/// How often each command is killed, unless `KILLS` says otherwise.
const KILLS: u32 = 50;

type Files = BTreeMap<String, Vec<u8>>;

/// One command to kill.
struct Campaign<'c> {
    args: &'c [&'c str],
    /// Prepares an empty root for a run.
    prepare: &'c dyn Fn(&Path),
    /// Panics unless the files are those before or after a run, or some of each if the command
    /// replaces them one by one. Gets the files before, after, and now.
    judge: &'c dyn Fn(&Files, &Files, &Files),
}

fn write(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// All files except local state and staging folders, which the next run removes.
fn visible(root: &Path) -> Files {
    let mut files = files(root);
    files.retain(|path, _| !path.starts_with(".tfadir/") && !path.contains(".tfadir-new-"));
    files
}

impl Campaign<'_> {
    fn run(&self) {
        let number = |name: &str| env::var(name).ok().and_then(|it| it.parse().ok());
        let kills = number("KILLS").map_or(KILLS, |it| u32::try_from(it).unwrap());
        let seed = number("KILLS_SEED").unwrap_or(20_261_126);
        let mut random = Random(seed | 1);
        let (original, root) = (Directory::empty(), Directory::empty());
        (self.prepare)(original.path());
        let fresh = |root: &Path| {
            for name in names(root) {
                let path = root.join(name);
                let is_folder = path.is_dir();
                if is_folder {
                    fs::remove_dir_all(path)
                } else {
                    fs::remove_file(path)
                }
                .unwrap();
            }
            copy(original.path(), root);
        };
        let command = || {
            let mut command = Tfadir::new(self.args).folder(root.path()).command();
            command.stderr(Stdio::null()).stdout(Stdio::null());
            command
        };
        fresh(root.path());
        let before = visible(root.path());
        let start = Instant::now();
        assert!(command().status().unwrap().success(), "{:?}", self.args);
        let usual = start.elapsed();
        let after = visible(root.path());
        for number in 0..kills {
            fresh(root.path());
            let micros = usize::try_from(usual.as_micros()).unwrap() * 5 / 4;
            let delay = Duration::from_micros(random.below(micros) as u64);
            let mut child = command().spawn().unwrap();
            thread::sleep(delay);
            child.kill().unwrap();
            child.wait().unwrap();
            let now = visible(root.path());
            (self.judge)(&before, &after, &now);
            if now != before && self.args[0] == "key" {
                continue;
            }
            assert!(
                command().status().unwrap().success(),
                "{:?}, kill {number}",
                self.args
            );
            let left = files(root.path()).into_keys().filter(|path| {
                !after.contains_key(path)
                    && ![".tfadir/.gitignore", ".tfadir/development-key.asc"].contains(&&**path)
            });
            let left: Vec<String> = left.collect();
            assert!(
                left.is_empty(),
                "{:?}, kill {number} after {delay:?}: {left:?}",
                self.args
            );
        }
    }
}

/// Either all files of `dist/` are the old ones, or all are new. Signatures and times of builds
/// differ, so those are compared by name.
fn whole_dist(before: &Files, after: &Files, now: &Files) {
    let is_whole = |state: &Files| {
        state.keys().eq(now.keys())
            && state.iter().all(|(path, bytes)| {
                let is_json = path.ends_with(".json") && !path.ends_with("manifest.json");
                !is_json || now[path] == *bytes
            })
    };
    assert!(is_whole(before) || is_whole(after), "{:?}", now.keys());
}

/// Each file is the old or the new one.
fn whole_files(before: &Files, after: &Files, now: &Files) {
    for (path, bytes) in now {
        let is_known = [before, after]
            .iter()
            .any(|state| state.get(path) == Some(bytes));
        assert!(is_known, "{path}: {}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(now.len(), before.len());
}

fn entries(root: &Path) {
    for number in 0..300 {
        let domain = format!("site{number}.example");
        write(
            root,
            &format!("entries/s/{domain}.json"),
            entry(&format!("Site {number}"), &domain),
        );
    }
}

/// Entries with tabs, of which some have the wrong name.
fn untidy_entries(root: &Path) {
    entries(root);
    for number in 0..300 {
        let path = root.join(format!("entries/s/site{number}.example.json"));
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("  ", "\t")).unwrap();
        if number % 10 == 0 {
            fs::rename(&path, root.join(format!("entries/s/other{number}.json"))).unwrap();
        }
    }
}

#[test]
#[ignore = "kills a hundred runs; .ci/run runs it"]
fn a_killed_build_leaves_a_whole_dist() {
    let old = |root: &Path| {
        entries(root);
        let run = Tfadir::new(&["build", "--unsigned"]).folder(root).run();
        run.ends_with(0);
        write(
            root,
            "entries/n/new.example.json",
            entry("New", "new.example"),
        );
    };
    let args = &["build", "--unsigned"];
    Campaign {
        args,
        prepare: &old,
        judge: &whole_dist,
    }
    .run();
    Campaign {
        args: &["build"],
        prepare: &old,
        judge: &whole_dist,
    }
    .run();
}

#[test]
#[ignore = "kills fifty runs; .ci/run runs it"]
fn a_killed_sign_leaves_a_whole_dist() {
    let cert = publisher().generate().unwrap().0;
    let prepare = |root: &Path| {
        entries(root);
        write(root, "key.asc", secret(&cert));
        write(root, "cert.asc", public(&cert));
        let args = ["build", "--unsigned", "--cert", "cert.asc"];
        Tfadir::new(&args).folder(root).run().ends_with(0);
    };
    let args = &["sign", "--key", "key.asc"];
    Campaign {
        args,
        prepare: &prepare,
        judge: &whole_dist,
    }
    .run();
}

#[test]
#[ignore = "kills a hundred runs; .ci/run runs it"]
fn killed_fixes_leave_whole_entries() {
    let args = &["fmt"];
    let tidy_names = |root: &Path| {
        untidy_entries(root);
        for number in (0..300).step_by(10) {
            fs::remove_file(root.join(format!("entries/s/other{number}.json"))).unwrap();
        }
    };
    Campaign {
        args,
        prepare: &tidy_names,
        judge: &whole_files,
    }
    .run();
    let judge = |before: &Files, after: &Files, now: &Files| {
        // A file is reformatted first and moved afterwards.
        let formatted = |path: &str| {
            let number = path
                .strip_prefix("entries/s/other")?
                .strip_suffix(".json")?;
            after.get(&format!("entries/s/site{number}.example.json"))
        };
        let renamed: Files = before
            .keys()
            .filter_map(|it| Some((it.clone(), formatted(it)?.clone())))
            .collect();
        let moved: Files = before
            .iter()
            .filter_map(|(path, bytes)| {
                let number = path
                    .strip_prefix("entries/s/other")?
                    .strip_suffix(".json")?;
                Some((
                    format!("entries/s/site{number}.example.json"),
                    bytes.clone(),
                ))
            })
            .collect();
        for (path, bytes) in now {
            let states = [before, after, &renamed, &moved];
            assert!(
                states.iter().any(|state| state.get(path) == Some(bytes)),
                "{path}"
            );
        }
        assert_eq!(now.len(), before.len());
    };
    Campaign {
        args: &["check", "--fix"],
        prepare: &untidy_entries,
        judge: &judge,
    }
    .run();
}

#[test]
#[ignore = "kills fifty runs; .ci/run runs it"]
fn a_killed_key_generate_leaves_no_secret_alone() {
    let args = &[
        "key",
        "generate",
        "--email",
        "a@example.org",
        "--no-passphrase",
        "--out",
        "k.asc",
    ];
    let judge = |_: &Files, after: &Files, now: &Files| {
        let known: Vec<&String> = after.keys().collect();
        assert!(
            now.keys().all(|name| known.contains(&name)),
            "{:?}",
            now.keys()
        );
        assert!(
            !now.contains_key("k.asc") || now.len() == 3,
            "{:?}",
            now.keys()
        );
    };
    Campaign {
        args,
        prepare: &|_| {},
        judge: &judge,
    }
    .run();
}

/// The key and its certificate are in their files, old or extended.
fn whole_key(before: &Files, _: &Files, now: &Files) {
    assert!(before.keys().eq(now.keys()), "{:?}", now.keys());
    for path in ["k.asc", "k.pub.asc"] {
        let [old, new] = [before, now].map(|state| Cert::from_bytes(&state[path]).unwrap());
        assert_eq!(old.fingerprint(), new.fingerprint(), "{path}");
        assert_eq!(old.is_tsk(), new.is_tsk(), "{path}");
        assert_eq!(old.keys().count(), new.keys().count(), "{path}");
    }
    assert!(before["k.rev.asc"] == now["k.rev.asc"]);
}

#[test]
#[ignore = "kills fifty runs; .ci/run runs it"]
fn a_killed_key_extend_does_not_lose_the_key() {
    let generated = Directory::empty();
    let generate = "key generate --email a@example.org --no-passphrase --expires 30d --out k.asc";
    let args: Vec<&str> = generate.split(' ').collect();
    generated.run(&args).ends_with(0);
    let prepare = |root: &Path| {
        for (path, bytes) in files(generated.path()) {
            write(root, &path, bytes);
        }
    };
    Campaign {
        args: &["key", "extend", "k.asc", "--for", "2y"],
        prepare: &prepare,
        judge: &whole_key,
    }
    .run();
}
