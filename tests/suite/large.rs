//! A directory a hundred times as large as the largest one: no command needs time that grows with the
//! square of the number of entries. The limit is CPU time, which no load of the machine uses up.

use std::env;
use std::fs;

use crate::common::{Directory, Run, command, entry};
use crate::keys::{public, publisher, secret};

/// How many entries there are, unless `LARGE_ENTRIES` says otherwise.
const ENTRIES: usize = 300_000;

/// Quadratic work would take hours.
const MAX_CPU_SECONDS: u32 = 1200;

fn run(directory: &Directory, args: &[&str]) -> Run {
    let limit = format!("ulimit -t {MAX_CPU_SECONDS}; exec \"$@\"");
    let mut shell = command("sh");
    shell
        .args(["-c", &limit, "sh", env!("CARGO_BIN_EXE_tfadir")])
        .args(args);
    Run::of(&mut shell, directory.path())
}

#[test]
#[ignore = "takes minutes and more than a gigabyte of memory; .ci/run nightly runs it"]
fn three_hundred_thousand_entries_take_linear_time() {
    let number = env::var("LARGE_ENTRIES").map_or(ENTRIES, |text| text.parse().unwrap());
    let cert = publisher().generate().unwrap().0;
    let directory = Directory::empty()
        .file("key.asc", secret(&cert))
        .file("cert.asc", public(&cert));
    let folder = directory.path().join("entries/s");
    fs::create_dir_all(&folder).unwrap();
    for index in 0..number {
        let domain = format!("site{index}.example");
        let text = entry(&format!("Site {index}"), &domain);
        fs::write(folder.join(format!("{domain}.json")), text).unwrap();
    }
    for args in [
        &["check"][..],
        &["fmt", "--check"],
        &["stats"],
        &["links"],
        &["build", "--key", "key.asc"],
        &["verify", "--cert", "cert.asc"],
        &["build", "--unsigned"],
        &["diff", "dist", "."],
    ] {
        let run = run(&directory, args);
        assert_eq!(run.code, Some(0), "{args:?}: {}", run.stderr);
    }
    // Differences and untidy files, as many as there are entries.
    for index in 0..number {
        let domain = format!("site{index}.example");
        let text = entry(&format!("Site {index}"), &domain).replace("totp", "u2f");
        let untidy = text.replace("  ", "\t");
        fs::write(folder.join(format!("{domain}.json")), untidy).unwrap();
    }
    for args in [
        &["check"][..],
        &["check", "--format", "json"],
        &["check", "--format", "markdown"],
        &["diff", "dist", "."],
        &["diff", "dist", ".", "--format", "markdown"],
        &["fmt"],
    ] {
        let run = run(&directory, args);
        assert_eq!(run.code, Some(0), "{args:?}: {}", run.stderr);
    }
}
