//! `action/install.sh`, which installs a release for the GitHub Action, with a local server as the host of releases.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::common::{Run, make_executable, project, temporary_folder};
use crate::server::Server;

const ARCHIVE: &str = "tfadir-x86_64-unknown-linux-musl.tar.gz";

/// A host with one release, and a runner.
struct Runner {
    folder: TempDir,
    server: Server,
}

impl Runner {
    fn new() -> Self {
        let folder = temporary_folder();
        let runner = Self {
            folder,
            server: Server::start(),
        };
        for path in ["host/v0.9.0", "programs", "temp"] {
            fs::create_dir_all(runner.path(path)).unwrap();
        }
        runner.server.serve(&runner.path("host"));
        let top = ARCHIVE.strip_suffix(".tar.gz").unwrap();
        let packed = runner.path(top);
        fs::create_dir(&packed).unwrap();
        fs::copy(env!("CARGO_BIN_EXE_tfadir"), packed.join("tfadir")).unwrap();
        let mut tar = Command::new("tar");
        let tar = tar.arg("-czf").arg(runner.archive()).arg(top);
        Run::of(tar, runner.folder.path()).ends_with(0);
        let sum = Run::of(
            Command::new("sha256sum").arg("-b").arg(ARCHIVE),
            &runner.path("host/v0.9.0"),
        );
        fs::write(
            runner.archive().with_extension("gz.sha256"),
            sum.ends_with(0).stdout,
        )
        .unwrap();
        // The programs that the script may use.
        for name in ["curl", "tar", "gzip", "mkdir", "rm", "sha256sum"] {
            let found = Run::of(Command::new("which").arg(name), project()).ends_with(0);
            symlink(found.stdout.trim(), runner.path("programs").join(name)).unwrap();
        }
        runner
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn archive(&self) -> PathBuf {
        self.path("host/v0.9.0").join(ARCHIVE)
    }

    /// Installs version 0.9.0, with further variables.
    fn install(&self, variables: &[(&str, &str)]) -> Run {
        Run::of(
            self.script().envs(variables.iter().copied()),
            self.folder.path(),
        )
    }

    /// `install.sh` in the environment of a step.
    fn script(&self) -> Command {
        let mut command = Command::new("/bin/bash");
        command.arg(project().join("action/install.sh")).env_clear();
        command
            .env("PATH", self.path("programs"))
            .env("RUNNER_TEMP", self.path("temp"));
        command.env("GITHUB_PATH", self.path("path"));
        command.envs([
            ("RUNNER_OS", "Linux"),
            ("RUNNER_ARCH", "X64"),
            ("TFADIR_VERSION", "0.9.0"),
        ]);
        command.env("TFADIR_BASE", self.server.address.trim_end_matches('/'));
        command
    }

    #[track_caller]
    fn refuses(&self, variables: &[(&str, &str)], words: &str) {
        let run = self.install(variables).ends_with(1).says(words);
        assert!(
            run.stderr
                .contains("::error title=tfadir is not installed::"),
            "{}",
            run.stderr
        );
        assert!(!self.path("path").exists() && !self.path("temp/tfadir-bin/tfadir").exists());
    }

    /// `gh`, which accepts or refuses every attestation.
    fn gh(&self, code: u8) {
        let path = self.path("programs/gh");
        let script = format!("#!/bin/bash\necho \"$*\" >>\"$RUNNER_TEMP/gh\"\nexit {code}\n");
        fs::write(&path, script).unwrap();
        make_executable(&path);
    }
}

#[test]
#[ignore = "needs curl; .ci/run installs it and runs this"]
fn a_good_archive_is_installed_and_found_in_the_path() {
    let runner = Runner::new();
    runner.install(&[("TFADIR_VERSION", "v0.9.0")]).ends_with(0);
    let path = fs::read_to_string(runner.path("path")).unwrap();
    let program = Path::new(path.trim()).join("tfadir");
    Run::of(Command::new(program).arg("--version"), project())
        .ends_with(0)
        .says("tfadir ");

    // The second run takes the archive from the cache, and verifies it again.
    fs::remove_file(runner.archive()).unwrap();
    runner.install(&[]).ends_with(0);
}

#[test]
#[ignore = "needs curl; .ci/run installs it and runs this"]
fn an_archive_that_differs_from_its_checksum_is_refused() {
    let tampered = Runner::new();
    let mut bytes = fs::read(tampered.archive()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(tampered.archive(), &bytes).unwrap();
    tampered.refuses(&[], "does not match its checksum");

    let truncated = Runner::new();
    fs::write(truncated.archive(), &bytes[..middle]).unwrap();
    truncated.refuses(&[], "does not match its checksum");

    let without_checksum = Runner::new();
    fs::write(without_checksum.archive().with_extension("gz.sha256"), "").unwrap();
    without_checksum.refuses(&[], "does not match its checksum");

    let in_the_cache = Runner::new();
    let cached = in_the_cache.path("temp/tfadir-archives/0.9.0");
    fs::create_dir_all(&cached).unwrap();
    fs::write(cached.join(ARCHIVE), &bytes).unwrap();
    in_the_cache.refuses(&[], "does not match its checksum");
    // The bad archive is gone, so the next run succeeds.
    in_the_cache.install(&[]).ends_with(0);
}

#[test]
#[ignore = "needs curl; .ci/run installs it and runs this"]
fn the_attestation_decides_where_gh_is_installed() {
    let runner = Runner::new();
    runner.gh(1);
    runner.refuses(
        &[("GH_TOKEN", "token")],
        "was not built by the release workflow",
    );
    runner.gh(0);
    runner.install(&[("GH_TOKEN", "token")]).ends_with(0);
    let asked = fs::read_to_string(runner.path("temp/gh")).unwrap();
    assert!(asked.contains(&format!(
        "attestation verify {ARCHIVE} --repo 2factorauth/tfadir"
    )));
    // An attested archive of another release is not accepted.
    assert!(asked.contains("--source-ref refs/tags/v0.9.0"), "{asked}");
}

#[test]
#[ignore = "needs curl; .ci/run installs it and runs this"]
fn releases_that_do_not_exist_are_named() {
    let runner = Runner::new();
    runner.refuses(&[("TFADIR_VERSION", "0.8.0")], "v0.8.0/tfadir-x86_64");
    runner.refuses(&[("RUNNER_ARCH", "ARM64")], "aarch64-unknown-linux-musl");
    runner.refuses(&[("RUNNER_OS", "Plan9")], "no release for Plan9");
    for version in ["0.9.0/../x", "latest", "v1", "0.9", "0.9.0-\nx"] {
        runner.refuses(&[("TFADIR_VERSION", version)], "such as 0.1.0 or v0.1.0");
    }
    // Without a version, the action installs the release that it belongs to.
    runner.refuses(
        &[("TFADIR_VERSION", "")],
        concat!("/v", env!("CARGO_PKG_VERSION"), "/tfadir-"),
    );
}

#[test]
#[ignore = "needs curl; .ci/run installs it and runs this"]
fn the_key_of_the_cache_names_the_release() {
    let action = fs::read_to_string(project().join("action.yml")).unwrap();
    let action: Value = serde_saphyr::from_str(&action).unwrap();
    let steps = action["runs"]["steps"].as_array().unwrap();
    assert_eq!(steps[0]["id"], "release");
    assert!(
        steps[0]["run"]
            .as_str()
            .unwrap()
            .ends_with("install.sh\" version >>\"$GITHUB_OUTPUT\"")
    );
    let key = steps[1]["with"]["key"].as_str().unwrap();
    assert!(
        key.contains("${{ steps.release.outputs.version }}"),
        "{key}"
    );
    let runner = Runner::new();
    for (input, version) in [("v0.9.0", "0.9.0"), ("", env!("CARGO_PKG_VERSION"))] {
        let mut script = runner.script();
        script.arg("version").env("TFADIR_VERSION", input);
        let run = Run::of(&mut script, runner.folder.path()).ends_with(0);
        assert_eq!(run.stdout, format!("version={version}\n"));
        assert!(!runner.path("path").exists());
    }
}
