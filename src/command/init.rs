//! `tfadir init`.

use std::fs::{self, File};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::cli::{Global, InitArgs};
use crate::directory::SETTINGS_FILE;
use crate::exit_code::ExitCode;
use crate::pipeline::console::Console;
use crate::pipeline::init::{self, Answers, EDITOR_SETTINGS};
use crate::pipeline::{Failure, Result, open};

/// Writes the settings of a new directory or of the existing one.
pub(super) fn run(args: &InitArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let root = global.root.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut files = if args.from_2factorauth {
        init::existing()
    } else {
        refuse_existing(&root.join(SETTINGS_FILE))?;
        init::new(&Answers::of(args, &mut ask)?)?
    };
    if root.join(EDITOR_SETTINGS).symlink_metadata().is_ok() {
        files.retain(|(path, _)| *path != EDITOR_SETTINGS);
        console.status("Kept", EDITOR_SETTINGS);
    }
    for (path, _) in &files {
        refuse_existing(&root.join(path))?;
    }
    for (path, text) in &files {
        write_new(&root.join(path), text)?;
        console.status("Wrote", &root.join(path).display().to_string());
    }
    console
        .structured(&json!({ "written": files.iter().map(|(path, _)| path).collect::<Vec<_>>() }));
    // Report a typo now, with its line, instead of in the next build.
    if root.join("entries").is_dir() {
        open(Some(&root))?;
    }
    console.status("Next", "read the comments in directory.toml, then run `tfadir build`");
    Ok(ExitCode::Success)
}

/// Asks in a terminal; elsewhere, uses the example.
fn ask(question: &str, example: &str) -> io::Result<String> {
    if !io::stdin().is_terminal() {
        return Ok(example.to_owned());
    }
    write!(io::stderr(), "{question} [{example}]: ")?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    let answer = line.trim();
    Ok(if answer.is_empty() { example.to_owned() } else { answer.to_owned() })
}

fn refuse_existing(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(_) => Err(refused(path, &io::ErrorKind::AlreadyExists.into())),
        Err(_) => Ok(()),
    }
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let written = fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))
        .and_then(|()| File::create_new(path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| refused(path, &error))
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    format!("cannot write `{path}`: {error}\nhelp: `tfadir init` overwrites no file").into()
}
