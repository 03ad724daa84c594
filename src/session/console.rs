//! The output of commands: findings and results on standard output, the rest on standard error.

use std::env;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anstream::AutoStream;
use anstream::stream::{AsLockedWrite, RawStream};
use anstyle::{AnsiColor, Style};

use crate::cli::{Cli, Command, Format};
use crate::failure::Failure;
use crate::report;
use crate::text::{
    json_without_commands, visible, visible_lines, without_commands, without_old_commands,
};

/// The width of the first word of a status line.
const LABEL_WIDTH: usize = 9;

/// Where a command prints. Colours appear on terminals only, unless `NO_COLOR` is set.
#[derive(Debug)]
pub(crate) struct Console {
    /// Never [`Format::Auto`].
    pub(crate) format: Format,
    quiet: bool,
    pub(crate) verbose: bool,
    /// Whether a result could not be printed.
    pub(crate) is_lost: AtomicBool,
}

impl Console {
    /// The console for the options of the command line.
    pub(crate) fn new(cli: &Cli) -> Self {
        let global = &cli.global;
        let is_github = || env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
        let format = match global.format {
            _ if matches!(&cli.command, Command::Verify(args) if args.json) => Format::Json,
            Format::Auto if is_github() => Format::Github,
            Format::Auto => Format::Human,
            format => format,
        };
        let is_lost = AtomicBool::new(false);
        Self {
            format,
            quiet: global.quiet,
            verbose: global.verbose,
            is_lost,
        }
    }

    /// Prints a result to standard output. `text` may contain the program's own ANSI styles.
    pub(crate) fn result(&self, text: &str) {
        self.write(&harmless(self.format, text));
    }

    /// Prints JSON to standard output, whatever the format of findings.
    pub(crate) fn json(&self, text: &str) {
        self.write(&harmless(Format::Json, text));
    }

    /// Prints workflow commands, in which all text from files is escaped.
    pub(crate) fn workflow_commands(&self, commands: &str) {
        self.write(&without_old_commands(commands));
    }

    fn write(&self, text: &str) {
        let stdout = io::stdout();
        let choice = AutoStream::choice(&stdout);
        match print(AutoStream::new(stdout.lock(), choice), text) {
            // A reader such as `head` may stop early.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                self.is_lost.store(true, Ordering::Relaxed);
                self.warning(&format!("cannot write to standard output: {error}"));
            }
            _ => {}
        }
    }

    /// Prints an object to standard output if the format is JSON, after the version of the format
    /// and the program's name.
    pub(crate) fn structured(&self, object: &serde_json::Value) {
        if self.format == Format::Json {
            self.result(&format!("{:#}\n", report::json::object(object)));
        }
    }

    /// Does some work, and shows it in a terminal if it takes more than a second.
    pub(crate) fn patiently<T>(&self, doing: &str, work: impl FnOnce() -> T) -> T {
        if self.quiet || !io::stderr().is_terminal() {
            return work();
        }
        let (done, waiting) = mpsc::channel::<()>();
        thread::scope(|scope| {
            // The work is also done without it.
            let _ =
                thread::Builder::new().spawn_scoped(scope, move || show_if_slow(doing, &waiting));
            let result = work();
            drop(done);
            result
        })
    }

    /// Prints a status line to standard error, a label and a text, unless --quiet is given.
    pub(crate) fn status(&self, label: &str, text: &str) {
        if !self.quiet {
            status_line(AnsiColor::Green.on_default().bold(), label, text);
        }
    }

    /// Prints a status line if --verbose is given.
    pub(crate) fn detail(&self, label: &str, text: &str) {
        if self.verbose {
            status_line(AnsiColor::Cyan.on_default(), label, text);
        }
    }

    /// Prints a warning to standard error, even with --quiet.
    #[expect(
        clippy::unused_self,
        reason = "callers print to the console that they hold"
    )]
    pub(crate) fn warning(&self, text: &str) {
        labelled(AnsiColor::Yellow.on_default().bold(), "warning", text, &[]);
    }

    /// Prints a warning with its ways out to standard error, even with --quiet.
    #[expect(
        clippy::unused_self,
        reason = "callers print to the console that they hold"
    )]
    pub(crate) fn warn(&self, Failure { message, help }: &Failure) {
        labelled(
            AnsiColor::Yellow.on_default().bold(),
            "warning",
            message,
            help,
        );
    }

    /// Prints an error with its causes and ways out to standard error.
    #[expect(
        clippy::unused_self,
        reason = "callers print to the console that they hold"
    )]
    pub(crate) fn error(&self, error: &anyhow::Error) {
        let Failure { message, help } = Failure::of(error);
        labelled(AnsiColor::Red.on_default().bold(), "error", &message, &help);
    }
}

fn show_if_slow(doing: &str, waiting: &Receiver<()>) {
    if waiting.recv_timeout(Duration::from_secs(1)) == Err(RecvTimeoutError::Timeout) {
        status_line(AnsiColor::Cyan.on_default(), "…", doing);
    }
}

fn status_line(style: Style, label: &str, text: &str) {
    let text = safe(text);
    to_stderr(&format!("{style}{label:>LABEL_WIDTH$}{style:#} {text}\n"));
}

/// Prints a message and ways out, each with a label. Further lines of a text are indented.
fn labelled(style: Style, label: &str, message: &str, help: &[String]) {
    let cyan = AnsiColor::Cyan.on_default().bold();
    let mut lines = vec![format!("{style}{label}{style:#}: {}", indented(message))];
    lines.extend(
        help.iter()
            .map(|help| format!(" {cyan}help{cyan:#}: {}", indented(help))),
    );
    to_stderr(&lines.concat());
}

/// The visible form of lines, each after the first with an indent.
fn indented(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(safe).collect();
    format!("{}\n", lines.join("\n  "))
}

/// A line that controls neither a terminal nor the runner of GitHub Actions.
fn safe(line: &str) -> String {
    without_commands(&visible(line))
}

/// Output in which nothing is a workflow command for the runner of GitHub Actions. Everything that
/// goes to standard output or to a file of a report comes from here.
pub(crate) fn harmless(format: Format, text: &str) -> String {
    match format {
        Format::Json | Format::Sarif | Format::Algolia => json_without_commands(text),
        Format::Auto | Format::Human | Format::Github | Format::Markdown | Format::Lines => {
            without_commands(text)
        }
    }
}

/// Prints a command-line error or the requested help. Arguments can be file names that an attacker
/// chose.
pub(crate) fn usage(error: &clap::Error) {
    let text = error.render().to_string();
    let harmless = without_commands(&format!("{}\n", visible_lines(&text)));
    if error.use_stderr() && harmless != text {
        to_stderr(&harmless);
    } else {
        // There is nowhere to report that a stream is closed.
        let _ = error.print();
    }
}

fn to_stderr(text: &str) {
    let stderr = io::stderr();
    let choice = AutoStream::choice(&stderr);
    // There is nowhere to report that standard error is closed.
    let _ = print(AutoStream::new(stderr.lock(), choice), text);
}

fn print<S: RawStream + AsLockedWrite>(mut stream: AutoStream<S>, text: &str) -> io::Result<()> {
    stream.write_all(text.as_bytes())?;
    stream.flush()
}
