//! Files that are something else than JSON: no correction turns them into an entry.

use std::ops::Range;

use super::messages as say;
use super::messages::MessageText;

/// The beginnings of files of other kinds.
const BEGINNINGS: [(&str, MessageText); 11] = [
    ("{\\rtf", say::RICH_TEXT),
    ("<", say::MARKUP),
    ("version https://git-lfs", say::LFS_POINTER),
    ("%PDF", say::DOCUMENT),
    ("PK\u{3}\u{4}", say::DOCUMENT),
    ("bplist", say::DOCUMENT),
    ("diff -", say::PATCH),
    ("--- a/", say::PATCH),
    ("@@ -", say::PATCH),
    ("From ", say::PATCH),
    ("Index: ", say::PATCH),
];

/// What a text is if it is not meant to be JSON, and the line that shows it.
pub(super) fn recognize(text: &str) -> Option<(Range<usize>, MessageText)> {
    let lines = || Lines { text, at: 0 };
    let mut filled = lines().filter(|(_, line)| !line.trim().is_empty());
    let (first, beginning) = filled.next()?;
    if let Some(conflict) = lines().find(|(_, line)| is_conflict(line)) {
        return Some((conflict.0, say::CONFLICT));
    }
    let is_start = |(start, _): &&(&str, MessageText)| beginning.trim_start().starts_with(start);
    if let Some((_, kind)) = BEGINNINGS.iter().find(is_start)
        && !beginning.starts_with("<!--")
    {
        return Some((first, *kind));
    }
    if lines()
        .filter(|(_, line)| is_of_patch(line))
        .nth(1)
        .is_some()
    {
        return Some((first, say::PATCH));
    }
    if text.contains(['{', '}']) {
        return None;
    }
    let data = || lines().filter(|(_, line)| !is_blank(line));
    let mappings = data().filter(|(_, line)| is_mapping(line)).count();
    if data().any(|(_, line)| is_setting(line)) {
        Some((first, say::TOML))
    } else if mappings > 1 && data().all(|(_, line)| is_mapping(line) || is_item(line)) {
        Some((first, say::YAML))
    } else if text.contains(['"', '“', '[']) {
        None
    } else {
        Some((first, say::PLAIN_TEXT))
    }
}

/// The lines of a text with their ranges.
struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Lines<'t> {
    type Item = (Range<usize>, &'t str);

    fn next(&mut self) -> Option<Self::Item> {
        let line = self.text[self.at..].split_inclusive('\n').next()?;
        let start = self.at;
        self.at += line.len();
        let shown = line.trim_end();
        Some((start..start + shown.len(), shown))
    }
}

fn is_conflict(line: &str) -> bool {
    let markers = ["<<<<<<< ", ">>>>>>> ", "||||||| "];
    line == "=======" || markers.iter().any(|marker| line.starts_with(marker))
}

/// Whether a line of a patch adds or removes JSON.
fn is_of_patch(line: &str) -> bool {
    let json = line.strip_prefix(['+', '-']).map(str::trim_start);
    json.is_some_and(|json| json.starts_with(['{', '}', '[', ']', '"']))
}

/// Whether a line has no data of YAML.
fn is_blank(line: &str) -> bool {
    let content = line.trim_start();
    content.is_empty() || content.starts_with(['#', '%']) || matches!(content, "---" | "...")
}

/// A field as in YAML.
fn is_mapping(line: &str) -> bool {
    let item = line.trim_start().trim_start_matches("- ");
    let is_json = item.ends_with([',', '[']) || item.starts_with("//");
    match item.split_once(':') {
        Some((name, value)) => {
            let is_apart = value.is_empty() || value.starts_with(' ');
            is_apart && !is_json && !name.contains(['[', ']', ','])
        }
        None => false,
    }
}

/// An item of a list as in YAML.
fn is_item(line: &str) -> bool {
    line.trim_start().starts_with("- ") && !line.ends_with(',')
}

/// A setting as in TOML.
fn is_setting(line: &str) -> bool {
    let is_part = |char: char| char.is_alphanumeric() || "-_".contains(char);
    let name = line.split_once('=').map(|(name, _)| name.trim());
    name.is_some_and(|name| !name.is_empty() && name.chars().all(is_part))
}
