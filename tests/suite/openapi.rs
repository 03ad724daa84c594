//! `openapi.json`, compared with the files of a build and checked by a public validator.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::common::{Directory, entry, files, project, temporary_folder};
use crate::server::Server;

fn description(directory: &Directory) -> Value {
    directory.run(&["build"]).ends_with(0);
    serde_json::from_slice(&fs::read(directory.dist().join("openapi.json")).unwrap()).unwrap()
}

/// The values of all fields of this name.
fn all<'v>(name: &str, value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get(name));
            fields.values().for_each(|field| all(name, field, found));
        }
        Value::Array(elements) => elements
            .iter()
            .for_each(|element| all(name, element, found)),
        _ => {}
    }
}

#[test]
fn the_description_has_a_path_for_every_file_of_the_api_and_no_other() {
    let directory = Directory::new();
    let description = description(&directory);
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        let path = path.trim_start_matches('/');
        let names = item["parameters"][0]["schema"]["enum"].as_array();
        match names {
            None => drop(described.insert(path.to_owned())),
            Some(names) => described.extend(
                names
                    .iter()
                    .map(|name| path.replace("{file}", name.as_str().unwrap())),
            ),
        }
    }
    let is_data = |path: &String| {
        let undocumented = ["openapi.json", "site-index.json", "frontend/"];
        let is_documented = !undocumented.iter().any(|it| path.starts_with(it));
        path.contains(".json") && is_documented || path == "key.asc"
    };
    let files: BTreeSet<String> = files(&directory.dist())
        .into_keys()
        .filter(is_data)
        .collect();
    assert_eq!(described, files);
}

#[test]
fn the_description_contains_everything_that_it_refers_to() {
    let description = description(&Directory::new());
    let mut references = Vec::new();
    all("$ref", &description, &mut references);
    assert!(references.len() > 18);
    for reference in references {
        let reference = reference.as_str().unwrap();
        let pointer = reference.strip_prefix('#').expect(reference);
        assert!(description.pointer(pointer).is_some(), "{reference}");
    }
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for name in ["V4", "Entry", "V3Sites", "V3Entry", "Manifest", "Stats"] {
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[test]
fn every_operation_has_an_example_and_says_which_answers_there_are() {
    let description = description(&Directory::new());
    assert_eq!(description["security"], serde_json::json!([]));
    for (path, item) in description["paths"].as_object().unwrap() {
        let responses = item["get"]["responses"].as_object().unwrap();
        let statuses: Vec<&str> = responses.keys().map(String::as_str).collect();
        assert_eq!(statuses, ["200", "304", "404", "429"], "{path}");
        let content = responses["200"]["content"].as_object().unwrap();
        let has_example = content.values().all(|body| body.get("example").is_some());
        let is_signature = item["parameters"][0]["example"].is_string();
        assert!(has_example || is_signature, "{path}");
    }
}

#[test]
fn the_example_of_a_file_is_one_site_even_if_every_site_is_long() {
    let notes = format!("\"notes\": \"{}\", \"categories\"", ["long"; 200].join(" "));
    let long = |name, domain| entry(name, domain).replace("\"categories\"", &notes);
    let directory = Directory::new()
        .file("entries/g/good.example.json", long("Good", "good.example"))
        .file("entries/l/long.example.json", long("Long", "long.example"));
    let description = description(&directory);
    let example = |path: &str| {
        let content = &description["paths"][path]["get"]["responses"]["200"]["content"];
        content["application/json"]["example"].clone()
    };
    assert_eq!(example("/v3/all.json").as_array().unwrap().len(), 1);
    assert_eq!(example("/v4/all.json").as_object().unwrap().len(), 1);
}

#[test]
fn every_operation_has_a_unique_id() {
    let description = description(&Directory::new());
    let mut ids = Vec::new();
    all("operationId", &description, &mut ids);
    let distinct: BTreeSet<&str> = ids.iter().filter_map(|id| id.as_str()).collect();
    assert_eq!(distinct.len(), ids.len());
}

#[test]
#[ignore = "needs Node and a validator from npm; .ci/run installs them and runs this"]
fn a_public_validator_accepts_the_description() {
    let validate = |path: &Path| {
        assert!(
            std::env::var_os("INTEROP_NODE_MODULES").is_some(),
            "see .ci/run"
        );
        let script = project().join("tests/interop/openapi.mjs");
        Command::new("node").arg(script).arg(path).output().unwrap()
    };
    let directory = Directory::new();
    let mut description = description(&directory);
    let path = directory.dist().join("openapi.json");
    let output = validate(&path);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );

    description["paths"]["/v4/all.json"]["get"]["responses"]["200"]["description"] = Value::Null;
    fs::write(&path, serde_json::to_vec(&description).unwrap()).unwrap();
    let said = validate(&path).stderr;
    assert!(
        String::from_utf8_lossy(&said).contains("description"),
        "an error is accepted"
    );
}

/// A directory with every field of version 4.
fn every_field() -> Directory {
    let rich = r#"{"Rich":{"domain":"rich.example","tfa":["totp","custom-software","custom-hardware"],"custom-software":["App"],"custom-hardware":["Fob \"2\""],"documentation":"https://rich.example/2fa?a=b#c","recovery":"https://rich.example/lost","notes":"Only for “companies” – 日本.","categories":["other"],"additional-domains":["xn--mnchen-3ya.example"]}}"#;
    let none =
        r#"{"Old":{"domain":"old.example","contact":{"twitter":"old"},"categories":["other"]}}"#;
    Directory::new()
        .file("entries/r/rich.example.json", rich)
        .file("entries/o/old.example.json", none)
        .file("entries/b/b.example.json", entry("B", "b.example"))
}

/// Runs a program that `.ci/run` installed, with its name relative to the folder of a variable.
fn installed(variable: &str, program: &str, folder: &Path, args: &[&str]) -> Output {
    let value = std::env::var_os(variable);
    assert!(value.is_some(), "see .ci/run");
    let place = PathBuf::from(value.unwrap_or_default());
    let bin = if place.is_dir() {
        place.join(".bin")
    } else {
        place.parent().unwrap().to_owned()
    };
    let path = std::env::var("PATH").unwrap();
    Command::new(bin.join(program))
        .args(args)
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", bin.display()))
        .env("REDOCLY_TELEMETRY", "off")
        .env("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true")
        .output()
        .unwrap()
}

#[track_caller]
fn succeeds(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{errors}");
    said + &errors
}

#[test]
#[ignore = "needs Node and a linter from npm; .ci/run installs them and runs this"]
fn a_linter_finds_nothing_in_the_description() {
    let directory = every_field();
    description(&directory);
    let args = ["lint", "openapi.json"];
    let said = succeeds(&installed(
        "INTEROP_NODE_MODULES",
        "redocly",
        &directory.dist(),
        &args,
    ));
    assert!(said.contains("Your API description is valid"), "{said}");
    assert!(
        !said.contains("warning.") && !said.contains("warnings."),
        "{said}"
    );
}

#[test]
#[ignore = "needs Node and generators from npm; .ci/run installs them and runs this"]
fn a_generated_typescript_client_reads_every_entry() {
    let directory = every_field();
    description(&directory);
    let folder = temporary_folder();
    let api = directory.dist().join("openapi.json");
    let run = |program: &str, args: &[&str]| {
        succeeds(&installed(
            "INTEROP_NODE_MODULES",
            program,
            folder.path(),
            args,
        ))
    };
    run(
        "openapi-typescript",
        &[api.to_str().unwrap(), "--output", "api.d.ts"],
    );
    let client = project().join("tests/interop/client.ts");
    fs::copy(client, folder.path().join("client.ts")).unwrap();
    // The types of Node's own modules are in another package.
    let node = "declare module 'node:fs' { export function readFileSync(path: string, encoding: string): string }\ndeclare const process: { argv: string[] };\n";
    fs::write(folder.path().join("node.d.ts"), node).unwrap();
    fs::write(folder.path().join("package.json"), r#"{"type":"module"}"#).unwrap();
    #[rustfmt::skip]
    run("tsc", &["--strict", "--target", "es2022", "--lib", "es2022,dom", "--module", "nodenext", "client.ts", "node.d.ts"]);
    let server = Server::start();
    server.serve(&directory.dist());
    let output = Command::new("node")
        .arg(folder.path().join("client.js"))
        .arg(&server.address)
        .arg(directory.dist().join("v4/all.json"))
        .output()
        .unwrap();
    assert_eq!(succeeds(&output).trim(), "5");
}

#[test]
#[ignore = "needs Python and a generator from PyPI; .ci/run installs them and runs this"]
fn a_generated_python_client_reads_every_entry() {
    let directory = every_field();
    description(&directory);
    let folder = temporary_folder();
    let api = directory.dist().join("openapi.json");
    #[rustfmt::skip]
    let args = ["generate", "--path", api.to_str().unwrap(), "--meta", "none", "--output-path", "generated"];
    let said = succeeds(&installed(
        "INTEROP_PYTHON",
        "openapi-python-client",
        folder.path(),
        &args,
    ));
    // It knows no media types of OpenPGP.
    let mut warnings = said.lines().filter(|line| line.starts_with("WARNING"));
    assert!(
        warnings.all(|line| line.contains("{file}") || line.contains("/key.asc")),
        "{said}"
    );
    let client = project().join("tests/interop/client.py");
    fs::copy(client, folder.path().join("client.py")).unwrap();
    let server = Server::start();
    server.serve(&directory.dist());
    let all = directory.dist().join("v4/all.json");
    let args = ["client.py", &server.address, all.to_str().unwrap()];
    let output = installed("INTEROP_PYTHON", "python", folder.path(), &args);
    assert_eq!(succeeds(&output).trim(), "5");
}
