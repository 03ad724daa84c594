//! The command line and what it prints.

use crate::common::{Directory, Run, Tfadir, command, files, project};

#[test]
fn help_explains_every_command_and_option() {
    let commands = [
        "build",
        "new",
        "check",
        "diff",
        "settings",
        "stats",
        "links",
        "fmt",
        "explain",
        "key",
        "completions",
    ]
    .map(|it| vec![it, "--help"]);
    let of_key = ["generate", "show", "check", "publish"].map(|it| vec!["key", it, "--help"]);
    for args in commands.into_iter().chain(of_key).chain([vec!["--help"]]) {
        let run = Tfadir::new(&args).run().ends_with(0);
        assert!(run.stdout.contains("Usage: tfadir"), "{}", run.stdout);
        let lines: Vec<&str> = run.stdout.lines().map(str::trim).collect();
        for (index, line) in lines
            .iter()
            .enumerate()
            .filter(|(_, line)| line.starts_with("--"))
        {
            let is_explained = line.contains("  ") || !lines[index + 1].is_empty();
            assert!(is_explained, "not explained: {line}");
        }
    }
    Tfadir::new(&["build", "--help"])
        .run()
        .says("Examples:")
        .says("PGP_PASSWORD");
}

#[test]
fn the_help_shows_no_secret_from_the_environment() {
    let run = Tfadir::new(&["build", "--help"])
        .env("PGP_PASSWORD", "swordfish")
        .env("PGP_KEY", "swordfish")
        .env("PGP_KEY_ID", "swordfish")
        .run();
    assert!(!run.stdout.contains("swordfish"));
}

#[test]
fn the_version_names_the_crypto_backend() {
    Tfadir::new(&["--version"])
        .run()
        .ends_with(0)
        .says("crypto backend: OpenSSL");
}

/// What bash completes after these words, according to the script of `tfadir completions`.
fn completed(words: &[&str]) -> Vec<String> {
    let script = Tfadir::new(&["completions", "bash"])
        .run()
        .ends_with(0)
        .stdout;
    let code = r#"eval "$SCRIPT"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
_tfadir tfadir "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}""#;
    let mut shell = command("bash");
    shell
        .args(["--norc", "-c", code, "bash", "tfadir"])
        .args(words)
        .env("SCRIPT", script);
    let run = Run::of(&mut shell, std::path::Path::new(".")).ends_with(0);
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn a_shell_completes_commands_options_and_values() {
    assert_eq!(completed(&["che"]), ["check"]);
    assert_eq!(completed(&["key", "pu"]), ["publish"]);
    assert_eq!(completed(&["check", "--uns"]), ["--unsafe-fixes"]);
    assert_eq!(completed(&["explain", "icon-mi"]), ["icon-missing"]);
    assert_eq!(completed(&["diff", "--format", "mark"]), ["markdown"]);
}

#[test]
fn every_shell_has_a_completion_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let run = Tfadir::new(&["completions", shell]).run().ends_with(0);
        assert!(run.stdout.contains("unsafe-fixes"), "{shell}");
    }
    Tfadir::new(&["completions", "tcsh"])
        .run()
        .ends_with(2)
        .says("possible values: bash");
}

#[test]
fn every_command_has_a_manual_page() {
    let directory = Directory::empty();
    directory.run(&["man", "pages"]).ends_with(0);
    let pages = files(&directory.path().join("pages"));
    let text = |name: &str| String::from_utf8(pages[name].clone()).unwrap();
    for page in [
        "tfadir.1",
        "tfadir-check.1",
        "tfadir-new.1",
        "tfadir-key-generate.1",
    ] {
        assert!(
            pages.contains_key(page),
            "{page} is not in {:?}",
            pages.keys()
        );
    }
    assert!(!pages.contains_key("tfadir-man.1"));
    assert!(text("tfadir.1").contains("tfadir\\-check(1)"));
    let check = text("tfadir-check.1");
    assert!(check.contains("\\-\\-changed\\-since"), "{check}");
    // Each example keeps its own line.
    assert!(check.contains(".nf\nExamples:\n"), "{check}");
}

/// pre-commit adds the changed files to the command of a hook.
#[test]
fn every_hook_of_pre_commit_runs_on_the_files_that_it_is_given() {
    let hooks = std::fs::read_to_string(project().join(".pre-commit-hooks.yaml")).unwrap();
    let value = |line: &str, key: &str| line.trim().strip_prefix(key).map(str::to_owned);
    let commands: Vec<_> = hooks
        .lines()
        .filter_map(|it| value(it, "entry: tfadir "))
        .collect();
    assert_eq!(commands, ["check --quiet", "fmt"]);
    let directory = Directory::new();
    for command in commands {
        let args: Vec<&str> = command
            .split(' ')
            .chain(["entries/g/good.example.json"])
            .collect();
        directory.run(&args).ends_with(0);
    }
}

#[test]
#[ignore = "needs groff; .ci/run installs it and runs this"]
fn manual_pages_are_rendered_without_warnings() {
    let directory = Directory::empty();
    directory.run(&["man", "pages"]).ends_with(0);
    for page in crate::common::names(&directory.path().join("pages")) {
        let mut groff = command("groff");
        groff
            .args(["-k", "-man", "-Tutf8", "-ww", "-P-cbu"])
            .arg(format!("pages/{page}"));
        let run = Run::of(&mut groff, directory.path()).ends_with(0);
        assert_eq!(run.stderr, "", "{page}");
        assert!(run.stdout.contains("SYNOPSIS"), "{page}: {}", run.stdout);
    }
}

#[test]
fn an_invalid_command_line_is_a_failure_not_a_finding() {
    Tfadir::new(&["biuld"]).run().ends_with(2).says("build");
    Tfadir::new(&["build", "--unsigned", "--key", "x"])
        .run()
        .ends_with(2);
    Tfadir::new(&[]).run().ends_with(2).says("Usage");
}

#[test]
fn a_build_prints_a_few_lines_without_colour_to_a_pipe() {
    let directory = Directory::new();
    let run = directory.run(&["build", "--unsigned"]).ends_with(0);
    assert_eq!(run.stdout, "");
    let lines: Vec<&str> = run
        .stderr
        .lines()
        .map(|line| line.split(", in ").next().unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], "  Checked 1 entry in [ROOT]: no errors");
    assert_eq!(lines[1], "Not signed (`--unsigned`)");
    let files = files(&directory.dist()).len() - 1; // without the list of them
    let built = format!("    Built [ROOT]/dist: {files} files, ");
    assert!(lines[2].starts_with(&built), "{}", lines[2]);
    assert!(!run.stderr.contains('\u{1b}'));
}

#[test]
fn quiet_prints_nothing_and_verbose_names_every_file() {
    let directory = Directory::new();
    let run = directory
        .run(&["build", "--unsigned", "--quiet"])
        .ends_with(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    directory
        .run(&["build", "--unsigned", "-v"])
        .says("v4/all.json (")
        .says("emitted after");
}

#[test]
fn quiet_does_not_hide_findings() {
    let directory = Directory::new().file("entries/b/b.example.json", "{}");
    let run = directory.run(&["check", "--quiet"]).ends_with(1);
    assert!(run.stdout.contains("one-site-per-file"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn json_output_is_one_object_about_a_build() {
    let run = Directory::new()
        .run(&["build", "--format", "json"])
        .ends_with(0);
    let told: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(told["entries"], 1);
    assert_eq!(told["findings"], serde_json::json!([]));
    assert_eq!(told["signed"]["development"], true);
    assert_eq!(told["signed"]["keys"][0].as_str().unwrap().len(), 40);
    let files = told["files"].as_array().unwrap();
    let all = files
        .iter()
        .find(|file| file["path"] == "v3/all.json")
        .unwrap();
    assert_eq!(all["media_type"], "application/json");
    assert_eq!(all["count"], 1);
    assert!(all["size"].as_u64().unwrap() > 100);
}

#[test]
fn json_output_has_findings_with_lines_and_columns() {
    let directory = Directory::new().file(
        "entries/b/b.example.json",
        r#"{
  "B": {
    "notes": "é", "tfa": ["topt"]
  }
}"#,
    );
    for args in [
        &["check", "--format", "json"],
        &["build", "--format", "json"],
    ] {
        let run = directory.run(args).ends_with(1);
        let told: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = told["findings"].as_array().unwrap();
        let is_about_method = |it: &&serde_json::Value| it["message"].to_string().contains("topt");
        let finding = findings.iter().find(is_about_method).unwrap();
        assert_eq!(finding["rule"], "schema");
        assert_eq!(finding["severity"], "error");
        assert_eq!(finding["path"], "entries/b/b.example.json");
        // The column counts characters: `é` is one.
        assert_eq!(
            (&finding["line"], &finding["column"]),
            (&3.into(), &27.into())
        );
        assert_eq!(finding["end_column"], 33);
        assert!(
            finding["message"]
                .as_str()
                .unwrap()
                .contains("did you mean `totp`?")
        );
    }
}

#[test]
fn json_output_is_one_object_about_a_failure() {
    let run = Directory::empty()
        .run(&["build", "--format", "json"])
        .ends_with(2);
    let told: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(told["error"].as_str().unwrap().contains("--root"));
    assert_eq!(told["findings"], serde_json::json!([]));
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_a_failure() {
    let directory = Directory::new();
    let mut command = Tfadir::new(&["check", "--format", "json"])
        .folder(directory.path())
        .command();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let output = command.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("cannot write to standard output"));
}

#[test]
fn a_closed_pipe_does_not_crash() {
    let directory = Directory::new().file("entries/b/b.example.json", "{}");
    let mut command = Tfadir::new(&["check"]).folder(directory.path()).command();
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
