//! Runs the fuzz targets with the stable compiler: seeds from `fuzz/seeds/`, mutated at random.

use std::num::NonZero;
use std::panic;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use super::random::Random;
use super::{TARGETS, Target};

const MAX_BYTES: usize = 64 * 1024;

impl Random {
    /// A seed after some changes.
    fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut input = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            let at = self.below(input.len() + 1);
            let end = (at + 1 + self.below(64)).min(input.len());
            match self.below(8) {
                0 | 1 if at < input.len() => input[at] ^= 1 << self.below(8),
                2 if at < input.len() => {
                    let known = [0, 1, 0x7f, 0x80, 0xff, b'"', b'<', b'{', b'/', b'\n'];
                    input[at] = known[self.below(known.len())];
                }
                3 if at < end => drop(input.drain(at..end)),
                4 if at < end => {
                    let again = input[at..end].to_vec();
                    input.splice(at..at, again.repeat(1 + self.below(4)));
                }
                5 => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len() + 1);
                    let to = (from + self.below(256)).min(other.len());
                    input.splice(at..end.max(at), other[from..to].iter().copied());
                }
                6 => {
                    let bytes: Vec<u8> = (0..self.below(64))
                        .map(|_| u8::try_from(self.below(256)).unwrap())
                        .collect();
                    input.splice(at..at, bytes);
                }
                _ => {}
            }
        }
        input.truncate(MAX_BYTES);
        input
    }
}

/// The files in `fuzz/seeds/NAME/`; for templates, also the built-in ones.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built_in = (name == "template").then(|| project.join("templates"));
    let folders = [project.join("fuzz/seeds").join(name)]
        .into_iter()
        .chain(built_in);
    let items = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    let mut paths: Vec<_> = items.map(|item| item.unwrap().path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    paths
        .into_iter()
        .map(|path| fs::read(path).unwrap())
        .collect()
}

fn number(name: &str, default: u64) -> u64 {
    env::var(name).map_or(default, |text| text.parse().unwrap())
}

#[test]
fn no_seed_makes_a_target_panic() {
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name}");
        for seed in &seeds {
            target(seed);
        }
    }
}

#[test]
#[ignore = "takes ten seconds for each target; .ci/run runs it"]
fn no_mutated_seed_makes_a_target_panic() {
    let only = env::var("FUZZ_TARGET").ok();
    let mut chosen = Vec::from(TARGETS);
    chosen.retain(|(name, _)| only.as_ref().is_none_or(|only| only == name));
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for part in chosen.chunks(chosen.len().div_ceil(threads).max(1)) {
            scope.spawn(|| part.iter().for_each(mutate_seeds));
        }
    });
}

/// Runs one target with mutated seeds for some time.
fn mutate_seeds((name, target): &(&str, Target)) {
    let time = Duration::from_secs(number("FUZZ_SECONDS", 10));
    let seed = number("FUZZ_SEED", 20_261_126);
    let seeds = seeds(name);
    let mut random = Random(seed | 1);
    let (start, mut runs, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
    while start.elapsed() < time {
        let input = random.input(&seeds);
        let run = Instant::now();
        if panic::catch_unwind(|| target(&input)).is_err() {
            let file = env::temp_dir().join(format!("tfadir-fuzz-{name}-{seed}-{runs}"));
            fs::write(&file, &input).unwrap();
            panic!(
                "{name} panics after {runs} runs with the input in {}",
                file.display()
            );
        }
        slowest = slowest.max(run.elapsed());
        runs += 1;
    }
    println!("{name}: {runs} runs, slowest {slowest:.0?}");
}

/// Otherwise the target would test little more than the parser.
#[test]
fn most_fuzzed_entries_can_be_published() {
    let mut random = Random(1);
    let bytes = |random: &mut Random| -> Vec<u8> {
        (0..256)
            .map(|_| u8::try_from(random.below(256)).unwrap())
            .collect()
    };
    let trees = (0..100).map(|_| super::entries::tree(&bytes(&mut random)));
    let refuse = super::ROOT.directory.settings.build.refuse;
    let is_good = |tree: crate::source::Tree| {
        let checked = super::check(&tree, crate::check::Selection::Errors);
        !checked
            .findings
            .iter()
            .any(|finding| refuse.includes(finding))
    };
    let good = trees.map(is_good).filter(|good| *good).count();
    assert!((50..100).contains(&good), "{good} of 100");
}

#[test]
fn each_target_can_run_under_libfuzzer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        let code = fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
        assert!(
            code.contains(&format!("tfadir::fuzz::{name}(data)")),
            "{name}"
        );
        assert!(
            manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")),
            "{name}"
        );
    }
}
