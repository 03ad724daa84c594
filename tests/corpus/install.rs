//! A release, installed into empty environments as docs/install.md describes, builds the real directory.
//!
//! `RELEASE` names the folder that `dist build` has filled and `WHEELS` that of maturin.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::common::{Run, files, project};
use crate::server::Server;
use crate::{BUILT, root};

const ARCHIVE: &str = "tfadir-x86_64-unknown-linux-musl.tar.gz";

fn folder(variable: &str) -> PathBuf {
    env::var_os(variable)
        .unwrap_or_else(|| panic!("{variable} is not set"))
        .into()
}

/// The files of a build, without the manifest, which names the commit.
fn data(mut files: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    assert!(files.remove("manifest.json").is_some());
    files
}

/// Builds the corpus with an installed program, and compares it with the build of the tested one.
#[track_caller]
fn builds_the_corpus(mut program: Command, root: &str, out: &str, built: &Path) {
    program.args(["build", "--unsigned", "--root", root, "--out", out]);
    Run::of(&mut program, built.parent().unwrap()).ends_with(0);
    assert!(
        data(files(built)) == data(BUILT.clone()),
        "the builds differ"
    );
}

/// The commands in a section of `docs/install.md`, in blocks of shell code.
fn documented(section: &str) -> Vec<String> {
    let document = fs::read_to_string(project().join("docs/install.md")).unwrap();
    let (_, section) = document.split_once(&format!("\n## {section}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks = section
        .split("```sh\n")
        .skip(1)
        .map(|it| it.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// An empty home, and a host of the release.
struct Machine {
    folder: TempDir,
    server: Server,
}

impl Machine {
    fn new() -> Self {
        let machine = Self {
            folder: tempfile::tempdir().unwrap(),
            server: Server::start(),
        };
        machine.server.serve(&folder("RELEASE"));
        machine
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn shell(&self, script: &str, path: &str) -> Run {
        let mut command = Command::new("bash");
        command.args(["-euo", "pipefail", "-c", script]);
        // Registries may need other variables, such as those for certificates.
        command
            .env_remove("CARGO_HOME")
            .env("PATH", path)
            .env("HOME", self.folder.path());
        command.env(
            "TFADIR_DOWNLOAD_URL",
            self.server.address.trim_end_matches('/'),
        );
        command.env("npm_config_prefix", self.path("npm"));
        command.envs([
            ("PIP_NO_INDEX", "1"),
            ("PIP_DISABLE_PIP_VERSION_CHECK", "1"),
        ]);
        command.env("PIP_FIND_LINKS", folder("WHEELS"));
        Run::of(&mut command, self.folder.path()).ends_with(0)
    }

    /// Runs the one documented command that begins with a word, with other addresses.
    fn install(&self, word: &str, addresses: &[(&str, &str)], path: &str) {
        let mut commands = documented("From a release");
        commands.retain(|it| it.starts_with(word));
        assert_eq!(commands.len(), 1, "{commands:?}");
        let mut command = commands.remove(0);
        for (from, to) in addresses {
            assert!(command.contains(from), "`{from}` is not in `{command}`");
            command = command.replace(from, to);
        }
        self.shell(&command, path);
    }

    fn builds_the_corpus(&self, program: &str) {
        let (root, built) = (root().canonicalize().unwrap(), self.path("out"));
        let mut command = Command::new(self.path(program));
        command.env_clear().env("PATH", env::var("PATH").unwrap());
        builds_the_corpus(
            command,
            root.to_str().unwrap(),
            built.to_str().unwrap(),
            &built,
        );
    }
}

fn inherited() -> String {
    env::var("PATH").unwrap()
}

pub(crate) fn the_archive_runs_without_any_other_file() {
    let machine = Machine::new();
    let mut tar = Command::new("tar");
    tar.args(["--strip-components", "1", "-xzf"])
        .arg(folder("RELEASE").join(ARCHIVE));
    Run::of(&mut tar, machine.folder.path()).ends_with(0);
    let mut copy = Command::new("cp");
    Run::of(
        copy.arg("-r").arg(root()).arg("corpus"),
        machine.folder.path(),
    )
    .ends_with(0);
    let in_chroot = || {
        let mut command = Command::new("/usr/sbin/chroot");
        command
            .arg(machine.folder.path())
            .arg("/tfadir")
            .env_clear();
        command
    };
    builds_the_corpus(in_chroot(), "/corpus", "/out", &machine.path("out"));

    let version = Run::of(in_chroot().arg("--version"), project())
        .ends_with(0)
        .stdout;
    let commit = env::var("RELEASE_COMMIT").unwrap();
    let first = format!("tfadir {} ({commit})", env!("CARGO_PKG_VERSION"));
    assert_eq!(version.lines().next(), Some(first.as_str()));
}

pub(crate) fn the_installer_for_shells_works() {
    let machine = Machine::new();
    let host = "https://github.com/2factorauth/tfadir/releases/latest/download/";
    machine.install("curl", &[(host, &machine.server.address)], &inherited());
    machine.builds_the_corpus(".cargo/bin/tfadir");
}

pub(crate) fn the_npm_package_works() {
    let machine = Machine::new();
    let mut tar = Command::new("tar");
    tar.arg("-xzf")
        .arg(folder("RELEASE").join("tfadir-npm-package.tar.gz"));
    Run::of(&mut tar, machine.folder.path()).ends_with(0);
    let manifest = machine.path("package/package.json");
    let text = fs::read_to_string(&manifest).unwrap();
    let host = concat!(
        "https://github.com/2factorauth/tfadir/releases/download/v",
        env!("CARGO_PKG_VERSION")
    );
    let replaced = text.replace(host, machine.server.address.trim_end_matches('/'));
    assert_ne!(text, replaced);
    fs::write(manifest, replaced).unwrap();
    machine.shell("npm pack --silent ./package", &inherited());
    let package = format!("./tfadir-{}.tgz", env!("CARGO_PKG_VERSION"));
    machine.install("npm", &[("tfadir", &package)], &inherited());
    machine.builds_the_corpus("npm/bin/tfadir");
}

pub(crate) fn the_python_package_works() {
    let machine = Machine::new();
    machine.shell("python3 -m venv venv", &inherited());
    let path = format!("{}:{}", machine.path("venv/bin").display(), inherited());
    machine.install("pip", &[], &path);
    machine.builds_the_corpus("venv/bin/tfadir");
}

pub(crate) fn cargo_binstall_finds_the_archive() {
    let manifest = fs::read_to_string(project().join("Cargo.toml")).unwrap();
    let manifest: toml::Value = toml::from_str(&manifest).unwrap();
    let package = &manifest["package"];
    let target = ARCHIVE
        .trim_start_matches("tfadir-")
        .trim_end_matches(".tar.gz");
    let text = |value: &toml::Value| {
        let text = value
            .as_str()
            .unwrap()
            .replace("{ repo }", package["repository"].as_str().unwrap());
        let text = text
            .replace("{ version }", env!("CARGO_PKG_VERSION"))
            .replace("{ name }", "tfadir");
        text.replace("{ target }", target)
            .replace("{ bin }", "tfadir")
            .replace("{ binary-ext }", "")
    };
    let binstall = &package["metadata"]["binstall"];
    let listed = Run::of(
        Command::new("tar").arg("-tzf").arg(ARCHIVE),
        &folder("RELEASE"),
    );
    let on_gnu = &binstall["overrides"]["x86_64-unknown-linux-gnu"];
    for place in [binstall, on_gnu] {
        let url = text(&place["pkg-url"]);
        let download = format!("/releases/download/v{}/", env!("CARGO_PKG_VERSION"));
        assert!(url.ends_with(&(download + ARCHIVE)), "{url}");
        let program = text(&place["bin-dir"]);
        assert!(listed.stdout.lines().any(|it| it == program), "{program}");
    }
}
