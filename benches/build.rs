//! How long a build of the real data set takes, as ratios to a floor measured in the same run.
//!
//! `cargo bench` prints the ratios at its end; `benches/README.md` says how to read them.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a bench is a test")]

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use criterion::Criterion;
use rayon::prelude::*;
use sequoia_openpgp::Profile;
use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::serialize::SerializeInto;
use tempfile::TempDir;
use tfadir::cli::Cli;
use tfadir::project::Project;
use tfadir::schema::Name;
use tfadir::source::Tree;
use tfadir::{check, command};
use walkdir::WalkDir;

/// What a stage may take at most, as a multiple of the floor.
const BOUNDS: [(&str, f64); 4] =
    [("check", 4.0), ("build_unsigned", 5.0), ("build_signed", 15.0), ("build_unlocked", 15.0)];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/2025-06-30");
    assert!(root.is_dir(), "the benches need the real data set in {}", root.display());
    let bench = Bench { root: root.canonicalize().unwrap(), scratch: tempfile::tempdir().unwrap() };

    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(4))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(40)
        .configure_from_args();
    criterion.bench_function("floor", |bencher| bencher.iter(|| bench.floor()));
    criterion.bench_function("check", |bencher| bencher.iter(|| bench.check()));
    criterion.bench_function("build_unsigned", |bencher| bencher.iter(|| bench.build_unsigned()));
    bench.write_key("plain.asc", None);
    criterion.bench_function("build_signed", |bencher| {
        bencher.iter(|| bench.build_signed("plain.asc"));
    });
    bench.write_key("protected.asc", Some(PASSPHRASE));
    criterion.bench_function("build_unlocked", |bencher| {
        bencher.iter(|| bench.build_signed("protected.asc"));
    });
    criterion.final_summary();
    bench.print_ratios();
}

const PASSPHRASE: &str = "correct horse battery staple";

struct Bench {
    root: PathBuf,
    scratch: TempDir,
}

impl Bench {
    /// What no build can do without: to walk and read the same files, on the same threads.
    fn floor(&self) -> usize {
        self.files().par_iter().map(|path| fs::read(path).unwrap().len()).sum()
    }

    fn files(&self) -> Vec<PathBuf> {
        WalkDir::new(self.root.join("entries"))
            .into_iter()
            .filter_map(Result::ok)
            .filter(|item| item.file_type().is_file())
            .map(walkdir::DirEntry::into_path)
            .collect()
    }

    fn check(&self) {
        let project = Project::open(Some(&self.root)).unwrap();
        let validator = project.schemas.validator(Name::Entry).unwrap();
        let tree = Tree::load(&self.root, "entries".as_ref()).unwrap();
        let checked = check::check(&tree, &project.schemas, &validator);
        assert!(checked.findings.is_empty());
    }

    fn build_unsigned(&self) {
        self.build(&["--unsigned"]);
    }

    fn build_signed(&self, key: &str) {
        let key = self.path(key);
        let passphrase = self.path("passphrase");
        self.build(&["--key", &key, "--password-file", &passphrase]);
    }

    /// A whole build, as the program does it.
    fn build(&self, args: &[&str]) {
        let (root, out) = (self.root.to_str().unwrap(), self.path("dist"));
        let fixed = ["tfadir", "build", "--quiet", "--root", root, "--out", &out];
        let cli = Cli::parse_from(fixed.iter().chain(args));
        black_box(command::run(&cli));
    }

    fn path(&self, name: &str) -> String {
        self.scratch.path().join(name).to_str().unwrap().to_owned()
    }

    fn write_key(&self, name: &str, passphrase: Option<&str>) {
        let (cert, _) = CertBuilder::new()
            .set_profile(Profile::RFC4880)
            .unwrap()
            .set_cipher_suite(CipherSuite::Cv25519)
            .set_primary_key_flags(
                sequoia_openpgp::types::KeyFlags::empty().set_certification().set_signing(),
            )
            .add_userid("Bench <bench@directory.example>")
            .set_password(passphrase.map(Password::from))
            .generate()
            .unwrap();
        fs::write(self.path(name), cert.as_tsk().armored().to_vec().unwrap()).unwrap();
        fs::write(self.path("passphrase"), PASSPHRASE).unwrap();
    }

    fn print_ratios(&self) {
        let floor = median("floor");
        println!("\nthe floor is {:.1} ms; as multiples of it:", floor / 1e6);
        for (name, bound) in BOUNDS {
            println!("  {name:<16} {:5.2}  (at most {bound})", median(name) / floor);
        }
        self.print_process();
    }

    /// The same for whole processes, in turns, and what memory the largest takes.
    fn print_process(&self) {
        let list = self.path("list");
        let paths: Vec<String> =
            self.files().iter().map(|path| path.to_str().unwrap().to_owned()).collect();
        fs::write(&list, paths.join("\n")).unwrap();
        let (root, out) = (self.root.to_str().unwrap(), self.path("dist"));
        let program = env!("CARGO_BIN_EXE_tfadir");
        let build = [program, "build", "--unsigned", "--quiet", "--root", root, "--out", &out];
        let (mut cats, mut builds) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            cats.push(seconds(&["xargs", "-a", &list, "cat"]));
            builds.push(seconds(&build));
        }
        cats.sort_by(f64::total_cmp);
        builds.sort_by(f64::total_cmp);
        let ratio = builds[20] / cats[20];
        println!("  as processes: build_unsigned takes {ratio:.2} of xargs cat  (at most 1.5)");

        let timed = [&["/usr/bin/time", "-f", "%M"], &build[..]].concat();
        if let Ok(output) = Command::new(timed[0]).args(&timed[1..]).output() {
            let kilobytes: f64 = String::from_utf8_lossy(&output.stderr).trim().parse().unwrap();
            println!("  peak memory: {:.0} MiB  (at most 64)", kilobytes / 1024.0);
        }
    }
}

/// The median that criterion measured, in nanoseconds.
fn median(name: &str) -> f64 {
    let target = std::env::var("CARGO_TARGET_DIR").unwrap_or_else(|_| "target".to_owned());
    let path = format!("{target}/criterion/{name}/new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    estimates["median"]["point_estimate"].as_f64().unwrap()
}

fn seconds(command: &[&str]) -> f64 {
    let start = Instant::now();
    let status =
        Command::new(command[0]).args(&command[1..]).stdout(Stdio::null()).status().unwrap();
    assert!(status.success());
    start.elapsed().as_secs_f64()
}
