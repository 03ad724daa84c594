//! How long a build of the real data set takes, as ratios to a floor measured in the same run.
//!
//! `cargo bench` prints the ratios at the end; `benches/README.md` explains them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a bench is a test"
)]

use std::fmt::Write;
use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use clap::Parser;
use criterion::{BatchSize, Criterion};
use rayon::prelude::*;
use sequoia_openpgp::Profile;
use sequoia_openpgp::cert::{CertBuilder, CipherSuite};
use sequoia_openpgp::crypto::Password;
use sequoia_openpgp::serialize::SerializeInto;
use tempfile::TempDir;
use tfadir::api::{self, Validators};
use tfadir::check::{self, Selection};
use tfadir::cli::Cli;
use tfadir::session;
use tfadir::site;

use tfadir::command;
use walkdir::WalkDir;

/// The maximum time of a stage, as a multiple of the floor.
const BOUNDS: [(&str, f64); 4] = [
    ("check", 4.0),
    ("build_unsigned", 5.0),
    ("build_signed", 15.0),
    ("build_unlocked", 15.0),
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/2025-06-30");
    assert!(
        root.is_dir(),
        "the benches need the real data set in {}",
        root.display()
    );
    let bench = Bench {
        root: root.canonicalize().unwrap(),
        scratch: tempfile::tempdir().unwrap(),
    };

    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(4))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(40)
        .configure_from_args();
    criterion.bench_function("floor", |bencher| bencher.iter(|| bench.floor()));
    criterion.bench_function("check", |bencher| {
        bencher.iter(|| Bench::check(&bench.root));
    });
    let with_icons = bench.write_icons();
    criterion.bench_function("check_icons", |bencher| {
        bencher.iter(|| Bench::check(&with_icons));
    });
    criterion.bench_function("build_unsigned", |bencher| {
        bencher.iter(|| bench.build_unsigned());
    });
    bench.measure_pages(&mut criterion);
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
    bench.print_full(&with_icons);
}

const PASSPHRASE: &str = "correct horse battery staple";

struct Bench {
    root: PathBuf,
    scratch: TempDir,
}

impl Bench {
    /// What every build must do: walk and read the same files, on the same threads.
    fn floor(&self) -> usize {
        self.files()
            .par_iter()
            .map(|path| fs::read(path).unwrap().len())
            .sum()
    }

    fn files(&self) -> Vec<PathBuf> {
        files_in(&self.root.join("entries"))
    }

    /// Checks everything in a root with every rule.
    fn check(root: &Path) {
        let directory = session::open(Some(root)).unwrap();
        let (tree, validators) = rayon::join(|| directory.load(), || Validators::new(&directory));
        let (tree, validators) = (tree.unwrap(), validators.unwrap());
        black_box(check::check(
            &directory,
            &tree,
            &validators.entry,
            Selection::Enabled,
        ));
    }

    /// A copy of the data set with an icon of 1.4 KB for each of its first 2,500 entries.
    fn write_icons(&self) -> PathBuf {
        let root = self.scratch.path().join("with-icons");
        for (index, from) in self.files().iter().enumerate() {
            let path = from.strip_prefix(&self.root).unwrap();
            let to = root.join(path);
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            fs::copy(from, to).unwrap();
            if index < 2_500 {
                let icon = Path::new("img").join(path.strip_prefix("entries").unwrap());
                let icon = root.join(icon.with_extension("svg"));
                fs::create_dir_all(icon.parent().unwrap()).unwrap();
                fs::write(icon, svg(index)).unwrap();
            }
        }
        root
    }

    /// Renders only the pages, for the files built from the data set, which are not hashed yet.
    fn measure_pages(&self, criterion: &mut Criterion) {
        let directory = session::open(Some(&self.root)).unwrap();
        let validators = Validators::new(&directory).unwrap();
        let tree = directory.load().unwrap();
        let checked = check::check(&directory, &tree, &validators.entry, Selection::Errors);
        let style = api::Style::Compact;
        let files = api::artifacts(&directory, &checked.entries, &validators, style).unwrap();
        criterion.bench_function("pages", |bencher| {
            bencher.iter_batched(
                || files.clone(),
                |files| site::artifacts(&directory, &files, None).unwrap(),
                BatchSize::LargeInput,
            );
        });
    }

    fn build_unsigned(&self) {
        self.build(&["--unsigned"]);
    }

    fn build_signed(&self, key: &str) {
        let key = self.path(key);
        let passphrase = self.path("passphrase");
        self.build(&["--resign", "--key", &key, "--password-file", &passphrase]);
    }

    /// A whole build, as the program runs it.
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
                sequoia_openpgp::types::KeyFlags::empty()
                    .set_certification()
                    .set_signing(),
            )
            .add_userid("Bench <security@2fa.directory>")
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
            println!(
                "  {name:<16} {:5.2}  (at most {bound})",
                median(name) / floor
            );
        }
        let icons = (median("check_icons") - median("check")) / 1e6;
        println!("  2,500 icons add {icons:.1} ms  (at most 40)");
        println!("  pages {:.1} ms  (at most 10)", median("pages") / 1e6);
        self.print_process();
    }

    /// The same for whole processes, alternating, and the peak memory of the largest.
    fn print_process(&self) {
        let list = self.write_list(&self.files());
        let (root, out) = (self.root.to_str().unwrap(), self.path("dist"));
        let build = build_command(root, &out);
        let (mut cats, mut builds) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            cats.push(seconds(&["xargs", "-a", &list, "cat"]));
            builds.push(seconds(&build));
        }
        cats.sort_by(f64::total_cmp);
        builds.sort_by(f64::total_cmp);
        let ratio = builds[20] / cats[20];
        println!("  as processes: build_unsigned takes {ratio:.2} of xargs cat  (at most 1.5)");

        print_peak(&build, 64);
    }

    /// A full checkout with icons and the website's data, as processes: its first build against copying
    /// what it built and reading its inputs, and a rebuild after one changed entry against the first.
    fn print_full(&self, root: &Path) {
        let inputs = files_in(root);
        let list = self.write_list(&inputs);
        let is_long = |path: &&PathBuf| {
            fs::read_to_string(path)
                .unwrap()
                .contains("\"documentation\": \"https://")
        };
        let entry = inputs.iter().find(is_long).unwrap();
        let text = fs::read_to_string(entry).unwrap();
        let changed = text.replacen("\"https://", "\"https://changed.", 1);
        let (mut firsts, mut rebuilds) = (Vec::new(), Vec::new());
        for round in 0..9 {
            // File systems are slow to create files where many were deleted a moment ago, so every
            // round has folders of its own.
            let (out, copy) = (
                self.path(&format!("full-{round}")),
                self.path(&format!("copy-{round}")),
            );
            let build = build_command(root.to_str().unwrap(), &out);
            let first = seconds(&build);
            let floor =
                seconds(&["cp", "-R", &out, &copy]) + seconds(&["xargs", "-a", &list, "cat"]);
            fs::write(entry, &changed).unwrap();
            rebuilds.push(seconds(&build) / first);
            fs::write(entry, &text).unwrap();
            firsts.push(first / floor);
        }
        let [first, rebuild] = [firsts, rebuilds].map(|mut ratios| {
            ratios.sort_by(f64::total_cmp);
            ratios[ratios.len() / 2]
        });
        println!(
            "  a full checkout: the first build takes {first:.2} of cp and cat  (at most 1.5)"
        );
        println!("  a rebuild takes {rebuild:.2} of the first build  (at most 0.5)");
        print_peak(
            &build_command(root.to_str().unwrap(), &self.path("full-peak")),
            128,
        );
    }

    fn write_list(&self, paths: &[PathBuf]) -> String {
        let list = self.path("list");
        let paths: Vec<&str> = paths.iter().map(|path| path.to_str().unwrap()).collect();
        fs::write(&list, paths.join("\n")).unwrap();
        list
    }
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let items = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    items
        .filter(|item| item.file_type().is_file())
        .map(walkdir::DirEntry::into_path)
        .collect()
}

fn build_command<'c>(root: &'c str, out: &'c str) -> [&'c str; 8] {
    let program = env!("CARGO_BIN_EXE_tfadir");
    [
        program,
        "build",
        "--unsigned",
        "--quiet",
        "--root",
        root,
        "--out",
        out,
    ]
}

/// What memory a command takes.
fn print_peak(command: &[&str], bound: u32) {
    let timed = [&["/usr/bin/time", "-f", "%M"], command].concat();
    if let Ok(output) = Command::new(timed[0]).args(&timed[1..]).output() {
        let kilobytes: f64 = String::from_utf8_lossy(&output.stderr)
            .trim()
            .parse()
            .unwrap();
        println!(
            "  peak memory: {:.0} MiB  (at most {bound})",
            kilobytes / 1024.0
        );
    }
}

/// An icon like those of the directory: a dozen paths on one line, 1.4 KB.
fn svg(seed: usize) -> String {
    let mut icon = String::from(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">"#);
    for path in 0.. {
        let (a, b) = ((seed + 7 * path) % 64, (seed + 13 * path) % 64);
        let colour = (seed * 2_654_435_761 + path * 40_503) % 0xff_ffff;
        let shape = format!("M{a} {b}h{b}v{a}q{b}-{a} 3.25 9.5L0 {a}z");
        write!(icon, r##"<path fill="#{colour:06x}" d="{shape}"/>"##).unwrap();
        if icon.len() > 1_330 {
            break;
        }
    }
    icon + r##"<circle cx="32" cy="32" r="8" fill="#fff"/></svg>"##
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
    let status = Command::new(command[0])
        .args(&command[1..])
        .stdout(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
    start.elapsed().as_secs_f64()
}
