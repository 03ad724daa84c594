//! The changes of sites that a build publishes, from real repositories.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use snapbox::str;

use crate::common::{Directory, Run, Tfadir, entry, files, project};
use crate::diff::parsed;
use crate::git::{commit, git, init};
use crate::history::{History, SETTINGS, text};

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
fn a_release_from_a_shallow_clone_says_to_fetch_all_commits() {
    let directory = signed();
    directory.run(&RELEASE).ends_with(0);
    // A second build of the same commit has the same history.
    directory
        .run(&["verify", "--cert", "k.pub.asc", "--source", "."])
        .ends_with(0);
    let copy = shallow(&directory, 6);
    let refuses = |run: Run| {
        run.ends_with(2).reports(str![[r#"
error: changes.json needs more git history, but this clone is shallow
 help: fetch all commits first: use `fetch-depth: 0` for actions/checkout, or run `git fetch --unshallow`

"#]])
    };
    let warns = |run: Run| {
        run.ends_with(0).reports(str![[r#"
warning: changes.json needs more git history, but this clone is shallow
 help: fetch all commits first: use `fetch-depth: 0` for actions/checkout, or run `git fetch --unshallow`
  Checked 19 entries in [ROOT]: no errors
Not signed (`--unsigned`)
    Built [ROOT]/dist: [..]

"#]])
    };
    refuses(copy.run(&RELEASE));
    assert!(!copy.dist().exists());
    // A previous build does not replace the commits.
    let old = directory.dist();
    let previous = ["--previous", old.to_str().unwrap()];
    refuses(copy.run(&[&RELEASE[..], &previous].concat()));
    // A preview warns, also in CI, unless a key signs it later.
    let in_ci = |args: &[&str]| {
        Tfadir::new(args)
            .folder(copy.path())
            .env("CI", "true")
            .run()
    };
    refuses(in_ci(&["build", "--unsigned", "--cert", "k.pub.asc"]));
    warns(in_ci(&["build", "--unsigned"]));
    warns(copy.run(&["build", "--unsigned"]));
    // What it says helps.
    git(copy.path(), &["fetch", "--quiet", "--unshallow"]);
    copy.run(&RELEASE).ends_with(0);
    for path in ["changes.json", "changes.atom"] {
        let [here, there] = [&copy, &directory].map(|it| fs::read(it.dist().join(path)).unwrap());
        assert_eq!(here, there, "{path}");
    }
}

#[test]
fn a_release_without_history_fails_and_a_preview_has_an_empty_feed() {
    let directory = Directory::new().file("directory.toml", SETTINGS);
    let reason = "cannot read the git history for changes.json: `";
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
fn a_file_that_is_not_an_entry_counts_as_absent() {
    let directory = Directory::new()
        .file("directory.toml", SETTINGS)
        .file("entries/b/bad.example.json", "{\n,");
    init(directory.path());
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
    assert_eq!(told, ["added good.example"]);
    let feed = fs::read_to_string(directory.dist().join("changes.atom")).unwrap();
    roxmltree::Document::parse(&feed).unwrap();
    assert!(
        !feed.contains("javascript") && !feed.contains("<b>"),
        "{feed}"
    );
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

/// A rebased pull request has commits that no check saw.
#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_state_that_breaks_the_rules_is_not_published() {
    let good = entry("Good", "good.example");
    let directory = Directory::new().file("directory.toml", "[feed]\nenabled = true\n");
    init(directory.path());
    commit(&directory);
    let path = "entries/g/good.example.json";
    let evil = good.replace(
        "https://good.example/2fa",
        "https://good.example@evil.example/2fa",
    );
    let mut directory = directory.file(path, evil);
    commit(&directory);
    directory = directory.file(path, &good);
    for number in 0..20 {
        let domain = format!("e{number}.example");
        let name = "N".repeat(1_000_000);
        directory = directory.file(&format!("entries/e/{domain}.json"), entry(&name, &domain));
    }
    commit(&directory);
    fs::remove_dir_all(directory.path().join("entries/e")).unwrap();
    commit(&directory);

    build(&directory, &[]).ends_with(0);
    let dist = directory.dist();
    let changes = published(&dist);
    let kinds: Vec<_> = changes.iter().map(|change| &change["kind"]).collect();
    // It counts as absent, so that the first commit that is right adds the site.
    assert_eq!(kinds, ["added", "removed", "added"]);
    for path in ["changes.json", "changes.atom", "changes/index.html"] {
        let text = fs::read_to_string(dist.join(path)).unwrap();
        assert!(!text.contains("evil") && text.len() < 100_000, "{path}");
    }
    let run = directory
        .run(&["diff", "HEAD~2", "HEAD", "--format", "markdown"])
        .ends_with(0);
    assert!(!run.stdout.contains("evil"), "{}", run.stdout);
    run.prints(str![[r#"
## What changes

1 site is not shown, because a build refuses an entry: run `tfadir check`.

Published files:
...
"#]]);
    let run = directory.run(&["stats", "HEAD~2"]).ends_with(0);
    run.prints(str![[r#"
0 sites: 0 with 2FA, 0 without

     Sites  Method
...
"#]])
        .reports(str![[r#"
warning: not counted: 1 entry that a build would refuse
 help: run `tfadir check`

"#]]);
}

/// git calls it a rename too.
#[test]
#[ignore = "needs git, which .ci/run installs"]
fn a_site_that_changes_its_name_and_domain_at_once_is_renamed() {
    let directory = Directory::new()
        .file("directory.toml", "[feed]\nenabled = true\n")
        .file("entries/o/old.example.json", entry("Old", "old.example"))
        .file("entries/g/gone.example.json", entry("Gone", "gone.example"));
    init(directory.path());
    commit(&directory);
    let moved = entry("New", "new.example").replace("new.example/2fa", "old.example/2fa");
    fs::remove_dir_all(directory.path().join("entries/o")).unwrap();
    fs::remove_file(directory.path().join("entries/g/gone.example.json")).unwrap();
    let directory = directory.file("entries/n/new.example.json", moved).file(
        "entries/f/fresh.example.json",
        entry("Fresh", "fresh.example"),
    );
    commit(&directory);
    build(&directory, &[]).ends_with(0);
    let changes = published(&directory.dist());
    let told: Vec<_> = changes[..3]
        .iter()
        .map(|change| {
            (
                change["kind"].as_str().unwrap(),
                change["domain"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("added", "fresh.example"),
        ("removed", "gone.example"),
        ("renamed", "new.example"),
    ];
    assert_eq!(told, expected);
    assert_eq!(changes[2]["was"]["domain"], "old.example");
    let run = directory.run(&["diff", "HEAD~1", "HEAD"]).ends_with(0);
    run.prints(str![[r#"
+ Fresh (fresh.example): totp
− Gone (gone.example): totp
→ New (new.example), was Old (old.example)

v4/all.json +2 −2 ~0
v4/totp.json +2 −2 ~0
v3/all.json +2 −2 ~0
v3/tfa.json +2 −2 ~0
v3/totp.json +2 −2 ~0

"#]]);
}
