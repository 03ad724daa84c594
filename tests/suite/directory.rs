//! Roots and settings.

use std::fs;

use snapbox::str;

use crate::common::{Directory, Tfadir, entry};

#[test]
fn the_nearest_root_upwards_is_found() {
    let directory = Directory::new().file("docs/deep/x.txt", "");
    Tfadir::new(&["check"])
        .folder(&directory.path().join("docs/deep"))
        .run()
        .ends_with(0);
    let with_settings = Directory::empty()
        .file("directory.toml", "[paths]\nentries = 'sites'\n")
        .file("sites/g/good.example.json", entry("Good", "good.example"))
        .file("docs/x.txt", "");
    Tfadir::new(&["check"])
        .folder(&with_settings.path().join("docs"))
        .run()
        .ends_with(0);
}

#[test]
fn outside_any_root_the_error_has_a_solution() {
    let directory = Directory::empty();
    directory
        .run(&["check"])
        .ends_with(2)
        .says("--root")
        .says("directory.toml");
}

#[test]
fn a_missing_root_is_named() {
    let directory = Directory::empty();
    directory
        .run(&["check", "--root", "nowhere"])
        .ends_with(2)
        .says("`nowhere`");
    let file = Directory::empty().file("x", "");
    file.run(&["check", "--root", "x"]).ends_with(2).says("`x`");
}

#[test]
fn a_root_without_entries_is_a_failure_that_names_the_folder() {
    let directory = Directory::empty().file("directory.toml", "");
    directory
        .run(&["build"])
        .ends_with(2)
        .says("the folder `[ROOT]/entries` does not exist");
    fs::create_dir(directory.path().join("entries")).unwrap();
    directory
        .run(&["build"])
        .ends_with(2)
        .says("the folder `[ROOT]/entries` has no entries");
    assert!(!directory.dist().exists());
}

#[test]
fn the_settings_are_printed_with_their_defaults() {
    let directory = Directory::new().file("directory.toml", "[signatures]\ninline = 'sig'\n");
    let printed = directory.run(&["settings"]).ends_with(0).stdout;
    let settings: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(settings["api"], "https://api.2fa.directory/");
    assert_eq!(settings["paths"]["dist"], "dist");
    let extensions = serde_json::json!({ "detached": "detached", "inline": "sig" });
    assert_eq!(settings["signatures"], extensions);
}

#[test]
fn invalid_settings_are_shown_with_their_location() {
    for (settings, message, location) in [
        (
            "nmae = 'x'\n",
            "unknown field `nmae`; did you mean `name`?",
            "directory.toml:1:1",
        ),
        (
            "\n[paths]\ndist = 5\n",
            "must be a string",
            "directory.toml:3:8",
        ),
        ("name = \n", "this file is not TOML", "directory.toml:1:"),
        (
            "site = 'ftp://x/'\n",
            "full URL that ends with a slash",
            "directory.toml:1:8",
        ),
        (
            "[paths]\ndist = '../x'\n",
            "`../x` is not a path inside the root",
            "directory.toml:2:8",
        ),
        (
            "[signatures]\ninline = 'sig'\ndetached = 'sig'\n",
            "the same file extension",
            "directory.toml:1:2",
        ),
        (
            "[[versions]]\nnumber = 7\n",
            "cannot build version 7",
            "directory.toml:2:10",
        ),
    ] {
        let directory = Directory::new().file("directory.toml", settings);
        directory
            .run(&["build", "--unsigned"])
            .ends_with(2)
            .says(message)
            .says(location);
        assert!(!directory.dist().exists(), "{settings}");
        let run = directory.run(&["check", "--format", "json"]).ends_with(2);
        let told: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(told["findings"][0]["path"], "directory.toml");
    }
}

#[test]
fn settings_that_are_not_text_are_refused() {
    let directory = Directory::new().file("directory.toml", b"name = '\xff'\n");
    directory.run(&["check"]).ends_with(2).says("not UTF-8");
}

#[cfg(unix)]
#[test]
fn settings_that_are_a_link_out_of_the_root_are_not_read() {
    let directory = Directory::new();
    let secret = Directory::empty().file("secret", "swordfish");
    let link = directory.path().join("directory.toml");
    std::os::unix::fs::symlink(secret.path().join("secret"), link).unwrap();
    let run = directory
        .run(&["check"])
        .ends_with(2)
        .says("link leads out of the directory");
    assert!(!run.stdout.contains("swordfish") && !run.stderr.contains("swordfish"));
}

#[test]
fn invalid_categories_are_shown_with_their_location() {
    let file = "schemas/categories.json";
    let directory = Directory::new().file(file, "{\n\"email\": {\"titel\": \"E-mail\"}\n}");
    directory
        .run(&["check"])
        .ends_with(2)
        .says("categories.json:2:1")
        .says("title");
    let directory = Directory::new().file(file, b"\xff");
    directory
        .run(&["check"])
        .ends_with(2)
        .says("error[categories]: this file is not UTF-8");
    let directory = Directory::new().file(file, "{,}");
    directory
        .run(&["check"])
        .ends_with(2)
        .says("this file is not JSON");
}

/// Two hosts of a company's network: one without a dot, and one below a domain that nobody can register.
fn internal() -> Directory {
    let wiki = entry("Wiki", "wiki")
        .replace("    \"tfa\"", "    \"additional-domains\": [\n      \"dev\"\n    ],\n    \"url\": \"https://wiki:8080/start\",\n    \"tfa\"");
    Directory::empty()
        .file("entries/w/wiki.json", wiki)
        .file("entries/g/git.dev.corp.json", entry("Git", "git.dev.corp"))
}

#[test]
fn hosts_without_a_dot_are_errors_unless_the_settings_allow_them() {
    let directory = internal();
    directory.run(&["check"]).ends_with(1).prints(str![[r#"
warning[unknown-tld]: `git.dev.corp` has the unknown top-level domain `.corp`; did you mean `git.dev.coop`?
 --> entries/g/git.dev.corp.json:3:15
  |
3 |     "domain": "git.dev.corp",
  |               ^^^^^^^^^^^^^^
  |
  = help: Check the spelling here and in the file name. The Public Suffix List has no such top-level domain.

warning[unknown-tld]: `git.dev.corp` has the unknown top-level domain `.corp`; did you mean `git.dev.coop`?
 --> entries/g/git.dev.corp.json:7:22
  |
7 |     "documentation": "https://git.dev.corp/2fa",
  |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Check the spelling. The Public Suffix List has no such top-level domain.

error[schema]: `wiki` is not a domain
 --> entries/w/wiki.json:3:15
  |
3 |     "domain": "wiki",
  |               ^^^^^^
  |
  = help: Use a domain in lower case with at least one dot, without `https://`. Write an international name in its `xn--` form. Example: `example.com`.

error[schema]: `dev` is not a domain
 --> entries/w/wiki.json:5:7
  |
5 |       "dev"
  |       ^^^^^
  |
  = help: Use a domain in lower case with at least one dot, without `https://`. Write an international name in its `xn--` form. Example: `example.com`.

error[invalid-url]: `url` uses a hostname without a dot
 --> entries/w/wiki.json:7:12
  |
7 |     "url": "https://wiki:8080/start",
  |            ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Use the full domain name.

error[invalid-url]: `documentation` uses a hostname without a dot
  --> entries/w/wiki.json:11:22
   |
11 |     "documentation": "https://wiki/2fa",
   |                      ^^^^^^^^^^^^^^^^^^
   |
   = help: Use the full domain name.


"#]]);

    let directory = directory.file("directory.toml", "[check]\ninternal-hosts = true\n");
    directory
        .run(&["check", "--deny", "warnings"])
        .ends_with(0)
        .says("no findings");
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let read = |path: &str| fs::read_to_string(directory.dist().join(path)).unwrap();
    let v4: serde_json::Value = serde_json::from_str(&read("v4/all.json")).unwrap();
    assert_eq!(v4["wiki"], v4["dev"]);
    assert!(v4["git.dev.corp"].is_object());
    assert!(read("index.html").contains("This list includes hosts of an internal network"));
    // The form on the page checks domains with this pattern.
    let schema: serde_json::Value =
        serde_json::from_str(&read("schemas/entry.schema.json")).unwrap();
    let pattern = schema["$defs"]["domain"]["pattern"].as_str().unwrap();
    assert!(pattern.ends_with(")*$"), "{pattern}");

    directory
        .run(&[
            "new",
            "chat",
            "--name",
            "Chat",
            "--tfa",
            "totp",
            "--documentation",
            "https://chat/2fa",
            "--categories",
            "other",
        ])
        .ends_with(0);
    assert!(directory.path().join("entries/c/chat.json").exists());
}

#[test]
fn a_public_directory_has_no_word_about_internal_hosts() {
    let directory = Directory::new();
    directory.run(&["build", "--unsigned"]).ends_with(0);
    let index = fs::read_to_string(directory.dist().join("index.html")).unwrap();
    let contribute = fs::read_to_string(directory.dist().join("contribute/index.html")).unwrap();
    assert!(!index.contains("internal") && !contribute.contains("\"internal\""));
}

#[test]
fn internal_hosts_leave_other_rules_as_strict_as_they_were() {
    let settings = "[check]\ninternal-hosts = true\n[check.rules]\nunknown-tld = 'deny'\n";
    let wrong = entry("Wrong", "10").replace("https://10/", "https://10.0.0.1/");
    let shared = entry("Shared", "shop.example").replace(
        "    \"tfa\"",
        "    \"additional-domains\": [\n      \"co.uk\"\n    ],\n    \"tfa\"",
    );
    internal()
        .file("directory.toml", settings)
        .file("entries/1/10.json", wrong)
        .file("entries/s/shop.example.json", shared)
        .file("entries/w/wiki_.json", entry("Odd", "Wiki"))
        .run(&["check"])
        .ends_with(1)
        .prints(str![[r#"
error[unsafe-domain]: `10` ends in a number, like an IP address
 --> entries/1/10.json:3:15
  |
3 |     "domain": "10",
  |               ^^^^
  |
  = help: Use the site's domain name.

error[invalid-url]: `documentation` uses an IP address
 --> entries/1/10.json:7:22
  |
7 |     "documentation": "https://10.0.0.1/2fa",
  |                      ^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Use the site's domain name.

error[unknown-tld]: `git.dev.corp` has the unknown top-level domain `.corp`; did you mean `git.dev.coop`?
 --> entries/g/git.dev.corp.json:3:15
  |
3 |     "domain": "git.dev.corp",
  |               ^^^^^^^^^^^^^^
  |
  = help: Check the spelling here and in the file name. The Public Suffix List has no such top-level domain.

error[unknown-tld]: `git.dev.corp` has the unknown top-level domain `.corp`; did you mean `git.dev.coop`?
 --> entries/g/git.dev.corp.json:7:22
  |
7 |     "documentation": "https://git.dev.corp/2fa",
  |                      ^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: Check the spelling. The Public Suffix List has no such top-level domain.

error[public-suffix]: others can register domains below `co.uk`
 --> entries/s/shop.example.json:5:7
  |
5 |       "co.uk"
  |       ^^^^^^^
  |
  = help: List the site's own domain instead.

error[schema]: `Wiki` is not a domain
 --> entries/w/wiki_.json:3:15
  |
3 |     "domain": "Wiki",
  |               ^^^^^^
  |
  = help: Use a domain, or the name of a host in this network, in lower case and without `https://`. Write an international name in its `xn--` form. Example: `example.com`.

error[invalid-url]: `documentation` has the host `Wiki`, which is not a domain; did you mean `https://wiki/2fa`?
 --> entries/w/wiki_.json:7:22
  |
7 |     "documentation": "https://Wiki/2fa",
  |                      ^^^^^^^^^^^^^^^^^^
  |
  = help: Write the host as a domain in lower case: letters, digits and hyphens between dots. Write an international name in its `xn--` form.
  = help: To replace `https://Wiki/2fa` with `https://wiki/2fa`, run `tfadir check --fix entries/w/wiki_.json`.


"#]]);
}

/// A fix would rename `mfa` to `tfa` in all of them.
#[test]
fn a_passkeys_directory_is_refused_by_every_command() {
    let entry = |name: &str| {
        format!(
            r#"{{"{name}": {{"passwordless": "allowed", "mfa": "allowed", "categories": ["email"]}}}}"#
        )
    };
    let directory = Directory::empty()
        .file("entries/a/a.example.json", entry("A"))
        .file("entries/b/b.example.json", entry("B"))
        .file(
            "entries/g/good.example.json",
            crate::common::entry("Good", "good.example"),
        );
    let before = crate::common::files(directory.path());
    for args in [
        &["build", "--unsigned"][..],
        &["check"],
        &["check", "--fix"],
        &["check", "--unsafe-fixes"],
        &["check", "entries/a"],
        &["fmt"],
        &["links"],
        &["stats"],
        &["diff", "."],
        &["new", "new.example", "--name", "New", "--tfa", "totp"],
        &["serve", "--port", "0"],
    ] {
        let run = directory.run(args).ends_with(2);
        assert_eq!(run.stdout, "", "{args:?}");
        run.reports(str![[r#"
error: this is a passkeys directory; tfadir builds two-factor-authentication directories
 help: run tfadir in the folder of a directory with `tfa` fields, or pass it with --root

"#]]);
        assert_eq!(crate::common::files(directory.path()), before, "{args:?}");
    }
}
