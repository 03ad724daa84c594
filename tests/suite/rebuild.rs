//! `tfadir verify --source`: a second build proves where the published files came from.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use sequoia_openpgp::parse::Parse;
use snapbox::str;

use crate::common::{Directory, Run, Tfadir, command, entry, project};
use crate::git::{commit, git, init};
use crate::keys::{public, publisher, secret};

/// A repository with a commit, in which the key is not tracked.
fn repository() -> Directory {
    let cert = publisher().generate().unwrap().0;
    let directory = Directory::new()
        .file("templates/robots.txt", "User-agent: *\n")
        .file(".gitignore", "dist/\n*.asc\n.tfadir/\n")
        .file("key.asc", secret(&cert))
        .file("cert.asc", public(&cert));
    init(directory.path());
    commit(&directory);
    directory
}

fn build(directory: &Directory, args: &[&str]) {
    let fixed = ["build", "--release", "--key", "key.asc"];
    directory.run(&[&fixed, args].concat()).ends_with(0);
}

/// A signed build of changes whose manifest claims that they are committed.
fn build_secretly(directory: &Directory) {
    let unsigned = ["build", "--release", "--unsigned", "--cert", "cert.asc"];
    directory
        .run(&unsigned)
        .ends_with(0)
        .says("contains no commit");
    let path = directory.dist().join("manifest.json");
    let manifest = fs::read_to_string(&path).unwrap();
    let claim = format!("\"commit\": \"{}\"", head(directory));
    fs::write(path, manifest.replace("\"commit\": null", &claim)).unwrap();
    directory.run(&["sign", "--key", "key.asc"]).ends_with(0);
}

fn head(directory: &Directory) -> String {
    let output = Command::new("git")
        .current_dir(directory.path())
        .args(["rev-parse", "HEAD"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn verify(directory: &Directory, source: &str) -> Run {
    directory.run(&["verify", "--cert", "cert.asc", "--source", source])
}

#[test]
fn a_build_is_the_same_as_one_of_its_commit() {
    for args in [&[][..], &["--pretty"]] {
        let directory = repository();
        build(&directory, args);
        verify(&directory, ".")
            .ends_with(0)
            .says("Rebuilt")
            .says("with the same bytes");
        // Changes since the commit do not matter, nor does what is checked out.
        let directory = directory.file("entries/n/new.example.json", "{");
        verify(&directory, ".").ends_with(0);
        fs::remove_file(directory.path().join("entries/n/new.example.json")).unwrap();
        let directory = directory.file(
            "entries/o/other.example.json",
            entry("Other", "other.example"),
        );
        commit(&directory);
        let run = verify(&directory, ".").ends_with(0);
        assert!(run.stderr.contains("Rebuilt"), "{}", run.stderr);
    }
}

/// A shallow clone does not say when an entry last changed, so no page of its build does.
#[test]
fn a_build_of_a_shallow_clone_is_the_same_as_one_of_its_commit() {
    let directory = repository();
    build(&directory, &[]);
    let index = fs::read_to_string(directory.dist().join("index.html")).unwrap();
    assert!(index.contains("The entries last changed on"), "{index}");
    let directory = directory.file("entries/o/o.example.json", entry("O", "o.example"));
    commit(&directory);

    let clone = Directory::empty();
    let url = format!("file://{}", directory.path().display());
    let shallow = ["clone", "--quiet", "--depth=1", &url, "clone"];
    git(clone.path(), &shallow);
    let root = clone.path().join("clone");
    let key = directory.path().join("key.asc");
    let args = ["build", "--release", "--key", key.to_str().unwrap()];
    Tfadir::new(&args).folder(&root).run().ends_with(0);
    let dist = root.join("dist");
    let index = fs::read_to_string(dist.join("index.html")).unwrap();
    assert!(!index.contains("The entries last changed on"), "{index}");
    let verify = ["verify", "--cert", "cert.asc", "--source", "."];
    directory
        .run(&[&verify[..], &[dist.to_str().unwrap()]].concat())
        .ends_with(0)
        .says("with the same bytes");
}

#[test]
fn an_altered_entry_or_template_is_found_although_everything_is_signed() {
    let bad = entry("Good", "good.example").replace("good.example/2fa", "evil.example/2fa");
    for (path, text, altered) in [
        ("entries/g/good.example.json", bad.as_str(), "v3/all.json"),
        (
            "templates/robots.txt",
            "User-agent: nothing\n",
            "robots.txt",
        ),
    ] {
        let directory = repository().file(path, text);
        build_secretly(&directory);
        directory
            .run(&["verify", "--cert", "cert.asc"])
            .ends_with(0);
        let run = verify(&directory, ".")
            .ends_with(1)
            .says("error[altered-file]");
        run.says("differs from a build of commit").says(altered);
    }
    let directory = repository().file("static/extra.txt", "extra");
    build_secretly(&directory);
    fs::remove_dir_all(directory.path().join("static")).unwrap();
    verify(&directory, ".")
        .ends_with(1)
        .says("error[extra-file]")
        .says("has no such file");
}

#[test]
fn a_release_of_changes_that_are_not_committed_names_no_commit() {
    let categories = r#"{"email": {"title": "E-mail", "icon": "envelope"}}"#;
    for (path, content) in [
        (
            "entries/n/new.example.json",
            entry("New", "new.example").as_str(),
        ),
        ("tests/categories.json", categories),
        ("static/ignored.log", "ignored"),
    ] {
        let directory = repository()
            .file(".git/info/exclude", "*.log\n")
            .file(path, content);
        let run = directory
            .run(&["build", "--release", "--key", "key.asc"])
            .ends_with(0);
        run.says(&format!("because `{path}` differs from commit"));
        verify(&directory, ".").ends_with(2).reports(str![[r#"
error: this manifest contains no commit, so the build cannot be repeated
 help: the publisher has to build from a commit, in a git repository without uncommitted changes

"#]]);
    }
    let directory = repository().file("notes.txt", "not a part of the build");
    build(&directory, &[]);
    commit(&directory);
    fs::remove_dir_all(directory.dist()).unwrap();
    let run = directory.run(&["build", "--release", "--key", "key.asc"]);
    assert!(!run.ends_with(0).stderr.contains("warning"));
    verify(&directory, ".").ends_with(0);
}

/// git compares converted content, and skips files that it was told to skip.
#[test]
fn a_release_of_bytes_that_git_does_not_compare_names_no_commit() {
    let entry_path = "entries/g/good.example.json";
    let edited = entry("Good", "good.example").replace("totp", "sms");
    let cases: [(&str, &[&[&str]], &str); 7] = [
        ("* text=auto eol=crlf\n", CHECKOUT, entry_path),
        ("* ident\n", CHECKOUT, "static/ident.txt"),
        (
            "",
            &[
                &["config", "core.autocrlf", "true"],
                CHECKOUT[0],
                CHECKOUT[1],
            ],
            entry_path,
        ),
        (
            "",
            &[&["sparse-checkout", "set", "entries", "templates"]],
            "static/ident.txt",
        ),
        (
            "",
            &[&["update-index", "--skip-worktree", entry_path]],
            entry_path,
        ),
        (
            "",
            &[&["update-index", "--assume-unchanged", entry_path]],
            entry_path,
        ),
        (
            "",
            &[&["rm", "-r", "--quiet", "static"]],
            "static/ident.txt",
        ),
    ];
    for (attributes, commands, different) in cases {
        let directory = repository()
            .file(".gitattributes", attributes)
            .file("static/ident.txt", "$Id$\n");
        commit(&directory);
        for args in commands {
            git(directory.path(), args);
        }
        let directory = match commands[0][0] {
            "update-index" => directory.file(entry_path, &edited),
            _ => directory,
        };
        let run = directory.run(&["build", "--release", "--key", "key.asc"]);
        run.ends_with(0).says(&format!("because `{different}`")).reports(str![[r#"
warning: the manifest contains no commit, because [..] from commit [..]
 help: commit the changes first; then `tfadir verify --source` can repeat the build
 help: if `git status` shows none, git converted the files when it checked them out, or does not look at them: see core.autocrlf, .gitattributes, sparse-checkout, and `git ls-files -v`
  Checked 1 entry in [ROOT]: no errors
   Signed by [..]
    Built [ROOT]/dist: [..]

"#]]);
        verify(&directory, ".")
            .ends_with(2)
            .says("contains no commit");
    }
}

#[cfg(unix)]
#[test]
fn a_release_names_its_commit_if_linked_files_are_those_of_the_commit() {
    let entry_path = "entries/g/good.example.json";
    // Flags and attributes that change nothing do not matter.
    let directory = repository()
        .file(".gitattributes", "*.json text ident\n")
        .file(
            "art/good.svg",
            "<svg xmlns='http://www.w3.org/2000/svg'/>\n",
        )
        .file("img/g/x", "");
    fs::remove_file(directory.path().join("img/g/x")).unwrap();
    let link = directory.path().join("img/g/good.example.svg");
    std::os::unix::fs::symlink("../../art/good.svg", link).unwrap();
    commit(&directory);
    git(
        directory.path(),
        &["update-index", "--assume-unchanged", entry_path],
    );
    build(&directory, &[]);
    verify(&directory, ".")
        .ends_with(0)
        .says("with the same bytes");
    fs::remove_dir_all(directory.dist()).unwrap();
    let directory = directory.file(
        "art/good.svg",
        "<svg xmlns='http://www.w3.org/2000/svg' />\n",
    );
    let run = directory.run(&["build", "--release", "--key", "key.asc"]);
    run.ends_with(0).reports(str![[r#"
warning: the manifest contains no commit, because `art/good.svg` differs from commit [..]
 help: commit the changes first; then `tfadir verify --source` can repeat the build
 help: if `git status` shows none, git converted the files when it checked them out, or does not look at them: see core.autocrlf, .gitattributes, sparse-checkout, and `git ls-files -v`
  Checked 1 entry in [ROOT]: no errors
   Signed by [..]
    Built [ROOT]/dist: [..]

"#]]);
}

/// Writes all files again, with the attributes and settings of now.
const CHECKOUT: &[&[&str]] = &[
    &["rm", "-r", "--quiet", "--cached", "."],
    &["reset", "--quiet", "--hard"],
];

#[test]
fn git_settings_and_variables_do_not_matter_to_a_second_build() {
    let settings = "[feed]\nenabled = true\n";
    let directory = repository()
        .file("static/x.txt", "a\nb\n")
        .file("directory.toml", settings);
    commit(&directory);
    build(&directory, &[]);
    git(directory.path(), &["config", "core.autocrlf", "true"]);
    let args = ["verify", "--cert", "cert.asc", "--source", "."];
    let run = Tfadir::new(&args).folder(directory.path());
    run.env("GIT_DIR", directory.path().join(".git"))
        .run()
        .ends_with(0)
        .says("Rebuilt");
    let head = fs::read_to_string(directory.path().join(".git/HEAD")).unwrap();
    assert_eq!(head, "ref: refs/heads/main\n");

    // Neither programs of the user run, nor do settings keep git from reading the commit.
    let home = Directory::empty();
    let folder = home.path().to_owned();
    let run = format!("#!/bin/sh\ntouch {}/ran\ncat\n", folder.display());
    let home = ["post-checkout", "reference-transaction", "filter"]
        .iter()
        .fold(home, |home, name| home.file(&format!("hooks/{name}"), &run));
    command("chmod")
        .args(["-R", "+x", "hooks"])
        .current_dir(&folder)
        .status()
        .unwrap();
    let settings = format!(
        "[core]\nhooksPath = {folder}/hooks\nattributesFile = {folder}/attributes\n\
         [filter \"f\"]\nsmudge = {folder}/hooks/filter\nrequired = true\n\
         [protocol]\nallow = never\n[clone]\ndefaultRemoteName = a..b\n\
         [url \"https://nowhere.invalid/\"]\ninsteadOf = /\n",
        folder = folder.display()
    );
    let home = home
        .file("attributes", "* filter=f ident eol=crlf\n")
        .file("config", settings);
    let bare = home.path().join("bare.git");
    git(
        home.path(),
        &[
            "clone",
            "--quiet",
            "--bare",
            directory.path().to_str().unwrap(),
            "bare.git",
        ],
    );
    for source in [".", bare.to_str().unwrap()] {
        let args = ["verify", "--cert", "cert.asc", "--source", source];
        let run = Tfadir::new(&args).folder(directory.path());
        run.env("GIT_CONFIG_GLOBAL", home.path().join("config"))
            .run()
            .ends_with(0)
            .says("Rebuilt");
    }
    assert!(!home.path().join("ran").exists());
    let run = Tfadir::new(&args)
        .folder(directory.path())
        .env("TMPDIR", "/nonexistent")
        .run();
    run.ends_with(2)
        .says("cannot create a temporary folder in `/nonexistent`: ");
}

/// A published build whose bytes are not those of its commit, and the repository of that commit, with
/// two commits. The build has a feed.
fn published_without_source() -> Directory {
    let directory = repository().file("directory.toml", "[feed]\nenabled = true\n");
    commit(&directory);
    let bad = entry("Good", "good.example").replace("good.example/2fa", "evil.example/2fa");
    let directory = directory.file(ENTRY, &bad);
    build_secretly(&directory);
    git(directory.path(), &["checkout", "--quiet", "--", ENTRY]);
    directory
}

const ENTRY: &str = "entries/g/good.example.json";

/// What git prints, without the line end.
fn asked(directory: &Directory, args: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(directory.path())
        .args(args)
        .output()
        .unwrap();
    assert!(output.status.success(), "{args:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Commits the bytes that were published, on a branch apart, and returns that commit.
fn harmful_commit(directory: &Directory) -> String {
    let bad = entry("Good", "good.example").replace("good.example/2fa", "evil.example/2fa");
    fs::write(directory.path().join(ENTRY), bad).unwrap();
    git(directory.path(), &["stash", "--quiet"]);
    asked(directory, &["rev-parse", "stash"])
}

#[test]
fn replaced_objects_do_not_change_the_commit_of_a_second_build() {
    let directory = published_without_source();
    let bad = harmful_commit(&directory);
    for object in ["", "^{tree}", ":entries/g/good.example.json"] {
        let (old, new) = (format!("HEAD{object}"), format!("{bad}{object}"));
        git(directory.path(), &["replace", &old, &new]);
        let shown = asked(&directory, &["show", &format!("HEAD:{ENTRY}")]);
        assert!(shown.contains("evil.example"), "{shown}");
        verify(&directory, ".").ends_with(1).says("v3/all.json");
        let id = asked(&directory, &["replace", "--list"]);
        git(directory.path(), &["replace", "--delete", &id]);
    }
}

/// The history of a build with a feed.
#[test]
fn grafts_and_wrong_copies_of_commits_do_not_change_the_history_of_a_second_build() {
    let directory = repository().file("directory.toml", "[feed]\nenabled = true\n");
    commit(&directory);
    let directory = directory.file("entries/n/new.example.json", entry("New", "new.example"));
    commit(&directory);
    build(&directory, &[]);
    let (head, parent) = (head(&directory), asked(&directory, &["rev-parse", "HEAD^"]));
    let changes = fs::read_to_string(directory.dist().join("changes.json")).unwrap();
    assert!(changes.contains("new.example"), "{changes}");
    verify(&directory, ".").ends_with(0);

    let directory = directory.file(".git/info/grafts", format!("{head}\n"));
    verify(&directory, ".").ends_with(0);
    let graft = directory.path().join(".git/info/grafts");
    fs::remove_file(graft).unwrap();

    // A copy of what the commits contain, in which one has the tree of another.
    git(directory.path(), &["commit-graph", "write", "--reachable"]);
    let graph = directory.path().join(".git/objects/info/commit-graph");
    let tree = |commit: &str| {
        let id = asked(&directory, &["rev-parse", &format!("{commit}^{{tree}}")]);
        data_encoding::HEXLOWER.decode(id.as_bytes()).unwrap()
    };
    let (right, wrong) = (tree(&head), tree(&parent));
    let mut bytes = fs::read(&graph).unwrap();
    let at = bytes.windows(20).position(|window| window == right);
    let at = at.unwrap();
    bytes[at..at + 20].copy_from_slice(&wrong);
    fs::remove_file(&graph).unwrap();
    fs::write(&graph, bytes).unwrap();
    verify(&directory, ".").ends_with(0);

    // In a shallow clone, the history is not known.
    let directory = directory.file(".git/shallow", format!("{head}\n"));
    verify(&directory, ".").ends_with(2).reports(str![[r#"
error: changes.json needs more git history, but this clone is shallow
 help: fetch all commits first: use `fetch-depth: 0` for actions/checkout, or run `git fetch --unshallow`

"#]]);
}

/// git compares objects with their ids when it fetches them, but not when it reads them.
#[test]
fn altered_objects_are_refused_by_a_second_build() {
    let directory = published_without_source();
    let bad = harmful_commit(&directory);
    let object_file = |id: &str| {
        let path = format!(".git/objects/{}/{}", &id[..2], &id[2..]);
        directory.path().join(path)
    };
    let alter = |id: &str, other: &str| {
        let original = fs::read(object_file(id)).unwrap();
        fs::remove_file(object_file(id)).unwrap();
        fs::copy(object_file(other), object_file(id)).unwrap();
        original
    };
    for object in [":entries/g/good.example.json", ":entries/g", "^{tree}"] {
        let id = |commit: &str| asked(&directory, &["rev-parse", &format!("{commit}{object}")]);
        let (old, new) = (id("HEAD"), id(&bad));
        let original = alter(&old, &new);
        let run = verify(&directory, ".").ends_with(2);
        let run = run.says(&format!("git object {old} was altered"));
        assert_eq!(run.stderr.matches("error: ").count(), 1, "{}", run.stderr);
        fs::remove_file(object_file(&old)).unwrap();
        fs::write(object_file(&old), original).unwrap();
    }

    // The history too.
    fs::write(
        directory.path().join("entries/g/good.example.json"),
        entry("Better", "good.example"),
    )
    .unwrap();
    commit(&directory);
    // The first build can have been in the same second.
    let soon = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
        + 60;
    build(&directory, &["--serial", &soon.to_string()]);
    verify(&directory, ".").ends_with(0);
    let tree = |commit: &str| asked(&directory, &["rev-parse", &format!("{commit}^{{tree}}")]);
    let old = tree("HEAD^");
    alter(&old, &tree("HEAD"));
    let run = verify(&directory, ".").ends_with(2);
    run.says(&format!("git object {old} was altered"))
        .reports(str![[r#"
error: the git object [..] was altered: its content does not match its id
 help: do not use this repository; clone it again, because git checks every object when it clones

"#]]);
}

#[test]
fn another_commit_is_not_accepted() {
    let directory = repository();
    build(&directory, &[]);
    // Another repository does not have the commit.
    let other = Directory::new().file("entries/b/b.example.json", entry("B", "b.example"));
    init(other.path());
    commit(&other);
    let source = other.path().to_str().unwrap();
    verify(&directory, source)
        .ends_with(2)
        .says("unknown branch or commit");
    // The files are those of an earlier commit than the one that the manifest names.
    fs::remove_dir_all(directory.dist()).unwrap();
    let directory = directory.file("entries/b/b.example.json", entry("B", "b.example"));
    commit(&directory);
    fs::remove_dir_all(directory.path().join("entries/b")).unwrap();
    build_secretly(&directory);
    directory
        .run(&["verify", "--cert", "cert.asc"])
        .ends_with(0);
    verify(&directory, ".")
        .ends_with(1)
        .says("v4/totp.json")
        .says("differs from a build");
}

/// The script in the witness's workflow, with the address and the fingerprint of a build on disk.
#[test]
#[ignore = "needs git, curl and jq, which .ci/run installs"]
fn the_witness_accepts_what_it_can_build_and_nothing_else() {
    let page = fs::read_to_string(project().join("docs/witness.md")).unwrap();
    let start = page.find("          mkdir served").unwrap();
    let script = page[start..]
        .split("\n\n")
        .next()
        .unwrap()
        .replace("=https", "=file");
    let directory = repository();
    build(&directory, &[]);
    let cert = fs::read(directory.path().join("cert.asc")).unwrap();
    let cert = sequoia_openpgp::Cert::from_bytes(&cert).unwrap();
    let witness = |directory: &Directory| {
        let folder = Directory::empty();
        std::os::unix::fs::symlink(directory.path(), folder.path().join("directory")).unwrap();
        let program = Path::new(env!("CARGO_BIN_EXE_tfadir"))
            .parent()
            .unwrap()
            .to_str()
            .unwrap();
        let path = format!("{program}:{}", std::env::var("PATH").unwrap());
        let mut shell = command("bash");
        shell
            .args(["-e", "-o", "pipefail", "-c", &script])
            .env("PATH", path);
        shell.env("API", format!("file://{}", directory.dist().display()));
        shell.env("FINGERPRINT", cert.fingerprint().to_hex());
        Run::of(&mut shell, folder.path())
    };
    witness(&directory).ends_with(0).says("with the same bytes");
    let altered = directory.dist().join("v4/totp.json.sig");
    let before = fs::read(&altered).unwrap();
    fs::write(&altered, "x").unwrap();
    witness(&directory)
        .ends_with(1)
        .says("--> v4/totp.json.sig");
    fs::write(&altered, before).unwrap();
    fs::remove_dir_all(directory.dist()).unwrap();
    let text = entry("Good", "good.example").replace("/2fa", "/other");
    let directory = directory.file("entries/g/good.example.json", text);
    build_secretly(&directory);
    witness(&directory)
        .ends_with(1)
        .says("differs from a build of commit");
}

#[test]
fn what_cannot_be_compared_is_not_called_different() {
    let directory = repository();
    build(&directory, &[]);
    let run = directory.run(&[
        "verify",
        "dist/v4/all.json.sig",
        "--cert",
        "cert.asc",
        "--source",
        ".",
    ]);
    run.ends_with(2).says("a whole folder");
    directory
        .run(&["verify", "--source", "."])
        .ends_with(2)
        .says("no trusted key given");
    let nowhere = Directory::new();
    verify(&directory, nowhere.path().to_str().unwrap())
        .ends_with(2)
        .says("is not in a usable git repository");
    fs::write(directory.dist().join("v4/all.json"), "{}").unwrap();
    let run = verify(&directory, ".").ends_with(1);
    assert!(!run.stdout.contains("commit"), "{}", run.stdout);
}
