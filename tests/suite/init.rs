//! `tfadir init`: settings for a new directory, and for the existing one.

use std::fs;
use std::process::Command;

use snapbox::str;

use crate::common::{Directory, Run, Tfadir, entry, files, names, project};
use crate::gpg::Home;
use crate::keys::{publisher, secret};

#[test]
fn a_new_directory_gets_settings_that_a_build_accepts() {
    let directory = Directory::new();
    directory
        .run(&[
            "init",
            "--name",
            "A \"B\"",
            "--api",
            "https://api.example.com",
        ])
        .ends_with(0);
    let text = fs::read_to_string(directory.path().join("directory.toml")).unwrap();
    assert!(
        text.contains("api = \"https://api.example.com/\""),
        "{text}"
    );
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let page = fs::read_to_string(directory.dist().join("index.html")).unwrap();
    assert!(
        page.contains("<title>A &quot;B&quot; API</title>"),
        "{page}"
    );
    assert!(
        page.contains("A domain that is missing may not have been added yet."),
        "{page}"
    );
    // Versions and changes of the existing directory are not its own.
    assert!(directory.dist().join("v3").exists() && !directory.dist().join("v2").exists());
    let changes = fs::read_to_string(directory.dist().join("changes/index.html")).unwrap();
    assert!(changes.contains("Nothing has changed yet."), "{changes}");
}

#[test]
fn the_existing_directory_has_a_history_and_excluded_sites() {
    let directory = Directory::new();
    let run = directory.run(&["init", "--from-2factorauth"]).ends_with(0);
    assert!(!run.stderr.contains("example values") && !run.stderr.contains("add the line"));
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let read = |path: &str| fs::read_to_string(directory.dist().join(path)).unwrap();
    assert!(read("changes/index.html").contains("After a rewrite of the generator"));
    assert!(read("index.html").contains("<dt>authy.com</dt>") && !read("v2/index.html").is_empty());

    let directory = Directory::new().file("schemas/excluded.json", "{}");
    directory
        .run(&["init", "--from-2factorauth"])
        .says("Kept schemas/excluded.json");
    let kept = fs::read_to_string(directory.path().join("schemas/excluded.json")).unwrap();
    assert_eq!(kept, "{}");
}

#[test]
fn editors_find_the_schema_that_the_api_publishes() {
    let directory = Directory::new();
    directory
        .run(&["init", "--api", "https://api.example.com/"])
        .ends_with(0);
    let text = fs::read_to_string(directory.path().join(".vscode/settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
    let schema = &settings["json.schemas"][0];
    assert_eq!(
        schema["fileMatch"],
        serde_json::json!(["/entries/*/*.json"])
    );
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let published = fs::read_to_string(directory.dist().join("schemas/entry.schema.json")).unwrap();
    let published: serde_json::Value = serde_json::from_str(&published).unwrap();
    assert_eq!(schema["url"], published["$id"]);
}

#[test]
fn the_settings_of_git_and_an_editor_are_kept() {
    let directory = Directory::new()
        .file(".vscode/settings.json", "{}")
        .file(".gitignore", "x");
    let run = directory.run(&["init"]).ends_with(0);
    run.says("Kept .vscode/settings.json")
        .says("Kept .gitignore")
        .says("add the line `/dist/` to .gitignore")
        .says("run `tfadir build`");
    let read = |path: &str| fs::read_to_string(directory.path().join(path)).unwrap();
    assert_eq!(
        (read(".vscode/settings.json"), read(".gitignore")),
        ("{}".into(), "x".into())
    );
    let empty = Directory::empty();
    empty
        .run(&["init"])
        .ends_with(0)
        .says("add a site with `tfadir new example.com`");
    assert_eq!(
        fs::read_to_string(empty.path().join(".gitignore")).unwrap(),
        "/dist/\n"
    );
}

#[cfg(target_os = "linux")]
#[test]
fn on_a_terminal_nothing_is_asked() {
    let directory = Directory::new();
    let (is_success, said) = directory.run_on_a_terminal("init", &[]);
    assert!(
        is_success && said.contains("replace the example values"),
        "{said}"
    );
}

#[test]
fn a_release_refuses_example_values_and_names_each() {
    let directory = Directory::new().file("key.asc", secret(&publisher().generate().unwrap().0));
    let release = ["build", "--release", "--key", "key.asc", "--serial", "1"];
    directory
        .run(&[
            "init",
            "--name",
            "Ours",
            "--email",
            "security@2fa.directory",
        ])
        .ends_with(0);
    directory.run(&release).ends_with(2).reports(str![[r#"
error: directory.toml still has the example values of `tfadir init` for `site`, `api`, `repository` and `publisher.name`
 help: replace them with your own values before a release

"#]]);
    assert!(!directory.dist().exists());
    // A preview may have them.
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let path = directory.path().join("directory.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text
        .replace("my-directory.example", "directory.example")
        .replace("example/my-directory", "ours/directory")
        .replace("Example contributors", "Us");
    fs::write(path, text).unwrap();
    directory.run(&release).ends_with(0);
}

/// A killed run of an earlier version, or one without space, left the first part of a file.
#[test]
fn a_file_that_was_written_in_part_is_completed() {
    let whole = Directory::new();
    whole.run(&["init"]).ends_with(0);
    let text = fs::read_to_string(whole.path().join("directory.toml")).unwrap();
    for part in ["", &text[..100], &text] {
        let directory = Directory::new()
            .file("directory.toml", part)
            .file(".gitignore", "");
        directory.run(&["init"]).ends_with(0);
        assert!(files(directory.path()) == files(whole.path()), "{part}");
    }
}

#[test]
fn init_keeps_every_file_that_exists() {
    let directory = Directory::new()
        .file("directory.toml", "name = 'X'\n")
        .file(".github/workflows/publish.yml", "on: push\n");
    directory
        .run(&["init", "--from-2factorauth"])
        .ends_with(0)
        .reports(str![[r#"
     Kept directory.toml
     Kept .github/workflows/publish.yml
    Wrote static/robots.txt
    Wrote schemas/excluded.json
    Wrote .gitignore
    Wrote .vscode/settings.json
    Wrote .github/workflows/pull_request.yml
    Wrote .github/workflows/comment.yml
    Wrote .github/workflows/links.yml
     Next run `tfadir build`

"#]]);
    let written = files(directory.path());
    assert_eq!(written["directory.toml"], b"name = 'X'\n");
    assert_eq!(written[".github/workflows/publish.yml"], b"on: push\n");
    assert!(written.contains_key(".github/workflows/pull_request.yml"));
    directory
        .run(&["init", "--from-2factorauth"])
        .ends_with(2)
        .reports(str![[r#"
     Kept directory.toml
     Kept static/robots.txt
     Kept schemas/excluded.json
     Kept .gitignore
     Kept .vscode/settings.json
     Kept .github/workflows/pull_request.yml
     Kept .github/workflows/comment.yml
     Kept .github/workflows/links.yml
     Kept .github/workflows/publish.yml
error: all files that `tfadir init` writes exist already
 help: it overwrites none; delete those that it should write again

"#]]);
    assert!(files(directory.path()) == written);
}

#[test]
fn the_workflows_are_those_of_the_documents_for_the_branch() {
    let documented = files(&project().join("docs/workflows"));
    let workflows = |directory: &Directory| files(&directory.path().join(".github/workflows"));

    let existing = Directory::new();
    existing.run(&["init", "--from-2factorauth"]).ends_with(0);
    let mut expected = documented.clone();
    let publish = expected.remove("publish-2factorauth.yml").unwrap();
    let publish_new = expected.insert("publish.yml".to_owned(), publish).unwrap();
    assert!(workflows(&existing) == expected);

    let other = Directory::new();
    other.run(&["init"]).ends_with(0);
    expected.insert("publish.yml".to_owned(), publish_new.clone());
    assert!(
        workflows(&other)["publish.yml"]
            .starts_with(b"name: Publish\non:\n  push: { branches: [\"main\"] }\n")
    );

    // A branch without a commit, whose name means something in YAML.
    let branch = Directory::new();
    let mut git = Command::new("git");
    git.args(["init", "--quiet", "--initial-branch", "a,b"]);
    Run::of(&mut git, branch.path()).ends_with(0);
    branch.run(&["init"]).ends_with(0);
    let text = String::from_utf8(workflows(&branch)["publish.yml"].clone()).unwrap();
    assert!(text.contains("branches: [\"a,b\"]"), "{text}");
    for (path, text) in documented {
        let lines = String::from_utf8_lossy(&text).lines().count();
        assert!(lines <= 15, "{path} has {lines} lines");
    }
}

#[test]
fn settings_that_no_build_would_accept_are_reported_at_once() {
    let directory = Directory::new();
    let run = directory
        .run(&["init", "--api", "ftp://example.com/"])
        .ends_with(2);
    run.says("`ftp://example.com/` is not").says("help:");
    assert_eq!(names(directory.path()), ["entries"]);
}

#[test]
fn setting_one_ending_moves_the_other_out_of_its_way() {
    let directory = Directory::new().file("directory.toml", "[signatures]\ninline = 'sig'\n");
    directory.run(&["build"]).ends_with(0);
    let files = files(&directory.dist());
    assert!(files.contains_key("v4/all.json.sig") && files.contains_key("v4/all.json.detached"));
    let directory = Directory::new().file("directory.toml", "[signatures]\ninline = 'asc'\n");
    directory
        .run(&["build"])
        .ends_with(2)
        .says("application/pgp-keys");
}

#[test]
fn a_release_does_not_change_the_endings_of_signatures_by_accident() {
    let (cert, _) = publisher().generate().unwrap();
    let directory = Directory::new().file("key.asc", secret(&cert));
    let release = |serial: &str, more: &[&str]| {
        let args = ["build", "--release", "--key", "key.asc", "--serial", serial];
        directory.run(&[&args[..], more].concat())
    };
    let set = |settings: &str| {
        fs::write(directory.path().join("directory.toml"), settings).unwrap();
    };
    release("1000", &[]).ends_with(0);
    let before = files(&directory.dist());
    fs::create_dir(directory.path().join("previous")).unwrap();
    for name in ["manifest.json", "manifest.json.sig"] {
        fs::copy(
            directory.dist().join(name),
            directory.path().join("previous").join(name),
        )
        .unwrap();
    }

    set("[signatures]\ninline = 'sig'\n");
    for (more, out) in [
        (&[][..], "dist"),
        (&["--previous", "previous", "--out", "new"], "new"),
    ] {
        release("2000", more)
            .ends_with(2)
            .says(".json.sig expect a detached signature and get a signed message")
            .says(".json.gpg, a signed message, find no file")
            .says("`detached = \"sig\"` and `inline = \"gpg\"`")
            .says("--change-extensions");
        assert_eq!(directory.path().join(out).exists(), out == "dist");
    }
    assert!(files(&directory.dist()) == before);
    // A build that is not for publication may try them.
    directory
        .run(&["build", "--key", "key.asc", "--out", "trial"])
        .ends_with(0);
    release("2000", &["--change-endings"]).ends_with(0);
    assert!(directory.dist().join("v4/all.json.detached").is_file());

    set("[signatures]\ninline = 'sig'\ndetached = 'det'\n");
    let run = release("3000", &[])
        .ends_with(2)
        .says(".json.detached, a detached signature");
    assert!(!run.stderr.contains("json.sig"), "{}", run.stderr);
}

/// Clients of the existing directory extract the data from `all.json.sig`.
#[test]
#[ignore = "needs gpgv; .ci/run installs it and runs this"]
fn the_existing_directory_serves_signed_messages_as_sig() {
    let root = Directory::empty().file(
        "entries/e/example.com.json",
        entry("Example", "example.com"),
    );
    root.run(&["init", "--from-2factorauth"]).ends_with(0);
    let (cert, _) = publisher().generate().unwrap();
    let root = root.file("key.asc", secret(&cert));
    let release = ["build", "--release", "--key", "key.asc", "--serial", "1000"];
    root.run(&release).ends_with(0);
    let robots = fs::read_to_string(root.dist().join("robots.txt")).unwrap();
    assert_eq!(robots, "User-agent: *\nDisallow: /icons/\n");
    assert!(root.dist().join("frontend/v1/regions.json").is_file());
    let home = Home::new();
    home.gpg(&["--import", root.dist().join("key.asc").to_str().unwrap()]);
    let keyring = home.path().join("keyring.gpg");
    home.gpg(&["--export", "--output", keyring.to_str().unwrap()]);
    let out = home.path().join("all.json");
    let signed = root.dist().join("v3/all.json.sig");
    let status = Command::new("gpgv")
        .args([
            "--keyring",
            keyring.to_str().unwrap(),
            "--output",
            out.to_str().unwrap(),
        ])
        .arg(signed)
        .status();
    assert!(status.unwrap().success());
    assert_eq!(
        fs::read(out).unwrap(),
        fs::read(root.dist().join("v3/all.json")).unwrap()
    );
    Tfadir::new(&[
        "verify",
        "--cert",
        root.dist().join("key.asc").to_str().unwrap(),
    ])
    .folder(root.path())
    .run()
    .ends_with(0);
}
