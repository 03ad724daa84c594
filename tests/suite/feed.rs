//! The changes of sites that a build publishes, from real repositories.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::changes::{commit, git};
use crate::common::{Directory, Run, Tfadir, entry, files, project};
use crate::diff::parsed;
use crate::history::{History, SETTINGS, over_time, text};

/// The published changes without their times.
fn published(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join("changes.json")).unwrap();
    let mut told = parsed(&text);
    let schema = fs::read_to_string(project().join("schemas/changes.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&parsed(&schema)).unwrap();
    assert!(
        validator.is_valid(&told),
        "{:?}",
        validator.iter_errors(&told).next()
    );
    let changes = told["changes"].as_array_mut().unwrap();
    for change in changes.iter_mut() {
        change.as_object_mut().unwrap().remove("time").unwrap();
    }
    changes.clone()
}

fn build(directory: &Directory, args: &[&str]) -> Run {
    directory.run(&[&["build", "--unsigned"], args].concat())
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_history_of_a_thousand_commits_gives_exactly_its_feed() {
    let mut history = History::default();
    (0..1000).for_each(|number| history.step(number));
    let (directory, expected) = history.import();
    build(&directory, &[]).ends_with(0);
    let dist = directory.dist();
    assert!(expected.len() > 700);
    assert_eq!(published(&dist), &expected[..200]);

    // One entry for each commit, without the last, which might go on.
    let feed = fs::read_to_string(dist.join("changes.atom")).unwrap();
    let document = roxmltree::Document::parse(&feed).unwrap();
    let ids: Vec<&str> = document
        .descendants()
        .filter(|it| it.has_tag_name("id") && it.parent().unwrap().has_tag_name("entry"))
        .map(|it| it.text().unwrap())
        .collect();
    let mut commits: Vec<&str> = expected[..200]
        .iter()
        .map(|it| it["commit"].as_str().unwrap())
        .collect();
    commits.dedup();
    assert_eq!(ids.len(), commits.len() - 1);
    for (id, commit) in ids.iter().zip(commits) {
        assert!(
            id.starts_with("tag:api.example,202") && id.ends_with(commit),
            "{id}"
        );
    }
    // Every page links the feed; the page of changes shows the newest.
    let pages = files(&dist)
        .into_iter()
        .filter(|(path, _)| path.ends_with(".html"));
    for (path, html) in pages {
        assert!(
            String::from_utf8(html)
                .unwrap()
                .contains("changes.atom\" title="),
            "{path}"
        );
    }
    let page = fs::read_to_string(dist.join("changes/index.html")).unwrap();
    assert_eq!(page.matches("<tr><td><time").count(), 30);
    let map = fs::read_to_string(dist.join("sitemap.xml")).unwrap();
    assert!(
        map.contains("<loc>https://api.example/2fa/changes.atom</loc>"),
        "{map}"
    );
    let manifest = parsed(&fs::read_to_string(dist.join("manifest.json")).unwrap());
    let listed = manifest["files"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["path"] == "changes.atom");
    assert_eq!(listed.unwrap()["media_type"], "application/atom+xml");
    let headers = fs::read_to_string(dist.join("_headers")).unwrap();
    assert!(
        headers.contains("/*.atom\n  Content-Type: application/atom+xml\n"),
        "{headers}"
    );

    // Same commit, same bytes: in another clone, and whatever git is set to do.
    let copies = Directory::empty();
    git(
        copies.path(),
        &[
            "clone",
            "--quiet",
            directory.path().to_str().unwrap(),
            "copy",
        ],
    );
    let copy = copies.path().join("copy");
    for (name, value) in [
        ("diff.renames", "copies"),
        ("diff.noprefix", "true"),
        ("diff.external", "false"),
        ("diff.orderFile", "/nonexistent"),
        ("log.showSignature", "true"),
        ("log.date", "relative"),
        ("core.quotePath", "true"),
        ("core.abbrev", "4"),
        ("core.pager", "false"),
    ] {
        git(&copy, &["config", name, value]);
    }
    Tfadir::new(&["build", "--unsigned"])
        .folder(&copy)
        .run()
        .ends_with(0);
    for path in [
        "changes.json",
        "changes.atom",
        "stats.json",
        "changes/index.html",
    ] {
        assert_eq!(
            fs::read(dist.join(path)).unwrap(),
            fs::read(copy.join("dist").join(path)).unwrap()
        );
    }
}

/// A history of sixty commits, with a key.
fn signed() -> Directory {
    let mut history = History::default();
    (0..60).for_each(|number| history.step(number));
    let (directory, _) = history.import();
    let args = [
        "key",
        "generate",
        "--email",
        "security@2fa.directory",
        "--no-passphrase",
    ];
    directory
        .run(&[&args[..], &["--out", "k.asc"]].concat())
        .ends_with(0);
    directory
}

/// A clone of the last commits.
fn shallow(directory: &Directory, depth: usize) -> Directory {
    let copy = Directory::empty();
    let url = format!("file://{}", directory.path().to_str().unwrap());
    let depth = format!("--depth={depth}");
    git(copy.path(), &["clone", "--quiet", &depth, &url, "."]);
    for key in ["k.asc", "k.pub.asc"] {
        fs::copy(directory.path().join(key), copy.path().join(key)).unwrap();
    }
    copy
}

const RELEASE: [&str; 4] = ["build", "--release", "--key", "k.asc"];

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_shallow_clone_continues_the_previous_build_or_says_what_is_missing() {
    let directory = signed();
    directory.run(&RELEASE).ends_with(0);
    // A second build of the same commit has the same history.
    directory
        .run(&["verify", "--cert", "k.pub.asc", "--source", "."])
        .ends_with(0);
    let copy = shallow(&directory, 6);
    copy.run(&RELEASE)
        .ends_with(2)
        .says("no previous build is signed by a key of this build")
        .says("fetch-depth: 0")
        .says("--previous");
    assert!(!copy.dist().exists());
    let run = copy.run(&["build", "--unsigned"]).ends_with(0);
    assert!(
        run.stderr
            .contains("warning: changes.json needs more git history"),
        "{}",
        run.stderr
    );
    fs::remove_dir_all(copy.dist()).unwrap();
    // The preview of a pull request in CI is not a release that clients get, unless a key signs it later.
    let in_ci = |args: &[&str]| {
        Tfadir::new(args)
            .folder(copy.path())
            .env("CI", "true")
            .run()
    };
    in_ci(&["build", "--unsigned"])
        .ends_with(0)
        .says("warning: changes.json needs more git history");
    fs::remove_dir_all(copy.dist()).unwrap();
    in_ci(&["build", "--unsigned", "--cert", "k.pub.asc"])
        .ends_with(2)
        .says("fetch-depth: 0");

    // The previous build was made from a commit that the clone contains.
    git(
        directory.path(),
        &["switch", "--quiet", "--detach", "HEAD~3"],
    );
    directory
        .run(&[&RELEASE[..], &["--out", "old"]].concat())
        .ends_with(0);
    git(directory.path(), &["switch", "--quiet", "main"]);
    let old = directory.path().join("old");
    let named = [&RELEASE[..], &["--previous", old.to_str().unwrap()]].concat();
    copy.run(&named).ends_with(0);
    let manifest = old.join("manifest.json.gpg");
    let other = [
        &RELEASE[..],
        &["--out", "other", "--previous", manifest.to_str().unwrap()],
    ]
    .concat();
    copy.run(&other).ends_with(0);
    for path in ["changes.json", "changes.atom", "stats.json"] {
        let expected = fs::read(directory.dist().join(path)).unwrap();
        assert_eq!(
            fs::read(copy.dist().join(path)).unwrap(),
            expected,
            "{path}"
        );
        assert_eq!(
            fs::read(copy.path().join("other").join(path)).unwrap(),
            expected,
            "{path}"
        );
    }
    for signature in ["changes.json.sig", "changes.json.gpg", "stats.json.sig"] {
        assert!(copy.dist().join(signature).is_file(), "{signature}");
    }
    // So does `dist/` itself, now that there is one.
    copy.run(&RELEASE).ends_with(0);

    let copy = shallow(&directory, 2);
    copy.run(&named)
        .ends_with(2)
        .says("does not contain the commit of the previous build, ")
        .says("fetch-depth: 0");

    let copy = shallow(&directory, 6);
    let text = fs::read_to_string(old.join("changes.json")).unwrap();
    fs::write(old.join("changes.json"), text.replace("Site", "Sitе")).unwrap();
    copy.run(&named)
        .ends_with(2)
        .says("does not match the manifest of the previous build");
    fs::remove_file(old.join("changes.json")).unwrap();
    copy.run(&named)
        .ends_with(2)
        .says("the previous build has no changes.json");
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_release_without_history_fails_and_a_preview_has_an_empty_feed() {
    let directory = Directory::new().file("directory.toml", SETTINGS);
    let reason = "cannot read the git history for changes.json: git does not know";
    build(&directory, &[]).ends_with(0).says(reason);
    assert_eq!(published(&directory.dist()), Vec::<Value>::new());
    let page = fs::read_to_string(directory.dist().join("changes/index.html")).unwrap();
    assert!(page.contains("No site has changed yet."), "{page}");
    build(&directory, &["--release"]).ends_with(0).says(reason);
    let args = [
        "key",
        "generate",
        "--email",
        "security@2fa.directory",
        "--no-passphrase",
    ];
    directory
        .run(&[&args[..], &["--out", "k.asc"]].concat())
        .ends_with(0);
    directory
        .run(&[&RELEASE[..], &["--serial", "1"]].concat())
        .ends_with(2)
        .says(reason);
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_file_that_is_not_an_entry_counts_as_absent() {
    let directory = Directory::new()
        .file("directory.toml", SETTINGS)
        .file("entries/b/bad.example.json", "{\n,");
    git(
        directory.path(),
        &["init", "--quiet", "--initial-branch=main"],
    );
    commit(&directory);
    let hostile =
        entry("<b>\u{fffe}]]>&", "bad.example").replace("https://bad.example/2fa", "javascript:x");
    let directory = directory.file("entries/b/bad.example.json", hostile);
    commit(&directory);
    fs::remove_file(directory.path().join("entries/b/bad.example.json")).unwrap();
    commit(&directory);
    build(&directory, &[]).ends_with(0);
    let told: Vec<String> = published(&directory.dist())
        .iter()
        .map(|it| {
            format!(
                "{} {}",
                it["kind"].as_str().unwrap(),
                it["domain"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "removed bad.example",
            "added bad.example",
            "added good.example"
        ]
    );
    let feed = fs::read_to_string(directory.dist().join("changes.atom")).unwrap();
    roxmltree::Document::parse(&feed).unwrap();
    assert!(
        !feed.contains("javascript") && !feed.contains("<b>"),
        "{feed}"
    );
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn statistics_have_a_point_for_each_month_of_three_years() {
    let directory = over_time(183);
    build(&directory, &[]).ends_with(0);
    let stats = parsed(&fs::read_to_string(directory.dist().join("stats.json")).unwrap());
    let schema = fs::read_to_string(project().join("schemas/stats.schema.json")).unwrap();
    assert!(
        jsonschema::validator_for(&parsed(&schema))
            .unwrap()
            .is_valid(&stats),
        "{stats:#}"
    );
    let months = stats["history"].as_array().unwrap();
    let names: Vec<&str> = months
        .iter()
        .map(|it| it["month"].as_str().unwrap())
        .collect();
    assert_eq!(
        (names.len(), names[0], names[35]),
        (36, "2024-12", "2027-11")
    );
    assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "{names:?}");
    for (name, value) in [("sites", &stats["sites"]), ("methods", &stats["methods"])] {
        assert_eq!(&months[35][name], value);
    }
    // One site was renamed, one was removed, others were added.
    let totals: Vec<u64> = months
        .iter()
        .map(|it| it["sites"]["with"].as_u64().unwrap())
        .collect();
    assert_eq!((totals[0], totals[35]), (1, 3));
    let page = fs::read_to_string(directory.dist().join("stats/index.html")).unwrap();
    assert_eq!(page.matches("<polyline").count(), 9);
}

#[test]
#[ignore = "needs git, which .ci/run installs"]
fn commits_with_wrong_times_do_not_change_the_statistics_of_other_months() {
    let months = |wrong: &[usize], seconds: &str| {
        let mut history = History::default();
        for number in 0..12 {
            history.step(number);
            history.seconds += 31 * 24 * 3600;
        }
        let committer = "committer t <t@directory.example> ";
        let mut parts = history
            .stream
            .split(committer)
            .map(str::to_owned)
            .collect::<Vec<_>>();
        for commit in wrong {
            let rest = parts[*commit].split_once(' ').unwrap().1.to_owned();
            parts[*commit] = format!("{seconds} {rest}");
        }
        history.stream = parts.join(committer);
        let directory = history.import().0;
        build(&directory, &[]).ends_with(0);
        let stats = parsed(&fs::read_to_string(directory.dist().join("stats.json")).unwrap());
        stats["history"].as_array().unwrap().clone()
    };
    let right = months(&[], "");
    assert!(right.len() > 10);
    for (wrong, seconds) in [(&[5, 6][..], "1000000000"), (&[5], "4000000000")] {
        let told = months(wrong, seconds);
        assert_eq!(told.len(), right.len(), "{wrong:?}");
        let differing = told
            .iter()
            .zip(&right)
            .filter(|(told, right)| told != right)
            .count();
        // The wrong commits count as of the month before.
        assert!(differing <= wrong.len(), "{wrong:?}: {told:#?}");
    }
}

/// Runs the checks of `tests/interop/feed.py`.
fn problems(feeds: &[&Path]) -> String {
    let python = std::env::var_os("INTEROP_PYTHON").unwrap();
    let script = project().join("tests/interop/feed.py");
    let output = Command::new(python)
        .arg(script)
        .args(feeds)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8(said).unwrap().trim().to_owned();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

#[test]
#[ignore = "needs git and packages from PyPI; .ci/run installs them and runs this"]
fn the_feed_is_valid_also_if_it_is_empty_or_names_are_hostile() {
    let mut history = History::default();
    (0..40).for_each(|number| history.step(number));
    let evil = [
        "</title><script>",
        "]]>",
        "&lt;&",
        "\u{fffe}\u{7f}\u{1}\u{202e}",
        "\"'",
    ];
    for (number, name) in evil.into_iter().enumerate() {
        let domain = format!("evil{number}.example");
        history.on_main(Vec::new());
        let site = (name.to_owned(), vec!["totp", "<b>\u{0}"]);
        history.put(
            &format!("entries/e/{domain}.json"),
            &text(&site, &domain, 0),
        );
        history.on_main(Vec::new());
        let _ = writeln!(history.stream, "D entries/e/{domain}.json");
    }
    let (directory, _) = history.import();
    build(&directory, &[]).ends_with(0);
    let feed = directory.dist().join("changes.atom");
    let empty = Directory::new().file("directory.toml", SETTINGS);
    build(&empty, &[]).ends_with(0);
    assert_eq!(problems(&[&feed, &empty.dist().join("changes.atom")]), "");

    // The checks find something in feeds that are not valid.
    let text = fs::read_to_string(&feed).unwrap();
    let first = text
        .find("<id>tag:")
        .map(|at| text[at..].split_once('\n').unwrap().0)
        .unwrap();
    for (good, bad) in [
        (first, ""),
        (first, "<id>1</id>"),
        ("T", " "),
        ("rel=\"self\"", "rel=\"alternate\""),
        ("</title>", "</title><title>x</title>"),
        ("<author>", "<x/><author>"),
        ("<name>2factorauth</name>", ""),
    ] {
        assert!(text.contains(good), "{good}");
        let wrong = directory.path().join("wrong.atom");
        fs::write(&wrong, text.replace(good, bad)).unwrap();
        assert_ne!(problems(&[&wrong]), "", "{good}: {bad}");
    }
}
