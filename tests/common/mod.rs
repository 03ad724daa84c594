//! Shared test helpers: directories to run tfadir on, and the results of a run.

#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use snapbox::data::Inline;
use tempfile::TempDir;

/// The root of this project.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Lets the system run a script, where permissions decide that.
pub fn make_executable(script: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(script, fs::Permissions::from_mode(0o755)).unwrap();
    }
    #[cfg(not(unix))]
    let _ = script;
}

/// A new temporary folder. It is in memory if that has room and can run programs, unless `TMPDIR` is
/// set: tests create and delete a hundred thousand small files, which is slow on a disk.
pub fn temporary_folder() -> TempDir {
    static PARENT: LazyLock<PathBuf> = LazyLock::new(|| {
        let memory = PathBuf::from("/dev/shm");
        if env::var_os("TMPDIR").is_none() && fits_tests(&memory) {
            memory
        } else {
            env::temp_dir()
        }
    });
    tempfile::tempdir_in(&*PARENT).unwrap()
}

#[cfg(target_os = "linux")]
fn fits_tests(folder: &Path) -> bool {
    use rustix::fs::{Access, StatVfsMountFlags, access, statvfs};
    const MIN_FREE_BYTES: u64 = 2 << 30;
    let can_run = |flags: StatVfsMountFlags| !flags.contains(StatVfsMountFlags::NOEXEC);
    access(folder, Access::WRITE_OK).is_ok()
        && statvfs(folder).is_ok_and(|disk| {
            disk.f_bavail.saturating_mul(disk.f_frsize) >= MIN_FREE_BYTES && can_run(disk.f_flag)
        })
}

#[cfg(not(target_os = "linux"))]
fn fits_tests(_: &Path) -> bool {
    false
}

/// A directory of entries in a temporary folder, which is removed on drop.
pub struct Directory {
    folder: TempDir,
}

/// A valid entry.
pub fn entry(name: &str, domain: &str) -> String {
    format!(
        r#"{{
  "{name}": {{
    "domain": "{domain}",
    "tfa": [
      "totp"
    ],
    "documentation": "https://{domain}/2fa",
    "categories": [
      "email"
    ]
  }}
}}
"#
    )
}

impl Directory {
    /// An empty root.
    pub fn empty() -> Self {
        Self {
            folder: temporary_folder(),
        }
    }

    /// A root with one valid entry.
    pub fn new() -> Self {
        Self::empty().file("entries/g/good.example.json", entry("Good", "good.example"))
    }

    /// A root with files that [`files()`] read from another.
    pub fn with(files: &BTreeMap<String, Vec<u8>>) -> Self {
        files
            .iter()
            .fold(Self::empty(), |root, (path, bytes)| root.file(path, bytes))
    }

    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn dist(&self) -> PathBuf {
        self.path().join("dist")
    }

    /// A run of tfadir in this root.
    pub fn run(&self, args: &[&str]) -> Run {
        Tfadir::new(args).folder(self.path()).run()
    }
}

#[cfg(unix)]
impl Directory {
    /// Whether a run on a terminal, with these lines of input, succeeds, and what it says. `script`
    /// gives it the terminal.
    #[cfg(target_os = "linux")]
    pub fn run_on_a_terminal(&self, args: &str, lines: &[&str]) -> (bool, String) {
        use std::io::Write;
        let line = format!("'{}' {args}", env!("CARGO_BIN_EXE_tfadir"));
        let mut child = command("script")
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .current_dir(self.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // Control-D ends the input of a terminal. At the end of its own input, `script` would wait two
        // seconds for the program to read what is left.
        let input = lines.join("\n") + "\n\u{4}";
        stdin.write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        drop(stdin);
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    }

    /// A run of tfadir in this root without root privileges: as the user `nobody` if this is root.
    pub fn run_unprivileged(&self, args: &[&str]) -> Run {
        Run::of(
            self.unprivileged(self.copied_program()).args(args),
            self.path(),
        )
    }

    /// A command in this root without root privileges: as the user `nobody` if this is root.
    pub fn unprivileged(&self, program: impl AsRef<OsStr>) -> Command {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        fs::set_permissions(self.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut run = command(&program);
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            run = command("setpriv");
            run.args(["--reuid=65534", "--regid=65534", "--clear-groups"])
                .arg(program);
        }
        run.current_dir(self.path());
        run
    }

    /// The program, where every user can run it. Another process copies it: a file that this one
    /// has open for writing cannot be run, and a process that another test starts at that moment
    /// would keep it open.
    pub fn copied_program(&self) -> PathBuf {
        let program = self.path().join("tfadir");
        let copy = Command::new("cp")
            .arg(env!("CARGO_BIN_EXE_tfadir"))
            .arg(&program)
            .status();
        assert!(copy.unwrap().success());
        program
    }
}

/// A command whose only variable of the environment is `PATH`: others, such as `CI`, could affect
/// the tfadir that it is or starts.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(env::var_os("PATH").map(|path| ("PATH", path)));
    command
}

/// A run of tfadir that has not started, without variables of this process's environment.
pub struct Tfadir {
    command: Command,
    folder: PathBuf,
}

impl Tfadir {
    pub fn new(args: &[&str]) -> Self {
        let mut command = command(env!("CARGO_BIN_EXE_tfadir"));
        command.args(args).stdin(Stdio::null());
        Self {
            command,
            folder: project().to_owned(),
        }
    }

    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub fn folder(mut self, folder: &Path) -> Self {
        folder.clone_into(&mut self.folder);
        self
    }

    pub fn command(mut self) -> Command {
        self.command.current_dir(&self.folder);
        self.command
    }

    pub fn run(self) -> Run {
        let folder = self.folder.clone();
        Run::of(&mut self.command(), &folder)
    }
}

/// The result of a run. In its output, `[ROOT]` replaces the folder that it ran in.
#[derive(Debug)]
pub struct Run {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// Runs a command in a folder.
    pub fn of(command: &mut Command, folder: &Path) -> Self {
        let root = folder.canonicalize().unwrap();
        let output = command.current_dir(folder).output().unwrap();
        let text = |bytes: Vec<u8>| {
            String::from_utf8(bytes)
                .unwrap()
                .replace(root.to_str().unwrap(), "[ROOT]")
        };
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    /// Panics with the output unless the run ended with this exit code.
    #[track_caller]
    pub fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// Panics unless standard error is exactly this. `SNAPSHOTS=overwrite` replaces what is expected.
    #[track_caller]
    pub fn reports(self, expected: Inline) -> Self {
        snapbox::assert_data_eq!(&self.stderr, expected);
        self
    }

    /// Panics unless standard output is exactly this. `SNAPSHOTS=overwrite` replaces what is expected.
    #[track_caller]
    pub fn prints(self, expected: Inline) -> Self {
        snapbox::assert_data_eq!(&self.stdout, expected);
        self
    }

    /// Panics unless standard output and standard error together contain this.
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        let all = format!("{}\n{}", self.stdout, self.stderr);
        assert!(all.contains(words), "`{words}` is not in:\n{all}");
        self
    }
}

/// The bytes of every file below a folder, by relative path.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(Result::unwrap)
        .filter(|item| !item.file_type().is_dir())
        .map(|item| {
            let path = item.path().strip_prefix(folder).unwrap();
            (
                path.to_str().unwrap().to_owned(),
                fs::read(item.path()).unwrap(),
            )
        })
        .collect()
}

/// Copies every file below a folder, with its permissions.
pub fn copy(from: &Path, to: &Path) {
    for path in files(from).into_keys() {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(from.join(path), target).unwrap();
    }
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|item| item.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
