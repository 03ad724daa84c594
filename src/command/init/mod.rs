//! `tfadir init`.

mod answers;

use std::fs::{self, File};
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use serde_json::json;

use self::answers::{Answers, KEPT};
use crate::cli::{Global, InitArgs};
use crate::directory::SETTINGS_FILE;
use crate::exit_code::ExitCode;
use crate::failure::{Failure, Result, fail, failure};
use crate::session::console::Console;
use crate::session::open;

/// Writes the settings of a new directory or of the existing one.
pub(super) fn run(args: &InitArgs, global: &Global, console: &Console) -> Result<ExitCode> {
    let root = global.root.clone().unwrap_or_else(|| PathBuf::from("."));
    let mut files = if args.from_2factorauth {
        answers::existing()
    } else {
        refuse_existing(&root.join(SETTINGS_FILE))?;
        answers::new(&Answers::of(args, console, ask)?)?
    };
    for kept in KEPT {
        if root.join(kept).symlink_metadata().is_ok() {
            files.retain(|(path, _)| *path != kept);
            console.status("Kept", kept);
        }
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
    let next = match open(Some(&root))?.load() {
        Ok(_) => "run `tfadir build`",
        Err(_) => "add a site with `tfadir new example.com`",
    };
    console.status(
        "Next",
        &format!("read the comments in directory.toml, then {next}"),
    );
    Ok(ExitCode::Success)
}

/// Asks in a terminal; elsewhere, uses the example.
fn ask(question: &str, example: &str) -> io::Result<String> {
    if !io::stdin().is_terminal() {
        return Ok(example.to_owned());
    }
    write!(io::stderr(), "{question} [{example}]: ")?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(io::Error::other(
            "the input ended before all questions were answered",
        ));
    }
    let answer = line.trim();
    Ok(if answer.is_empty() {
        example.to_owned()
    } else {
        answer.to_owned()
    })
}

fn refuse_existing(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Ok(_) => {
            fail!("`{}` already exists", path.display(); help: "`tfadir init` overwrites no file")
        }
        Err(_) => Ok(()),
    }
}

fn write_new(path: &Path, text: &str) -> Result<()> {
    let written = fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))
        .and_then(|()| File::create_new(path))
        .and_then(|mut file| file.write_all(text.as_bytes()));
    Ok(written.map_err(|error| refused(path, &error))?)
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    failure!("cannot write `{path}`: {error}"; help: "`tfadir init` overwrites no file")
}
