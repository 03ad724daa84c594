//! Machine-readable reports: GitHub annotations, SARIF, and JSON.

use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::Value;
use snapbox::str;
use tfadir::report::json::VERSION;

use crate::common::{Directory, Run, Tfadir, entry, files, names, project};

const FILE: &str = "entries/b/b.example.json";

/// A root with a valid entry, and an entry with a misspelled method in column 35.
fn faulty() -> Directory {
    Directory::new().file(FILE, entry("B", "b.example").replace("totp", "topt"))
}

fn parsed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

/// The roots with errors of every rule.
fn roots_with_errors() -> Vec<PathBuf> {
    let folder = project().join("tests/rules");
    let roots: Vec<PathBuf> = names(&folder).iter().map(|id| folder.join(id)).collect();
    assert!(roots.len() > 10, "{roots:?}");
    roots
}

fn check(root: &std::path::Path, format: &str) -> Run {
    Tfadir::new(&["check", "--root", ".", "--format", format])
        .folder(root)
        .run()
}

#[track_caller]
fn assert_valid(validator: &Validator, told: &Value) {
    let errors: Vec<String> = validator
        .iter_errors(told)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}\n{told:#}");
}

#[test]
fn github_gets_a_command_for_each_finding() {
    let run = faulty()
        .run(&["check", "--format", "github", "--rule", "schema"])
        .ends_with(1);
    let start = format!(
        "::error file={FILE},line=5,endLine=5,col=7,endColumn=13,title=schema::\
         unknown method `topt`; did you mean `totp`?%0A"
    );
    assert!(run.stdout.starts_with(&start), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
    let run = Directory::new().run(&["check", "--format", "github", "--rule", "schema"]);
    assert_eq!(run.ends_with(0).stdout, "");
}

#[test]
fn in_github_actions_annotations_are_written_unless_another_form_is_asked_for() {
    let outer = Directory::empty().file(&format!("data/{FILE}"), "{}");
    let run = |args: &[&str]| {
        Tfadir::new(&[&["check", "--root", "data"], args].concat())
            .folder(outer.path())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_WORKSPACE", outer.path())
            .run()
            .ends_with(1)
    };
    // Paths are relative to the repository.
    let start = format!("::error file=data/{FILE},title=one-site-per-file::");
    assert!(run(&[]).stdout.starts_with(&start));
    assert!(run(&["--format", "auto"]).stdout.starts_with(&start));
    assert!(
        run(&["--format", "human"])
            .stdout
            .starts_with("error[one-site-per-file]: ")
    );
}

#[test]
fn no_entry_can_send_commands_to_the_github_runner() {
    let hostile = entry(r"a\n::error::x\r##[add-path]y", "b.example").replace("totp", "##[group]");
    let directory = Directory::new().file(FILE, hostile);
    #[cfg(unix)]
    let directory = directory.file("entries/b/\n::stop-commands::x\r\n##[add-path]z.txt", "");
    let run = directory.run(&["check", "--format", "github"]).ends_with(1);
    assert!(run.stdout.contains("##(group]"), "{}", run.stdout);
    for text in [run.stdout, run.stderr] {
        assert!(!text.contains("##["), "{text}");
        let is_ours = |line: &str| line.starts_with("::error file=entries/b/");
        let commands = text
            .split(['\n', '\r'])
            .filter(|line| line.trim_start().starts_with("::"));
        for line in commands.filter(|line| !line.starts_with("::warning file=entries/")) {
            assert!(is_ours(line), "{line}");
        }
    }
}

#[test]
fn a_command_without_findings_has_no_sarif() {
    let run = Directory::new()
        .run(&["stats", "--format", "sarif"])
        .ends_with(2);
    run.says("use human, github or json");
    Directory::new()
        .run(&["check", "--format", "lines"])
        .ends_with(2)
        .says("markdown or sarif");
}

#[test]
fn a_summary_is_added_to_the_file_that_github_names() {
    let directory = faulty().file("summary.md", "before\n");
    let summary = directory.path().join("summary.md");
    let run = Tfadir::new(&["check", "--format", "github"])
        .folder(directory.path())
        .env("GITHUB_STEP_SUMMARY", &summary)
        .run();
    run.ends_with(1);
    let text = fs::read_to_string(&summary).unwrap();
    assert!(text.starts_with("before\n"), "{text}");
    assert!(
        text.contains("\n## tfadir check: 1 error in 1 file\n"),
        "{text}"
    );
    assert!(
        text.contains("| `entries/b/b.example.json:5:7` | unknown method `topt`"),
        "{text}"
    );
    // A later summary of the same step begins with a heading, which needs a blank line before it.
    assert!(text.ends_with("\n\n"), "{text}");
}

#[test]
fn the_summary_and_the_comment_contain_each_fixed_file() {
    let wrong = entry("B", "b.example")
        .replace("totp", "topt")
        .replace("2fa\",", "2fa\"");
    let directory = Directory::new().file("entries/B.json", &wrong).file(
        "entries/g/good.example.json",
        entry("Good", "good.example").replace("  ", " "),
    );
    let before = files(directory.path());
    let comment = directory
        .run(&["check", "--format", "markdown"])
        .ends_with(1)
        .stdout;
    assert_eq!(files(directory.path()), before);
    let fixed = |path: &str, domain: &str, name: &str| {
        let text = entry(name, domain);
        let start = format!("<details><summary>{path}</summary>\n");
        let block = comment
            .split(&start)
            .nth(1)
            .unwrap_or_else(|| panic!("{comment}"));
        let block = block.split("</details>").next().unwrap().to_owned();
        assert!(
            block.contains(&format!("\n```json\n{text}```\n")),
            "{block}"
        );
        block
    };
    let block = fixed("entries/B.json", "b.example", "B");
    assert!(
        block.contains("- rename it to `entries/b/b.example.json`\n"),
        "{block}"
    );
    fixed("entries/g/good.example.json", "good.example", "Good");
    // A file with errors comes before one with warnings.
    assert!(
        comment.find("<summary>entries/B.json").unwrap()
            < comment.find("<summary>entries/g").unwrap()
    );

    let run = |format: &str| {
        let path = directory.path().join("summary.md");
        let run = Tfadir::new(&["check", "entries/B.json", "--format", format])
            .folder(directory.path())
            .env("GITHUB_STEP_SUMMARY", &path)
            .env("GITHUB_WORKSPACE", directory.path())
            .env("GITHUB_SERVER_URL", "https://github.example")
            .env("GITHUB_REPOSITORY", "o/r")
            .env("GITHUB_SHA", "abc")
            .run();
        (run.stdout, fs::read_to_string(&path).unwrap_or_default())
    };
    let (comment, nothing) = run("markdown");
    let (_, summary) = run("github");
    assert_eq!(nothing, "");
    assert_eq!(summary, format!("{comment}\n"));
    assert!(
        comment.contains("](https://github.example/o/r/blob/abc/entries/B.json"),
        "{comment}"
    );
    assert!(!comment.contains("entries/g/"), "{comment}");
}

#[test]
fn one_run_writes_several_reports() {
    let directory = Directory::new().file(FILE, entry("B", "b.example").replace("totp", "topt"));
    let printed = |format: &str| {
        directory
            .run(&["check", "--format", format])
            .ends_with(1)
            .stdout
    };
    let files = [
        "markdown=comment.md",
        "sarif=report.sarif",
        "json=report.json",
    ];
    let args = files.iter().flat_map(|file| ["--write", file]);
    let args: Vec<&str> = ["check"].into_iter().chain(args).collect();
    let run = directory.run(&args).ends_with(1);
    assert_eq!(run.stdout, directory.run(&["check"]).stdout);
    for file in files {
        let (format, name) = file.split_once('=').unwrap();
        let written = fs::read_to_string(directory.path().join(name)).unwrap();
        assert_eq!(written, printed(format), "{format}");
    }
    directory
        .run(&["check", "--write", "human=x"])
        .ends_with(2)
        .reports(str![[r#"
error: invalid value 'human=x' for '--write <FORMAT=FILE>': unknown format; use markdown, sarif or json

For more information, try '--help'.

"#]]);
    directory
        .run(&["check", "--write", "markdown=no/such/folder.md"])
        .ends_with(2)
        .reports(str![[r#"
error: cannot write `no/such/folder.md`: No such file or directory (os error 2)

"#]]);
}

#[test]
fn nothing_in_an_entry_becomes_markdown_or_a_command() {
    let hostile = entry(r"a`](x) ##[add-path]y", "b.example").replace("totp", "::error::|<b>@me");
    let directory = Directory::new().file(FILE, hostile.replace("    ", "::x"));
    let page = directory
        .run(&["check", "--format", "markdown"])
        .ends_with(1)
        .stdout;
    assert!(!page.contains("##["), "{page}");
    assert!(
        !page.lines().any(|line| line.trim_start().starts_with("::")),
        "{page}"
    );
}

#[test]
fn a_report_is_also_written_if_the_settings_are_broken() {
    let directory = Directory::new().file("directory.toml", "nmae = 'X'\n");
    directory
        .run(&[
            "check",
            "--write",
            "markdown=x.md",
            "--write",
            "json=x.json",
        ])
        .ends_with(2);
    let read = |path: &str| fs::read_to_string(directory.path().join(path)).unwrap();
    assert!(
        read("x.md").contains("unknown field `nmae`"),
        "{}",
        read("x.md")
    );
    let report: Value = serde_json::from_str(&read("x.json")).unwrap();
    assert_eq!(report["findings"][0]["rule"], "settings", "{report}");
}

#[test]
fn only_check_and_diff_write_markdown() {
    for args in [
        &["build", "--format", "markdown"][..],
        &["check", "--format", "algolia"],
    ] {
        Directory::new()
            .run(args)
            .ends_with(2)
            .says("has no format");
    }
}

#[test]
fn sarif_contains_every_finding_with_its_rule_and_region() {
    let told = faulty().run(&["check", "--format", "sarif"]).ends_with(1);
    let log = parsed(&told);
    // The log is on one line: code scanning limits its size.
    assert_eq!(told.stdout.lines().count(), 1);
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(
            run["tool"]["driver"]["rules"][index]["id"],
            result["ruleId"]
        );
    }
    let result = results.iter().find(|it| it["ruleId"] == "schema").unwrap();
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], FILE);
    let region = &location["region"];
    let expected = serde_json::json!(
        { "startLine": 5, "startColumn": 7, "endLine": 5, "endColumn": 13 }
    );
    assert_eq!(*region, expected);
}

#[test]
fn sarif_of_a_good_directory_has_a_run_without_results() {
    let directory = Directory::new();
    let told = directory
        .run(&["check", "--format", "sarif", "--rule", "schema"])
        .ends_with(0);
    let log = parsed(&told);
    assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
    assert_eq!(
        log["runs"][0]["invocations"][0]["executionSuccessful"],
        true
    );
}

#[test]
#[ignore = "needs the official schema, which .ci/run fetches"]
fn sarif_meets_the_official_schema() {
    let path = std::env::var_os("SARIF_SCHEMA");
    let path = path.unwrap_or_else(|| panic!("SARIF_SCHEMA names no file"));
    let mut schema: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    // A stray bracket makes these patterns invalid; our logs have no such field.
    for definition in ["run", "toolComponent"] {
        let fields = &mut schema["definitions"][definition]["properties"];
        fields["language"]
            .as_object_mut()
            .unwrap()
            .remove("pattern");
    }
    assert_eq!(
        schema["definitions"]["result"]["required"],
        serde_json::json!(["message"])
    );
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .offline()
        .build(&schema)
        .unwrap();
    assert!(!validator.is_valid(&serde_json::json!({ "version": "2.1.0" })));
    let mut results = 0;
    for root in roots_with_errors() {
        let log = parsed(&check(&root, "sarif"));
        assert_valid(&validator, &log);
        results += log["runs"][0]["results"].as_array().unwrap().len();
    }
    assert!(results > 30, "{results}");
    let good = Directory::new().run(&["check", "--format", "sarif", "--rule", "schema"]);
    assert_valid(&validator, &parsed(&good));
}

fn report_schema() -> Value {
    let text = fs::read_to_string(project().join("schemas/report.schema.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// A validator for a definition in the report schema.
fn report_validator(definition: &str) -> Validator {
    let mut schema = report_schema();
    schema.as_object_mut().unwrap().remove("oneOf");
    schema["$ref"] = Value::from(format!("#/$defs/{definition}"));
    jsonschema::options()
        .should_validate_formats(true)
        .offline()
        .build(&schema)
        .unwrap()
}

#[test]
fn reports_in_json_meet_their_schema() {
    let validator = report_validator("report");
    let mut findings = 0;
    for root in roots_with_errors() {
        let told = parsed(&check(&root, "json"));
        assert_valid(&validator, &told);
        assert_eq!(told["version"], VERSION);
        let list = told["findings"].as_array().unwrap();
        for (field, severity) in [
            ("errors", "error"),
            ("warnings", "warning"),
            ("notes", "note"),
        ] {
            let number = list.iter().filter(|it| it["severity"] == severity).count();
            assert_eq!(told[field], number, "{field} in {}", root.display());
        }
        findings += list.len();
    }
    assert!(findings > 30, "{findings}");
}

#[test]
fn the_report_counts_entries_icons_and_findings_that_were_not_asked_for() {
    let directory = faulty().file("img/b/b.example.svg", "no picture");
    let all = parsed(&directory.run(&["check", "--format", "json"]).ends_with(1));
    assert_eq!(
        (&all["entries"], &all["icons"], &all["hidden"]),
        (&2.into(), &1.into(), &0.into())
    );
    let found = all["findings"].as_array().unwrap().len();
    let some = parsed(&directory.run(&["check", "--format", "json", "--rule", "schema"]));
    assert_eq!(some["findings"].as_array().unwrap().len(), 1);
    assert_eq!(some["hidden"], found - 1);
    assert_eq!(some["fixed"], serde_json::json!([]));
    assert_valid(&report_validator("report"), &some);
}

#[test]
fn the_report_lists_what_was_fixed() {
    let url = r#""domain":"b.example","url":"https://b.example","#;
    let content = entry("B", "b.example").replace(r#""domain":"b.example","#, url);
    let directory = Directory::new().file("entries/x/other.json", content);
    let told = parsed(&directory.run(&["check", "--fix", "--format", "json"]));
    assert_valid(&report_validator("report"), &told);
    let fixed = told["fixed"].as_array().unwrap();
    let moved = fixed
        .iter()
        .find(|it| it["path"] == "entries/x/other.json")
        .unwrap();
    assert_eq!(moved["moved_to"], FILE);
    assert!(directory.path().join(FILE).is_file());
}

#[test]
fn failures_in_json_meet_the_schema() {
    let validator = report_validator("failure");
    let nowhere = Directory::empty()
        .run(&["check", "--format", "json"])
        .ends_with(2);
    assert_valid(&validator, &parsed(&nowhere));
    let settings = Directory::new().file("directory.toml", "nmae = 'x'\n");
    let told = parsed(&settings.run(&["check", "--format", "json"]).ends_with(2));
    assert_valid(&validator, &told);
    assert_eq!(told["findings"].as_array().unwrap().len(), 1);
}

#[test]
fn the_report_schema_distinguishes_reports_from_failures() {
    let validator = jsonschema::validator_for(&report_schema()).unwrap();
    let failure = serde_json::json!(
        { "version": 1, "tool": "tfadir 0.1.0", "error": "x", "findings": [] }
    );
    assert_valid(&validator, &failure);
    for (field, value) in [
        ("version", 2.into()),
        ("tool", "tfadir".into()),
        ("errors", Value::from(0)),
    ] {
        let mut changed = failure.clone();
        changed[field] = value;
        assert!(!validator.is_valid(&changed), "{changed}");
    }
}

#[test]
fn every_part_of_a_report_has_a_title_and_a_description() {
    let schema = report_schema();
    let definitions = schema["$defs"].as_object().unwrap();
    let mut fields = 0;
    for (name, part) in definitions {
        assert!(
            part["title"].is_string() && part["description"].is_string(),
            "{name}"
        );
        for (field, part) in part["properties"].as_object().into_iter().flatten() {
            assert!(part["description"].is_string(), "{name}/{field}");
            assert!(
                part["title"].is_string() || part["$ref"].is_string(),
                "{name}/{field}"
            );
            fields += 1;
        }
        let is_closed = part["type"] != "object" || part["additionalProperties"] == false;
        assert!(is_closed, "{name}");
    }
    assert!(fields > 30, "{fields}");
}
