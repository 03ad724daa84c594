//! `tfadir links`.

use std::process::Command;

use serde_json::{Value, json};

use crate::common::{Directory, Run, entry};

/// An entry with an address in each field.
const FULL: &str = r#"{ "Full": {
  "domain": "full.example",
  "url": "https://www.full.example/",
  "additional-domains": ["full.test"],
  "tfa": ["totp"],
  "documentation": "https://good.example/2fa",
  "recovery": "http://full.example/recovery",
  "categories": ["email"]
} }"#;

const FORM: &str = r#"{ "Form": {
  "domain": "form.example",
  "contact": { "form": "https://form.example/contact", "twitter": "form" },
  "categories": ["email"]
} }"#;

fn directory() -> Directory {
    Directory::new()
        .file("entries/f/full.example.json", FULL)
        .file("entries/f/form.example.json", FORM)
}

#[test]
fn every_address_is_listed_once_with_its_entries_and_fields() {
    let run = directory()
        .run(&["links"])
        .ends_with(0)
        .says("Listed 7 addresses of 3 entries");
    assert_eq!(
        run.stdout,
        "http://full.example/recovery\tentries/f/full.example.json\trecovery\n\
         https://form.example/\tentries/f/form.example.json\tdomain\n\
         https://form.example/contact\tentries/f/form.example.json\tcontact.form\n\
         https://full.test/\tentries/f/full.example.json\tadditional-domains\n\
         https://good.example/\tentries/g/good.example.json\tdomain\n\
         https://good.example/2fa\tentries/f/full.example.json\tdocumentation\
         \tentries/g/good.example.json\tdocumentation\n\
         https://www.full.example/\tentries/f/full.example.json\turl\n"
    );
    let lines = directory()
        .run(&["links", "--format", "lines"])
        .ends_with(0);
    assert_eq!(lines.stdout, run.stdout);
}

#[test]
fn the_json_form_says_the_same() {
    let run = directory().run(&["links", "--format", "json"]).ends_with(0);
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(told["links"].as_array().unwrap().len(), 7);
    let shared = json!({
        "address": "https://good.example/2fa",
        "places": [
            { "path": "entries/f/full.example.json", "field": "documentation" },
            { "path": "entries/g/good.example.json", "field": "documentation" },
        ],
    });
    assert_eq!(told["links"][5], shared);
}

#[test]
fn only_entries_that_a_branch_changed_are_listed_on_request() {
    let directory = directory();
    let git = |args: &[&str]| {
        let identity = ["-c", "user.name=T", "-c", "user.email=t@test.example"];
        Run::of(
            Command::new("git").args(identity).args(args),
            directory.path(),
        )
        .ends_with(0)
    };
    git(&["init", "--quiet"]);
    git(&["add", "entries"]);
    git(&["commit", "--quiet", "--message", "Start"]);
    let changed = ["links", "--changed-since", "HEAD"];
    assert_eq!(directory.run(&changed).ends_with(0).stdout, "");
    let directory = directory.file("entries/n/new.example.json", entry("New", "new.example"));
    let run = directory.run(&changed).ends_with(0);
    assert_eq!(
        run.stdout,
        "https://new.example/\tentries/n/new.example.json\tdomain\n\
         https://new.example/2fa\tentries/n/new.example.json\tdocumentation\n"
    );
    directory
        .run(&["links", "--changed-since", "nothing"])
        .ends_with(2)
        .says("`nothing`");
}

#[test]
fn an_address_cannot_add_lines_or_commands() {
    let hostile = entry("H", "h.example").replace(
        "https://h.example/2fa",
        r"https://h.example/\n::error::\t##[error]\u001b[31m",
    );
    let directory = Directory::empty()
        .file("entries/h/h.example.json", hostile)
        .file(
            "entries/i/i.example.json",
            entry("I", "i.example").replace("https:", "javascript:"),
        );
    let run = directory.run(&["links"]).ends_with(0);
    assert_eq!(run.stdout.lines().count(), 3, "{}", run.stdout);
    for part in ["\u{1b}", "##[", "\n::", "javascript"] {
        assert!(!run.stdout.contains(part), "{}", run.stdout);
    }
}

#[test]
fn an_entry_that_cannot_be_read_is_named() {
    let directory = directory().file("entries/b/b.example.json", "{");
    let run = directory
        .run(&["links"])
        .ends_with(2)
        .says("entries/b/b.example.json");
    assert_eq!(run.says("tfadir check").stdout, "");
    directory
        .run(&["links", "--format", "sarif"])
        .ends_with(2)
        .says("use lines or json");
}

#[test]
fn a_file_that_is_not_an_entry_is_left_to_check() {
    let directory = directory().file("entries/README.md", "Read me");
    directory
        .run(&["links"])
        .ends_with(0)
        .says("Listed 7 addresses of 3 entries");
}
