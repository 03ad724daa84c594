//! Differences for a terminal: a line for each site, then one for each published file.

use std::fmt::Write;

use super::{Diff, in_words, methods, title};
use crate::text::visible;

/// Nothing that an entry holds can control the terminal.
pub(crate) fn render(diff: &Diff<'_>) -> String {
    let mut text = String::new();
    let mut line = |sign: &str, line: &str| {
        // The sign keeps `::` off the start, where the runner of GitHub Actions obeys it. Writing
        // into a string does not fail.
        let _ = writeln!(text, "{sign} {}", visible(line));
    };
    for entry in &diff.added {
        line("+", &format!("{}: {}", title(entry), methods(entry)));
    }
    for entry in &diff.removed {
        line("−", &format!("{}: {}", title(entry), methods(entry)));
    }
    for pair in &diff.renamed {
        line("→", &format!("{}, was {}", title(pair.is), title(pair.was)));
    }
    for pair in &diff.changed {
        line("~", &title(pair.is));
        for field in pair.fields() {
            line("  •", &in_words(field));
        }
    }
    if !diff.files.is_empty() {
        text.push('\n');
    }
    for file in &diff.files {
        let _ = writeln!(text, "{}", visible(&file.to_string()));
    }
    text
}
