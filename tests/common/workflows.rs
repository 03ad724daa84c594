//! A runner for the callers in `docs/workflows/` and the reusable workflows in `.github/workflows/`: it runs every
//! `run:` step with bash, and imitates the actions.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{Run, make_executable, project, temporary_folder};
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

/// Keeps what is sent to the search index, and asks the local server for the published files.
const CURL: &str = r#"#!/bin/bash
case $* in
  *algolia.net*) cat >"$FAKE/curl.config"; echo "$*" >"$FAKE/curl.log"; cp "$RUNNER_TEMP/batch.json" "$FAKE" ;;
  *) exec /usr/bin/curl "${@/https:\/\/api.directory.example\//$SERVER}" ;;
esac
"#;

/// Where the callers find the reusable workflows.
const REUSABLE: &str = "2factorauth/tfadir/.github/workflows/";

/// What `uses:` steps leave behind, and the answers of GitHub.
pub struct Runner {
    pub root: PathBuf,
    folder: TempDir,
    /// Serves `https://api.directory.example/`.
    pub api: Server,
    expressions: BTreeMap<String, String>,
}

/// The text of a value that is a string, a boolean or a number.
fn text(value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    }
}

/// What GitHub takes for `false` in a condition.
fn is_false(value: &str) -> bool {
    matches!(value, "" | "false")
}

fn read_yaml(path: &Path) -> Value {
    let text = fs::read_to_string(path).unwrap_or_else(|_| panic!("{}", path.display()));
    serde_saphyr::from_str(&text).unwrap()
}

/// The members of an object, or nothing.
fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

impl Runner {
    pub fn new(root: &Path) -> Self {
        let folder = temporary_folder();
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
            make_executable(&path);
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

    /// The value of a name in the expressions that follow.
    pub fn set(&mut self, name: &str, value: &str) {
        self.expressions.insert(name.to_owned(), value.to_owned());
    }

    /// Sets what GitHub or a link checker answers.
    pub fn answer(&self, name: &str, value: impl std::fmt::Display) {
        fs::write(self.path("answers").join(name), value.to_string()).unwrap();
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
        expanded + &rest
    }

    /// The value of an expression of names, `!`, `&&` and `||`.
    fn value(&self, expression: &str) -> String {
        if let Some((left, right)) = expression.split_once(" || ") {
            let left = self.value(left);
            return if is_false(&left) {
                self.value(right)
            } else {
                left
            };
        }
        if let Some((left, right)) = expression.split_once(" && ") {
            let left = self.value(left);
            return if is_false(&left) {
                left
            } else {
                self.value(right)
            };
        }
        if let Some(negated) = expression.strip_prefix('!') {
            return is_false(&self.value(negated)).to_string();
        }
        match expression {
            "runner.temp" => self.path("temp").to_str().unwrap().to_owned(),
            "false" | "cancelled()" | "github.event.repository.fork" => "false".to_owned(),
            name => match self.expressions.get(name) {
                Some(value) => value.clone(),
                // A name that exists, but has no value.
                None if name.starts_with("steps.") || name.starts_with("inputs.") => String::new(),
                None => panic!("`{name}`"),
            },
        }
    }

    fn is_skipped(&self, part: &Value) -> bool {
        let condition = part.get("if");
        condition.is_some_and(|condition| is_false(&self.expand(condition)))
    }

    /// Runs all jobs of a workflow, in their order, each with a new temporary folder. Every step must succeed.
    pub fn run(&mut self, workflow: &str) {
        assert_eq!(self.failures(workflow), Vec::<String>::new());
    }

    /// Runs a caller in `docs/workflows/`, and returns the scripts of the steps that fail, with their output.
    pub fn failures(&mut self, caller: &str) -> Vec<String> {
        self.failures_of(&project().join("docs/workflows").join(caller))
    }

    /// As [`Self::failures`], for a caller at any path.
    pub fn failures_of(&mut self, caller: &Path) -> Vec<String> {
        let caller = read_yaml(caller);
        let mut failed = Vec::new();
        for (_, job) in members(&caller["jobs"]) {
            failed.extend(self.call(job));
        }
        failed
    }

    /// Runs the reusable workflow that a job calls, with its inputs and those secrets that it passes.
    fn call(&mut self, job: &Value) -> Vec<String> {
        let (workflow, version) = job["uses"].as_str().unwrap().split_once('@').unwrap();
        assert_eq!(version, concat!("v", env!("CARGO_PKG_VERSION")));
        let file = workflow.strip_prefix(REUSABLE).unwrap();
        let workflow = read_yaml(&project().join(".github/workflows").join(file));
        let declared = &workflow["on"]["workflow_call"];
        let outside = self.expressions.clone();
        for (name, input) in members(&declared["inputs"]) {
            let value = match job["with"].get(name) {
                Some(value) => self.expand(value),
                None => text(&input["default"]),
            };
            self.set(&format!("inputs.{name}"), &value);
        }
        for (name, _) in members(&job["with"]) {
            assert!(declared["inputs"].get(name).is_some(), "no input `{name}`");
        }
        for (name, _) in members(&declared["secrets"]) {
            let is_passed = job["secrets"].get(name).is_some();
            if !is_passed {
                self.set(&format!("secrets.{name}"), "");
            }
        }
        for (name, permission) in
            members(&workflow["jobs"]).flat_map(|(_, job)| members(&job["permissions"]))
        {
            assert_eq!(&job["permissions"][name], permission, "{file} needs {name}");
        }
        let failed = self.failures_in(&workflow);
        self.expressions = outside;
        failed
    }

    /// Runs the jobs of a reusable workflow. After a failure, only steps with `!cancelled()` run, and no further job.
    fn failures_in(&mut self, workflow: &Value) -> Vec<String> {
        let mut failed = Vec::new();
        for (_, job) in members(&workflow["jobs"]) {
            if !failed.is_empty() || self.is_skipped(job) {
                continue;
            }
            fs::remove_dir_all(self.path("temp")).unwrap();
            fs::create_dir(self.path("temp")).unwrap();
            let _ = fs::remove_file(self.path("env"));
            for step in job["steps"].as_array().unwrap() {
                let condition = step["if"].as_str().unwrap_or_default();
                let is_wanted = failed.is_empty() || condition.contains("!cancelled()");
                if is_wanted && !self.is_skipped(step) {
                    failed.extend(self.step(step, &[&workflow["env"], &job["env"], &step["env"]]));
                }
            }
        }
        failed
    }

    /// Runs a step, and returns its script and output if it fails.
    fn step(&mut self, step: &Value, environments: &[&Value]) -> Option<String> {
        let Some(uses) = step["uses"].as_str() else {
            let mut variables = Vec::new();
            for (name, value) in environments.iter().flat_map(|variables| members(variables)) {
                variables.push((name.clone(), self.expand(value)));
            }
            let _ = fs::remove_file(self.path("output"));
            let failure = self.script(step["run"].as_str().unwrap(), variables);
            let id = step["id"].as_str().unwrap_or_default();
            for (name, value) in self.assignments("output") {
                self.set(&format!("steps.{id}.outputs.{name}"), &value);
            }
            return failure;
        };
        let with = |name: &str| step["with"].get(name).map(|value| self.expand(value));
        let artifact = || self.path("artifacts").join(with("name").unwrap());
        match uses.split('@').next().unwrap() {
            // Nothing is left of an earlier run.
            "actions/checkout" => {
                let mut git = Command::new("git");
                Run::of(git.args(["clean", "-ffdxq"]), &self.root).ends_with(0);
            }
            "actions/deploy-pages" => {}
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
            // Keeps the list of links, and answers with the report.
            "lycheeverse/lychee-action" => {
                let args = with("args").unwrap();
                fs::copy(args.split(' ').next_back().unwrap(), self.path("links.txt")).unwrap();
                if let Some(output) = with("output") {
                    fs::copy(self.path("answers/report.json"), output).unwrap();
                }
            }
            other => panic!("an unknown action: {other}"),
        }
        None
    }

    /// The lines `name=value` that a script wrote to the file of `GITHUB_OUTPUT` or `GITHUB_ENV`.
    fn assignments(&self, file: &str) -> Vec<(String, String)> {
        let text = fs::read_to_string(self.path(file)).unwrap_or_default();
        let mut assignments = Vec::new();
        for line in text.lines() {
            let (name, value) = line.split_once('=').unwrap();
            assignments.push((name.to_owned(), value.to_owned()));
        }
        assignments
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
            .env("FAKE", self.folder.path())
            .env("SERVER", &self.api.address)
            .env("GITHUB_OUTPUT", self.path("output"))
            .env("GITHUB_ENV", self.path("env"))
            .envs(self.assignments("env"));
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
