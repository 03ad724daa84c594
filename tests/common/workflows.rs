//! A runner for the workflows in `docs/workflows/`: it runs every `run:` step with bash, and imitates the actions.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{Run, project};
use crate::server::Server;

/// Answers with the files in `answers/`, and keeps its arguments and the text that it is given.
const GH: &str = r#"#!/bin/bash
echo "$*" >>"$FAKE/gh.log"
args=("$@")
for ((i = 0; i < $#; i++)); do
  case ${args[i]} in
    --jq) filter=${args[i + 1]} ;;
    body=@* | *.md) cp "${args[i]#body=@}" "$FAKE/body.md" ;;
    repos/*/pulls) answer=pulls ;;
    repos/*/comments) answer=comments ;;
    list) answer=issues ;;
  esac
done
[ -z "$filter" ] || jq --raw-output "$filter" "$FAKE/answers/$answer.json"
"#;

/// Keeps what is sent to the search index; everything else is real.
const CURL: &str = r#"#!/bin/bash
case $* in
  *algolia.net*) cat >"$FAKE/curl.config"; echo "$*" >"$FAKE/curl.log"; cp "$RUNNER_TEMP/batch.json" "$FAKE" ;;
  *) exec /usr/bin/curl "$@" ;;
esac
"#;

/// What `uses:` steps leave behind, and the answers of GitHub.
pub struct Runner {
    pub root: PathBuf,
    folder: TempDir,
    /// Serves `https://api.directory.example`.
    pub api: Server,
    expressions: BTreeMap<String, String>,
}

/// The text of a value that is a string, a boolean or a number.
fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

impl Runner {
    pub fn new(root: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runner = Self {
            root: root.to_owned(),
            folder,
            api: Server::start(),
            expressions: BTreeMap::new(),
        };
        for path in ["programs", "answers", "temp", "artifacts"] {
            fs::create_dir(runner.path(path)).unwrap();
        }
        for (name, script) in [("gh", GH), ("curl", CURL)] {
            let path = runner.path("programs").join(name);
            fs::write(&path, script).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        runner
    }

    /// A file or folder of the runner, outside the checkout.
    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    /// The value of an expression in the steps that follow.
    pub fn set(&mut self, expression: &str, value: &str) {
        self.expressions
            .insert(expression.to_owned(), value.to_owned());
    }

    /// Replaces every `${{ expression }}`.
    fn expand(&self, value: &Value) -> String {
        let mut expanded = String::new();
        let mut rest = text(value);
        while let Some((before, after)) = rest.split_once("${{") {
            let (expression, after) = after.split_once("}}").unwrap();
            expanded.push_str(before);
            expanded.push_str(&self.value(expression.trim()));
            rest = after.to_owned();
        }
        let address = self.api.address.trim_end_matches('/');
        (expanded + &rest).replace("https://api.directory.example", address)
    }

    fn value(&self, expression: &str) -> String {
        match expression {
            "runner.temp" => self.path("temp").to_str().unwrap().to_owned(),
            "!cancelled()" | "!github.event.repository.fork" => "true".to_owned(),
            _ => self
                .expressions
                .get(expression)
                .unwrap_or_else(|| panic!("`{expression}`"))
                .clone(),
        }
    }

    /// Runs all jobs of a workflow, in their order, each with a new temporary folder. Every step must succeed.
    pub fn run(&self, workflow: &str) {
        assert_eq!(self.failures(workflow), Vec::<String>::new());
    }

    /// Runs a workflow as [`Self::run`] does, and returns the scripts of the steps that fail, with their output. After a
    /// failure, only steps with `!cancelled()` run.
    pub fn failures(&self, workflow: &str) -> Vec<String> {
        let path = project().join("docs/workflows").join(workflow);
        let workflow: Value = serde_saphyr::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        let is_skipped = |it: &Value| it.get("if").is_some_and(|it| self.expand(it) == "false");
        let mut failed = Vec::new();
        for job in workflow["jobs"]
            .as_object()
            .unwrap()
            .values()
            .filter(|it| !is_skipped(it))
        {
            fs::remove_dir_all(self.path("temp")).unwrap();
            fs::create_dir(self.path("temp")).unwrap();
            for step in job["steps"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|it| !is_skipped(it))
            {
                if failed.is_empty() || step["if"] == "${{ !cancelled() }}" {
                    failed.extend(self.step(step, &[&workflow["env"], &job["env"], &step["env"]]));
                }
            }
        }
        failed
    }

    /// Runs a step, and returns its script and output if it fails.
    fn step(&self, step: &Value, environments: &[&Value]) -> Option<String> {
        let with = |name: &str| step["with"].get(name).map(|it| self.expand(it));
        let artifact = || self.path("artifacts").join(with("name").unwrap());
        let Some(uses) = step["uses"].as_str() else {
            let variables = environments
                .iter()
                .filter_map(|it| it.as_object())
                .flatten();
            let variables = variables.map(|(name, value)| (name.clone(), self.expand(value)));
            return self.script(step["run"].as_str().unwrap(), variables.collect());
        };
        match uses.split('@').next().unwrap() {
            "actions/checkout" | "actions/deploy-pages" => {}
            "2factorauth/tfadir" => {
                let command = with("command").unwrap_or_else(|| "check".to_owned());
                let args = with("args").unwrap_or_default();
                let variables = vec![("COMMAND".into(), command), ("ARGS".into(), args)];
                return self.script(&action(), variables);
            }
            "actions/upload-artifact" => {
                let source = self.root.join(with("path").unwrap());
                fs::create_dir_all(artifact()).unwrap();
                fs::copy(&source, artifact().join(source.file_name().unwrap())).unwrap();
            }
            "actions/download-artifact" => {
                let target = with("path").unwrap();
                fs::create_dir_all(&target).unwrap();
                for item in fs::read_dir(artifact()).unwrap().map(Result::unwrap) {
                    fs::copy(item.path(), Path::new(&target).join(item.file_name())).unwrap();
                }
            }
            "actions/upload-pages-artifact" => {
                let site = self.path("site");
                let _ = fs::remove_dir_all(&site);
                let mut copy = Command::new("cp");
                copy.arg("-r").arg(with("path").unwrap()).arg(&site);
                Run::of(&mut copy, &self.root).ends_with(0);
            }
            "lycheeverse/lychee-action" => {
                let report = fs::read(self.path("answers/report.json")).unwrap();
                fs::write(self.root.join(with("output").unwrap()), report).unwrap();
            }
            other => panic!("an unknown action: {other}"),
        }
        None
    }

    /// Runs a script as GitHub does where no shell is named, and returns it and its output if it fails.
    fn script(&self, script: &str, variables: Vec<(String, String)>) -> Option<String> {
        let program = Path::new(env!("CARGO_BIN_EXE_tfadir")).parent().unwrap();
        let inherited = std::env::var("PATH").unwrap();
        let programs = self.path("programs");
        let path = format!("{}:{}:{inherited}", programs.display(), program.display());
        let mut command = Command::new("bash");
        command
            .args(["-e", "-c", script])
            .env_clear()
            .env("PATH", path);
        command
            .env("HOME", self.folder.path())
            .env("FAKE", self.folder.path());
        command.env("RUNNER_TEMP", self.path("temp"));
        command.env("GITHUB_STEP_SUMMARY", self.path("summary.md"));
        command
            .envs([("CI", "true"), ("GITHUB_ACTIONS", "true")])
            .envs(variables);
        let run = Run::of(&mut command, &self.root);
        (run.code != Some(0)).then(|| format!("{script}\n{}\n{}", run.stdout, run.stderr))
    }
}

/// The script of `action.yml` that runs tfadir.
fn action() -> String {
    let action = fs::read_to_string(project().join("action.yml")).unwrap();
    let action: Value = serde_saphyr::from_str(&action).unwrap();
    let steps = action["runs"]["steps"].as_array().unwrap();
    steps.last().unwrap()["run"].as_str().unwrap().to_owned()
}
