//! `tfadir init`.

mod answers;
mod workflows;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use self::answers::Answers;
use crate::cli::{Global, InitArgs};
use crate::directory::{Directory, examples};
use crate::exit_code::ExitCode;
use crate::failure::{Result, fail, failure};
use crate::git;
use crate::session::console::Console;
use crate::session::open;
use crate::staging::public_beside;

/// Writes the settings of a new directory or of the existing one.
pub(super) fn run(args: &InitArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let root = global.root.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut files = if args.from_2factorauth {
        answers::existing()
    } else {
        answers::new(&Answers::of(args)?)?
    };
    files.extend(if args.from_2factorauth {
        workflows::existing()
    } else {
        let branch = git::branch(&root).unwrap_or_else(|| "main".to_owned());
        workflows::new(&branch)
    });
    let mut missing = Vec::new();
    for (path, text) in &files {
        if is_missing(&root.join(path), text) {
            missing.push((*path, text));
        } else {
            console.status("Kept", path);
        }
    }
    if missing.is_empty() {
        fail!(
            "all files that `tfadir init` writes exist already";
            help: "it overwrites none; delete those that it should write again"
        );
    }
    let mut written = Vec::new();
    for (path, text) in missing {
        let file = root.join(path);
        let shown = file.strip_prefix(".").unwrap_or(&file).display();
        write_whole(&file, text).map_err(|error| failure!("cannot write `{shown}`: {error}"))?;
        console.status("Wrote", path);
        written.push(path);
    }
    console.structured(&json!({ "written": written }));
    let mut label = "Next";
    for step in next_steps(&open(Some(&root))?) {
        console.status(label, &step);
        label = "";
    }
    Ok(ExitCode::Success)
}

/// What is left to do, in order.
fn next_steps(directory: &Directory) -> Vec<String> {
    let mut steps = Vec::new();
    if !examples::unchanged(&directory.settings).is_empty() {
        steps.push("replace the example values in directory.toml".to_owned());
    }
    let dist = &directory.settings.paths.dist;
    let ignored = fs::read_to_string(directory.root.join(".gitignore")).unwrap_or_default();
    let mut folders = ignored.lines().map(|line| line.trim().trim_matches('/'));
    if !folders.any(|folder| folder == dist) {
        steps.push(format!("add the line `/{dist}/` to .gitignore"));
    }
    steps.push(match directory.load() {
        Ok(_) => "run `tfadir build`".to_owned(),
        Err(_) => "add a site with `tfadir new example.com`".to_owned(),
    });
    steps
}

/// Whether a file does not exist, or has only the first part of its text: a run was killed, or had no
/// space left.
fn is_missing(path: &Path, text: &str) -> bool {
    if path.symlink_metadata().is_err() {
        return true;
    }
    let is_regular = path
        .symlink_metadata()
        .is_ok_and(|metadata| metadata.is_file());
    is_regular
        && fs::read_to_string(path)
            .is_ok_and(|part| part.len() < text.len() && text.starts_with(&part))
}

/// Writes a file as a whole or not at all.
fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    let mut file = public_beside(path)?;
    file.as_file_mut().write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
