//! `tfadir man`, for packagers.

use std::fs;
use std::io;
use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::{Cli, ManArgs};
use crate::exit_code::ExitCode;
use crate::failure::{Result, failure};
use crate::session::console::Console;

/// Writes a manual page for the program and one for each command.
pub(super) fn run(args: &ManArgs, console: &Console) -> Result<ExitCode> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let written = fs::create_dir_all(&args.folder).and_then(|()| write(command, &args.folder));
    let folder = args.folder.display();
    written.map_err(|error| failure!("cannot write the manual pages to `{folder}`: {error}"))?;
    console.status("Wrote", &format!("{folder}"));
    Ok(ExitCode::Success)
}

fn write(command: clap::Command, folder: &Path) -> io::Result<()> {
    for inner in command
        .get_subcommands()
        .filter(|subcommand| !subcommand.is_hide_set())
    {
        write(inner.clone(), folder)?;
    }
    let page = Man::new(command);
    let mut text = Vec::new();
    page.render(&mut text)?;
    // The examples keep their lines.
    let text = String::from_utf8_lossy(&text).replace(".SH EXTRA\n", ".SH NOTES\n.nf\n");
    fs::write(folder.join(page.get_filename()), text)
}
