//! `openapi.json`, compared with the files of a build and checked by a public validator.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::common::{Directory, files, project};

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
fn every_reference_in_the_description_has_a_target() {
    let directory = Directory::new();
    let description = description(&directory);
    let mut references = Vec::new();
    all("$ref", &description, &mut references);
    assert!(references.len() > 18);
    for reference in references {
        let reference = reference.as_str().unwrap();
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let document = match file {
            "" => description.clone(),
            file => {
                let bytes = fs::read(directory.dist().join(file)).unwrap();
                serde_json::from_slice(&bytes).unwrap()
            }
        };
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
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
