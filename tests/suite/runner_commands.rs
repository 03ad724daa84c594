//! Workflow commands: whatever is in a file, in its name or in an argument, no line that any command
//! prints or writes to a report is a command to the runner of GitHub Actions.

use std::fs;

use clap::{Arg, ArgAction, CommandFactory};
use rayon::prelude::*;
use tfadir::cli::Cli;

use crate::common::{Directory, Tfadir, command, copy, entry};
use crate::keys::{builder, public, secret};

/// What some program takes for a line end.
const ENDS: [char; 7] = [
    '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
];

/// A part of a file, or an argument.
const HOSTILE: &str = "x\n::error::x##[add-path]y";

/// A command with the arguments that it needs.
const COMMANDS: &[&[&str]] = &[
    &["build", "--unsigned"],
    &["sign", "--key", "key.asc"],
    &["verify", "dist", "--cert", "cert.asc"],
    &["init"],
    &["new", "b.example", "--name", HOSTILE],
    &["check"],
    &["diff", "earlier", "."],
    &["stats"],
    &["links"],
    &["settings"],
    &["fmt"],
    &["explain", "schema"],
    &["key", "generate", "--email", HOSTILE, "--out", "new.asc"],
    &["key", "extend", "key.asc", "--for", "2y"],
    &["key", "show", "key.asc"],
    &["key", "check", "key.asc"],
    &["key", "publish", "cert.asc", "--out", "published"],
    &["completions", "bash"],
    &["man", "pages"],
];

/// A command that does not end. Its messages are those of `build`.
const ENDLESS: &str = "serve";

/// The commands that print parts of files.
const QUOTING: [&str; 2] = ["check", "diff"];

/// The formats in which the flags of these commands are tested. Output in SARIF and for Algolia does not
/// depend on flags.
const FORMATS_WITH_OPTIONS: [&str; 5] = ["human", "github", "json", "markdown", "lines"];

/// The commands that say more if entries are valid, or if they are not.
const READING: [&str; 7] = [
    "build", "check", "diff", "stats", "links", "settings", "fmt",
];

/// The definition of a command, with the global options.
fn definition(args: &[&str]) -> clap::Command {
    let mut definition = Cli::command();
    definition.build();
    for name in args {
        match definition.find_subcommand(name) {
            Some(inner) => definition = inner.clone(),
            None => break,
        }
    }
    definition
}

/// The ways to pass an option.
fn uses(option: &Arg) -> Vec<Vec<String>> {
    let Some(long) = option.get_long() else {
        return Vec::new();
    };
    let name = format!("--{long}");
    let known: Vec<String> = option
        .get_possible_values()
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect();
    match option.get_action() {
        ArgAction::Set | ArgAction::Append if long == "write" => ["markdown", "sarif", "json"]
            .iter()
            .chain(&["algolia", "lines"])
            .map(|format| vec![name.clone(), format!("{format}=report")])
            .collect(),
        ArgAction::Set | ArgAction::Append if known.is_empty() => {
            vec![vec![name, HOSTILE.to_owned()]]
        }
        // Rules are many, and all are alike.
        ArgAction::Set | ArgAction::Append if known.len() > 10 => {
            vec![vec![name, known[0].clone()]]
        }
        ArgAction::Set | ArgAction::Append => known
            .into_iter()
            .map(|value| vec![name.clone(), value])
            .collect(),
        _ => vec![vec![name]],
    }
}

/// Every command with each option and each format, as the command line defines them.
fn command_lines() -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    for args in COMMANDS {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let words: Vec<&str> = args.iter().map(String::as_str).collect();
        let definition = definition(&words);
        let is_format = |option: &&Arg| option.get_long() == Some("format");
        let formats: Vec<Vec<String>> = definition
            .get_arguments()
            .filter(is_format)
            .flat_map(uses)
            .collect();
        for name in FORMATS_WITH_OPTIONS {
            assert!(formats.iter().any(|format| format[1] == name), "{name}");
        }
        let is_own =
            |option: &&Arg| !is_format(option) && (words[0] == "check" || !option.is_global_set());
        let options = definition.get_arguments().filter(is_own);
        let options: Vec<Vec<String>> = options.flat_map(uses).collect();
        let mut add = |more: &[&[String]]| lines.push([&[args.as_slice()], more].concat().concat());
        for format in &formats {
            add(&[format]);
            for option in &options {
                // What an option without a value shows depends on the format.
                let is_tried = FORMATS_WITH_OPTIONS.contains(&&*format[1]) && option.len() == 1;
                if QUOTING.contains(&words[0]) && is_tried {
                    add(&[option, format]);
                }
            }
        }
        for option in &options {
            add(&[option]);
        }
    }
    lines
}

#[test]
fn every_command_is_among_those_that_are_tried() {
    for inner in Cli::command().get_subcommands() {
        let name = inner.get_name();
        let is_tried = COMMANDS.iter().any(|args| args[0] == name) || name == ENDLESS;
        assert!(is_tried, "{name}");
        for deeper in inner.get_subcommands() {
            let args = [name, deeper.get_name()];
            assert!(
                COMMANDS.iter().any(|line| line.starts_with(&args)),
                "{args:?}"
            );
        }
    }
}

/// A root in which everything is hostile, with entries that are valid or not.
fn hostile_root(is_valid: bool) -> Directory {
    let cert = builder().add_userid(HOSTILE).generate().unwrap().0;
    let mut root = Directory::empty()
        .file(
            "earlier/entries/b/b.example.json",
            entry(HOSTILE, "b.example").replace('\n', " "),
        )
        .file("directory.toml", "name = '::error::x ##[add-path]y'\n")
        .file("key.asc", secret(&cert))
        .file("cert.asc", public(&cert))
        .file(
            "dist/manifest.json",
            format!("{{\"{}\": 1}}", HOSTILE.replace('\n', "\\n")),
        )
        .file("dist/\n::error::x##[add-path]y.json", "");
    for (index, end) in ENDS.iter().enumerate() {
        let domain = format!("k{index}.example");
        let path = format!("entries/k/{domain}.json");
        let escaped = format!("\\u{:04x}", u32::from(*end));
        let text = entry(
            &format!("K{index}{escaped}::error::x##[add-path]y"),
            &domain,
        )
        .replace("/2fa", "/##[add-path]::error::x");
        if is_valid {
            root = root.file(&path, text.replace(&escaped, " "));
            continue;
        }
        // Raw in a string, and between values, where JSON allows carriage returns only.
        let raw = text
            .replace("totp", &format!("{end}::error::x##[add-path]y"))
            .replace("\"tfa\"", "\r ::error::x\n\"tfa\"");
        root = root
            .file(&path, raw)
            .file(
                &format!("entries/f/f{index}.example.json"),
                text.replace("  ", "\t"),
            )
            .file(&format!("entries/k/{end}::error::x##[add-path]y.json"), "{")
            .file(
                &format!("img/k/{domain}.svg"),
                format!("<svg {end}::error::x##[add-path]y"),
            );
    }
    root
}

fn is_command(line: &str) -> bool {
    let is_ours = ["::error file=", "::warning file=", "::notice file="]
        .iter()
        .any(|start| line.starts_with(start));
    line.contains("##[") || (line.trim_start().starts_with("::") && !is_ours)
}

#[test]
fn no_line_of_an_output_is_a_command_for_the_github_runner() {
    let lines = command_lines();
    assert!(lines.len() > 200, "{}", lines.len());
    let (valid, invalid) = (hostile_root(true), hostile_root(false));
    lines.par_iter().for_each(|line| {
        // Commands about keys and the like read no entries.
        let originals: &[&Directory] = if READING.contains(&&*line[0]) {
            &[&valid, &invalid]
        } else {
            &[&valid]
        };
        for original in originals {
            let root = Directory::empty();
            copy(original.path(), root.path());
            let args: Vec<&str> = line.iter().map(String::as_str).collect();
            let run = Tfadir::new(&args)
                .folder(root.path())
                .env("GITHUB_ACTIONS", "true")
                .env("GITHUB_STEP_SUMMARY", root.path().join("summary"))
                .run();
            let written = ["report", "summary"]
                .map(|name| fs::read_to_string(root.path().join(name)).unwrap_or_default());
            for text in [&run.stdout, &run.stderr].into_iter().chain(&written) {
                for output in text.split(ENDS) {
                    assert!(!is_command(output), "{args:?}: {output}");
                }
            }
        }
    });
}

/// A file can have the name of an option.
#[test]
fn an_argument_that_cannot_be_used_is_no_command_for_the_github_runner() {
    for end in ENDS {
        for args in [
            &[&*format!("--x{end}::error::y##[add-path]z")][..],
            &[
                "check",
                &format!("--x{end}::error::y##[add-path]\u{1b}[31m"),
            ],
            &["explain", &format!("{end}::error::y")],
        ] {
            let run = Tfadir::new(args).run().ends_with(2);
            assert!(!run.stderr.contains('\u{1b}'), "{}", run.stderr);
            for output in run.stderr.split(ENDS) {
                assert!(!is_command(output), "{args:?}: {output}");
            }
        }
    }
    // Others are reported as before.
    let mut plain = command(env!("CARGO_BIN_EXE_tfadir"));
    let output = plain.args(["check", "--nonsense"]).output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(
        text.starts_with("error: unexpected argument '--nonsense' found"),
        "{text}"
    );
}

/// JSON has other names for the characters of a command, so no value changes.
#[test]
fn json_keeps_what_looks_like_a_command() {
    let root = hostile_root(true);
    for args in [&["settings"][..], &["settings", "--format", "json"]] {
        let run = root.run(args).ends_with(0);
        let settings: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(settings["name"], "::error::x ##[add-path]y");
    }
}
