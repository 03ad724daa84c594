//! The real directory of 2025-06-30, built and compared with the output of its own generator.
//!
//! The data set is not part of the project. If it is absent, these tests are ignored.

#![allow(
    clippy::unwrap_used,
    clippy::case_sensitive_file_extension_comparisons,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that fails panics, and says why"
)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/consumer.rs"]
mod consumer;
#[path = "../common/gpg.rs"]
mod gpg;
#[path = "../common/workflows.rs"]
mod runner;
#[path = "../common/server.rs"]
mod server;

mod full;
mod install;
mod repairs;
mod workflows;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::LazyLock;

use common::{Tfadir, files, project};
use libtest_mimic::{Arguments, Failed, Trial};
use serde_json::{Map, Value};

fn root() -> PathBuf {
    project().join("../shared/corpus/2025-06-30")
}

fn main() -> ExitCode {
    let is_absent = !root().is_dir();
    if is_absent {
        eprintln!("{} is absent: its tests are ignored", root().display());
    }
    let trial = |name: &str, test: fn()| {
        let run = move || -> Result<(), Failed> {
            test();
            Ok(())
        };
        Trial::test(name, run)
    };
    let tests = [
        trial(
            "the_corpus_has_one_error_and_it_is_one",
            the_corpus_has_one_error,
        ),
        trial(
            "v3_is_unchanged_byte_for_byte",
            v3_is_unchanged_byte_for_byte,
        ),
        trial(
            "regions_are_what_they_were_but_counted_right",
            regions_are_counted_correctly,
        ),
        trial(
            "v3_holds_every_field_of_every_entry",
            v3_holds_every_field_of_every_entry,
        ),
        trial("v4_is_what_it_was_in_ascending_order", v4_has_the_same_data),
        trial(
            "the_owner_of_a_domain_wins_a_collision",
            the_owner_of_a_domain_wins,
        ),
        trial(
            "no_file_is_missing_or_additional",
            no_file_is_missing_or_additional,
        ),
        trial(
            "builds_are_the_same_on_any_number_of_threads",
            builds_are_reproducible,
        ),
        trial(
            "pretty_files_have_the_same_data",
            pretty_files_have_the_same_data,
        ),
        trial(
            "every_file_meets_its_published_schema",
            every_file_meets_its_schema,
        ),
        trial(
            "everything_is_published_without_settings",
            full::everything_is_published_without_settings,
        ),
        trial(
            "strict_consumers_can_read_every_file",
            strict_consumers_can_read_every_file,
        ),
        trial("the_look_up_loads_little", the_look_up_loads_little),
        trial(
            "typing_errors_are_restored_or_left_alone",
            repairs::typing_errors_are_restored_or_left_alone,
        ),
    ];
    let with_gpg = [
        trial("gpg_verifies_every_file_by_ed25519", || {
            gpg_verifies_every_file("ed25519");
        }),
        trial("gpg_verifies_every_file_by_rsa4096", || {
            gpg_verifies_every_file("rsa4096");
        }),
    ];
    let of_workflows = [
        trial(
            "workflows_check_a_pull_request",
            workflows::a_pull_request_is_checked_and_gets_one_comment,
        ),
        trial(
            "workflows_describe_a_broken_entry_once",
            workflows::a_broken_entry_fails_once_and_is_described_once,
        ),
        trial(
            "workflows_publish",
            workflows::each_release_follows_the_previous_one,
        ),
        trial(
            "workflows_report_dead_links",
            workflows::dead_links_become_one_issue,
        ),
    ];
    let of_releases = [
        trial(
            "release_in_a_chroot",
            install::the_archive_runs_without_any_other_file,
        ),
        trial(
            "release_by_the_installer",
            install::the_installer_for_shells_works,
        ),
        trial("release_by_npm", install::the_npm_package_works),
        trial("release_by_pip", install::the_python_package_works),
        trial(
            "release_by_cargo_binstall",
            install::cargo_binstall_finds_the_archive,
        ),
    ];
    let tests = tests
        .into_iter()
        .map(|test| test.with_ignored_flag(is_absent));
    // These need gpg, or curl and jq, or a release, which .ci/run installs or builds.
    let with_programs = with_gpg.into_iter().chain(of_workflows).chain(of_releases);
    let with_programs = with_programs.map(|test| test.with_ignored_flag(true));
    libtest_mimic::run(
        &Arguments::from_args(),
        tests.chain(with_programs).collect(),
    )
    .exit_code()
}

/// The files of one unsigned build of the corpus.
static BUILT: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| build(&[], "2"));

fn build(args: &[&str], threads: &str) -> BTreeMap<String, Vec<u8>> {
    let parent = tempfile::tempdir().unwrap();
    let out = parent.path().join("dist");
    let root = root();
    let (root, out_arg) = (root.to_str().unwrap(), out.to_str().unwrap());
    let fixed = ["build", "--unsigned", "--root", root, "--out", out_arg];
    let all = [&fixed, args].concat();
    Tfadir::new(&all)
        .env("RAYON_NUM_THREADS", threads)
        .run()
        .ends_with(0);
    files(&out)
}

fn expected(version: &str) -> BTreeMap<String, Vec<u8>> {
    let files = files(&root().join("expected").join(version));
    files
        .into_iter()
        .map(|(name, bytes)| (format!("{version}/{name}"), bytes))
        .collect()
}

fn json(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn object(bytes: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(bytes).unwrap()
}

/// Two sites are called Max. The names of a streaming service and a chain of restaurants differ
/// only in case, so readers of the list cannot tell them apart.
fn the_corpus_has_one_error() {
    let root = root();
    let args = [
        "check",
        "--format",
        "json",
        "--root",
        root.to_str().unwrap(),
    ];
    let run = Tfadir::new(&args).run().ends_with(1);
    let told = json(run.stdout.as_bytes());
    assert_eq!(told["entries"], 2532);
    let of = |severity: &str| -> BTreeMap<String, usize> {
        let findings = told["findings"].as_array().unwrap();
        let mut rules = BTreeMap::new();
        for finding in findings.iter().filter(|it| it["severity"] == severity) {
            *rules
                .entry(finding["rule"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        rules
    };
    assert_eq!(
        of("error"),
        BTreeMap::from([("duplicate-name".to_owned(), 1)])
    );
    // The contract's collisions (section 4): three entries claim `nordaccount.com`, two
    // `weltsparen.de`, and `degiro.nl` lists itself.
    assert_eq!(of("warning")["duplicate-domain"], 3);
    assert_eq!(of("warning")["covered-domain"], 3);
    assert_eq!(told["warnings"], of("warning").values().sum::<usize>());
    let build = [
        "build",
        "--unsigned",
        "--root",
        root.to_str().unwrap(),
        "--out",
    ];
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("dist");
    Tfadir::new(&[&build[..], &[out.to_str().unwrap()]].concat())
        .run()
        .ends_with(0);
}

fn v3_is_unchanged_byte_for_byte() {
    for (path, bytes) in expected("v3") {
        if path != "v3/regions.json" {
            assert!(BUILT[&path] == bytes, "{path} differs");
        }
    }
}

fn regions_are_counted_correctly() {
    let counts = |bytes: &[u8]| -> Vec<(String, u64)> {
        let count = |(region, value): (String, Value)| (region, value["count"].as_u64().unwrap());
        object(bytes).into_iter().map(count).collect()
    };
    let theirs = &expected("v3")["v3/regions.json"];
    let ours = &BUILT["v3/regions.json"];
    let mut right = counts(theirs);
    for (region, count) in &mut right {
        *count += u64::from(region != "int");
    }
    assert_eq!(counts(ours), right);
    let last = br#""int":{"count":2532,"selection":true}}"#;
    assert!(ours.ends_with(last) && theirs.ends_with(last));
}

/// In a collision, today's generator lets the last file win; here it chose the wrong one.
const DECIDED_WRONGLY: &str = "weltsparen.de";

fn v4_has_the_same_data() {
    for (path, bytes) in expected("v4") {
        let (mut theirs, mut ours) = (object(&bytes), object(&BUILT[&path]));
        assert!(ours.keys().is_sorted(), "{path}");
        theirs.remove(DECIDED_WRONGLY);
        ours.remove(DECIDED_WRONGLY);
        // Ordered maps compare as data, but the order inside an entry is part of the contract.
        assert_eq!(ours, theirs, "{path}");
        for (domain, entry) in &ours {
            assert_eq!(
                entry.to_string(),
                theirs[domain].to_string(),
                "{path}: {domain}"
            );
        }
    }
}

fn the_owner_of_a_domain_wins() {
    let all = object(&BUILT["v4/all.json"]);
    let entries: Vec<Value> = files(&root().join("entries"))
        .values()
        .map(|bytes| object(bytes).into_iter().next().unwrap().1)
        .collect();
    let mut claims: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for entry in &entries {
        let additional = entry["additional-domains"].as_array().into_iter().flatten();
        for domain in additional.chain([&entry["domain"]]) {
            claims
                .entry(domain.as_str().unwrap())
                .or_default()
                .push(entry);
        }
    }
    claims.retain(|_, claimants| claimants.len() > 1);
    let claimed: Vec<&str> = claims.keys().copied().collect();
    assert_eq!(claimed, ["degiro.nl", "nordaccount.com", "weltsparen.de"]);
    for (domain, claimants) in claims {
        let rank = |entry: &&&Value| {
            let own = entry["domain"].as_str().unwrap();
            (own != domain, own.to_owned())
        };
        let winner = claimants.iter().min_by_key(rank).unwrap();
        assert_eq!(all[domain].get("methods"), winner.get("tfa"), "{domain}");
        assert_eq!(
            all[domain].get("documentation"),
            winner.get("documentation"),
            "{domain}"
        );
    }
}

fn v3_holds_every_field_of_every_entry() {
    let (root, published) = (root(), root().join("expected"));
    let (root, published) = (root.to_str().unwrap(), published.to_str().unwrap());
    let args = ["diff", published, "--exit-code", "--root", root];
    Tfadir::new(&args)
        .run()
        .ends_with(0)
        .says("no site changed");
}

fn is_of_a_version(path: &str) -> bool {
    path.starts_with('v') && path.ends_with(".json")
}

fn no_file_is_missing_or_additional() {
    let mut right: BTreeSet<String> = ["v3", "v4"]
        .into_iter()
        .flat_map(expected)
        .map(|it| it.0)
        .collect();
    for other in [
        ".nojekyll",
        ".tfadir-dist",
        "404.html",
        "_headers",
        "changes/index.html",
        "contribute.js",
        "contribute/index.html",
        "icon.svg",
        "index.html",
        "manifest.json",
        "openapi.json",
        "robots.txt",
        "rules/index.html",
        "schemas/categories.json",
        "schemas/directory.schema.json",
        "schemas/entry.schema.json",
        "schemas/manifest.schema.json",
        "schemas/stats.schema.json",
        "schemas/v3.schema.json",
        "schemas/v4.schema.json",
        "site-index.json",
        "site.js",
        "sitemap.xml",
        "stats.json",
        "stats/index.html",
        "style.css",
        "v1/index.html",
        "v2/index.html",
        "v3/index.html",
        "v4/index.html",
        "verify/index.html",
    ] {
        right.insert(other.to_owned());
    }
    // `full` compares the website's data, file by file.
    let built = BUILT
        .keys()
        .filter(|path| !path.starts_with("frontend/"))
        .cloned();
    let built: BTreeSet<String> = built.collect();
    let differing: Vec<&String> = built.symmetric_difference(&right).collect();
    assert_eq!(differing, Vec::<&String>::new());
}

fn builds_are_reproducible() {
    assert!(build(&[], "1") == *BUILT);
    assert!(build(&[], "7") == *BUILT);
}

fn pretty_files_have_the_same_data() {
    let pretty = build(&["--pretty"], "2");
    for (path, bytes) in BUILT.iter().filter(|(path, _)| is_of_a_version(path)) {
        let right = serde_json::to_vec_pretty(&json(bytes)).unwrap();
        assert!(pretty[path] == right, "{path}");
    }
}

/// Validates as a consumer would: with the published schemas and a separate validator.
fn every_file_meets_its_schema() {
    let mut registry = jsonschema::Registry::new();
    for (path, bytes) in BUILT
        .iter()
        .filter(|(path, _)| path.ends_with(".schema.json"))
    {
        let schema = json(bytes);
        let id = schema["$id"].as_str().unwrap().to_owned();
        assert_eq!(id, format!("https://api.2fa.directory/{path}"));
        registry = registry.add(id, schema).unwrap();
    }
    let registry = registry.prepare().unwrap();
    for version in ["v3", "v4"] {
        let schema = format!("https://api.2fa.directory/schemas/{version}.schema.json");
        let validator = jsonschema::options()
            .with_registry(&registry)
            .should_validate_formats(true)
            .build(&serde_json::json!({ "$ref": schema }))
            .unwrap();
        for (path, bytes) in BUILT
            .iter()
            .filter(|(path, _)| is_of_a_version(path) && path.starts_with(version))
        {
            if let Err(error) = validator.validate(&json(bytes)) {
                panic!("{path}: {error} at {}", error.instance_path());
            }
        }
    }
}

/// In bytes, compressed as servers do.
fn the_look_up_loads_little() {
    let loads = |paths: &[&str]| -> usize {
        let compressed = paths.iter().map(|path| {
            let level = flate2::Compression::default();
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(&BUILT[*path]).unwrap();
            encoder.finish().unwrap().len()
        });
        compressed.sum()
    };
    let page = loads(&["index.html", "site.js", "style.css", "icon.svg"]);
    assert!(page < 25_000, "{page} bytes before the first keystroke");
    let index = loads(&["site-index.json"]);
    assert!(index < 60_000, "{index} bytes for suggestions");
    let sites: Vec<Value> = serde_json::from_slice(&BUILT["site-index.json"]).unwrap();
    assert_eq!(sites.len(), 2532);
    let all = object(&BUILT["v4/all.json"]);
    for site in sites {
        let further = site["additional-domains"].as_array().into_iter().flatten();
        for domain in further.chain([&site["domain"]]) {
            assert!(all.contains_key(domain.as_str().unwrap()), "{domain}");
        }
    }
}

/// What the known consumers rely on (contract, section 7).
fn strict_consumers_can_read_every_file() {
    let all: consumer::Accepts = consumer::statistics_site;
    for (name, accepts) in consumer::CONSUMERS
        .into_iter()
        .chain([("statistics site", all)])
    {
        if let Err(problem) = accepts(&BUILT) {
            panic!("{name}: {problem}");
        }
    }
    for (path, bytes) in BUILT.iter().filter(|(path, _)| is_of_a_version(path)) {
        assert!(!bytes.ends_with(b"\n"), "{path}");
    }
}

fn gpg_verifies_every_file(algorithm: &str) {
    let home = gpg::Home::new();
    let key = home.generate(algorithm, "a passphrase");
    gpg::build_and_verify(&home, &key, &root());
    let inline = fs::read(key.dist().join("v3/all.json.gpg")).unwrap();
    assert!(
        inline.len() <= 2 << 20,
        "the strictest consumer takes 2 MiB"
    );
    assert!(Path::new(&key.dist()).join("key.asc").is_file());
}
