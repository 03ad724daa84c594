//! The examples in the documentation pass all rules.

use std::fs;

use serde_json::{Map, Value, json};
use tfadir::check::{RULES, Rule};

use crate::common::{Directory, entry, project};

/// The good example of a rule: the language of its code, if it is code, and the text.
fn good_example(rule: &Rule) -> (String, String) {
    let text = rule.documentation();
    let text = text.split("## Good\n\n").nth(1).unwrap();
    let text = text.split("\n\n## ").next().unwrap().trim();
    match text
        .strip_prefix("```")
        .and_then(|code| code.strip_suffix("```"))
    {
        Some(code) => {
            let (language, code) = code.split_once('\n').unwrap();
            (language.to_owned(), code.to_owned())
        }
        None => (String::new(), text.to_owned()),
    }
}

/// An entry from an example, in which `…` stands for other fields.
fn completed(example: &str) -> (String, String) {
    let example = match example.trim_start().starts_with('{') {
        true => example.to_owned(),
        false => format!("{{ \"Example\": {{ {example} }} }}"),
    };
    let example = example.replace('…', "").trim_end().to_owned();
    // What the ellipsis leaves behind is a trailing comma.
    let parts: Vec<&str> = example.split(',').collect();
    let mut text = parts[0].to_owned();
    for part in &parts[1..] {
        if !part.trim_start().starts_with('}') {
            text.push(',');
        }
        text.push_str(part);
    }
    let value: Value = serde_json::from_str(&text).unwrap_or_else(|it| panic!("{it}: {text}"));
    let (name, fields) = value.as_object().unwrap().iter().next().unwrap();
    let mut fields: Map<String, Value> = fields.as_object().unwrap().clone();
    let domain = fields.entry("domain").or_insert(json!("example.com"));
    let domain = domain.as_str().unwrap().to_owned();
    fields.entry("categories").or_insert(json!(["email"]));
    if !fields.contains_key("contact") {
        let method = match fields.contains_key("custom-software") {
            true => "custom-software",
            false => "totp",
        };
        fields.entry("tfa").or_insert(json!([method]));
        fields
            .entry("documentation")
            .or_insert(json!(format!("https://{domain}/2fa")));
    }
    (domain, json!({ name: fields }).to_string())
}

fn home(domain: &str) -> String {
    format!("entries/{}/{domain}.json", &domain[..1])
}

const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"/>";

/// A root with the example; `None` if the example is a description.
fn root(rule: &Rule) -> Option<Directory> {
    let (language, example) = good_example(rule);
    let directory = Directory::empty();
    let example_entry = || entry("Example", "example.com");
    Some(match (language.as_str(), rule.scope()) {
        ("json", "root") => Directory::new().file(&format!("schemas/{}.json", rule.id), example),
        ("json", _) => {
            let entries: Vec<&str> = match example.starts_with("{ ") {
                true => example.lines().collect(),
                false => vec![&example],
            };
            entries.into_iter().fold(directory, |directory, example| {
                let (domain, text) = completed(example);
                directory.file(&home(&domain), text)
            })
        }
        ("xml", _) => directory
            .file(&home("example.com"), example_entry())
            .file("img/e/example.com.svg", example),
        ("toml", _) if rule.id == "settings" => Directory::new().file("directory.toml", example),
        ("toml", _) => directory
            .file(
                &home("login.example.com"),
                entry("Example", "login.example.com"),
            )
            .file("directory.toml", example),
        _ if example.starts_with("`entries/") || example.starts_with("`img/e/example.com.svg`") => {
            let paths = example
                .split('`')
                .filter(|it| it.ends_with(".json") || it.ends_with(".svg"));
            paths.fold(directory, |directory, path| match path.ends_with("json") {
                true => directory.file(path, example_entry()),
                false => directory.file(path, ICON),
            })
        }
        _ => return None,
    })
}

#[test]
fn every_good_example_passes_all_rules() {
    let mut described = Vec::new();
    for rule in RULES {
        let Some(directory) = root(rule) else {
            described.push(rule.id);
            continue;
        };
        // Examples are short; only that of `formatting` shows the format.
        let directory = if rule.id == "formatting" {
            directory.file(&home("example.com"), good_example(rule).1)
        } else {
            directory.run(&["fmt"]).ends_with(0);
            directory
        };
        let run = directory.run(&["check", "--deny", "warnings"]);
        assert_eq!(
            run.code,
            Some(0),
            "{}: {}{}",
            rule.id,
            run.stdout,
            run.stderr
        );
    }
    // These have no example that can be checked.
    let expected = [
        "unreadable-file",
        "file-size",
        "file-mode",
        "json-encoding",
        "icon-size",
        "icon-broken",
        "svg-file-size",
        "templates",
        "internal-error",
        "manifest",
        "signature",
        "missing-file",
        "altered-file",
        "extra-file",
    ];
    assert_eq!(described, expected);
}

#[test]
fn the_sample_entry_for_contributors_is_canonical() {
    let document = fs::read_to_string(project().join("CONTRIBUTING.md")).unwrap();
    let sample = document
        .split("```json\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let directory = Directory::empty().file(&home("example.com"), sample);
    directory.run(&["check", "--deny", "warnings"]).ends_with(0);
    directory.run(&["fmt", "--check"]).ends_with(0);
}
