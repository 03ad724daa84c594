//! A version that only tests build. It shows that one file and one line in the table add a version.

use super::version::{Version, VersionInput};
use super::write_lists;
use crate::artifact::{Artifact, Examples};
use crate::failure::Result;
use crate::json_text;
use crate::schema::EmbeddedSchema;

/// Version 1000, which no real version will be: the names of all sites.
pub(super) struct Toy;

impl Version for Toy {
    fn number(&self) -> u64 {
        1000
    }

    fn form(&self) -> &'static str {
        "An array of names, as only a test would publish it."
    }

    fn unit(&self) -> &'static str {
        "names"
    }

    fn schema(&self) -> EmbeddedSchema {
        EmbeddedSchema {
            file: "v1000.schema.json",
            about: "JSON Schema of the files of version 1000.",
            text: r##"{ "$schema": "https://json-schema.org/draft/2020-12/schema",
                "title": "names", "description": "Names.", "type": "array",
                "items": { "$ref": "#/$defs/entry" },
                "$defs": { "entry": { "title": "name", "description": "A name.", "type": "string" } } }"##,
        }
    }

    fn schema_part(&self, _: &str) -> &'static str {
        ""
    }

    fn validated_parts(&self) -> &'static [&'static str] {
        &[""]
    }

    fn emit(&self, input: &VersionInput<'_>) -> Result<Vec<Artifact>> {
        let names: Vec<&str> = input.entries.iter().map(|entry| &*entry.name).collect();
        let parts = names
            .iter()
            .map(json_text::part)
            .collect::<Result<Vec<_>, _>>()?;
        let parts = names
            .iter()
            .copied()
            .zip(parts.iter().map(|part| &**part))
            .collect();
        let examples = Examples {
            rich: Some(b"[\"An example of the toy\"]".to_vec()),
            without: None,
        };
        write_lists(
            1000,
            vec![("all", "Every name of the toy.", parts)],
            examples,
            |parts| {
                json_text::write(
                    &parts.iter().map(|(_, part)| part).collect::<Vec<_>>(),
                    input.style,
                )
            },
        )
    }
}

#[test]
fn one_line_in_the_table_adds_a_version_everywhere() {
    use std::fs;

    use clap::Parser;

    use crate::cli::Cli;
    use crate::command;
    use crate::exit_code::ExitCode;

    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("dist");
    fs::create_dir_all(root.path().join("entries/e")).unwrap();
    let entry = r#"{"Example":{"domain":"example.com","tfa":["totp"],"categories":["email"]}}"#;
    fs::write(root.path().join("entries/e/example.com.json"), entry).unwrap();
    let settings = "[[versions]]\nnumber = 1000\n[[versions]]\nnumber = 4\n";
    fs::write(root.path().join("directory.toml"), settings).unwrap();

    let args = ["tfadir", "build", "--unsigned", "--quiet", "--root"].map(Into::into);
    let args = args.into_iter().chain([root.path().as_os_str().to_owned()]);
    assert_eq!(command::run(&Cli::parse_from(args)), ExitCode::Success);

    let read = |path: &str| fs::read_to_string(out.join(path)).unwrap();
    assert_eq!(read("v1000/all.json"), r#"["Example"]"#);
    let openapi: serde_json::Value = serde_json::from_str(&read("openapi.json")).unwrap();
    let described = &openapi["paths"]["/v1000/all.json"]["get"];
    assert_eq!(described["summary"], "Every name of the toy.");
    let schema = &described["responses"]["200"]["content"]["application/json"]["schema"];
    assert_eq!(schema["$ref"], "#/components/schemas/V1000");
    assert!(read("manifest.json").contains("\"v1000/all.json\""));
    let page = read("v1000/index.html");
    for shown in [
        "as only a test would publish it",
        "1 names, ",
        "An example of the toy",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(read("index.html").contains("href=\"v1000/index.html\""));
    assert!(read("schemas/v1000.schema.json").contains("/schemas/v1000.schema.json"));
}
