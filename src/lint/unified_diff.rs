//! The difference between two texts in the unified format, which `git apply` and `patch` read.

use std::fmt::Write;
use std::ops::Range;

use imara_diff::{Algorithm, Diff, Hunk, InternedInput, Token};

/// The number of unchanged lines shown before and after a change.
const CONTEXT: usize = 3;

type InternedLines<'t> = InternedInput<&'t str>;

/// The lines that one run of changes replaces, and those that replace them.
struct LineChange {
    before: Range<usize>,
    after: Range<usize>,
}

impl From<Hunk> for LineChange {
    fn from(hunk: Hunk) -> Self {
        Self {
            before: hunk.before.start as usize..hunk.before.end as usize,
            after: hunk.after.start as usize..hunk.after.end as usize,
        }
    }
}

/// The difference between two texts, each with its name; empty if the texts are equal.
pub(super) fn unified((old, before): (&str, &str), (new, after): (&str, &str)) -> String {
    let lines = InternedLines::new(before, after);
    let mut diff = Diff::compute(Algorithm::Histogram, &lines);
    diff.postprocess_lines(&lines);
    let changes: Vec<LineChange> = diff.hunks().map(LineChange::from).collect();
    if changes.is_empty() {
        return String::new();
    }
    let mut text = format!("--- {old}\n+++ {new}\n");
    for group in changes.chunk_by(are_close) {
        write_hunk(&mut text, &lines, group);
    }
    text
}

/// Whether the context of two changes overlaps or touches, so that they share a hunk.
fn are_close(first: &LineChange, second: &LineChange) -> bool {
    second.before.start - first.before.end <= 2 * CONTEXT
}

fn write_hunk(text: &mut String, lines: &InternedLines<'_>, changes: &[LineChange]) {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
        return;
    };
    let start = first.before.start.saturating_sub(CONTEXT);
    let end = lines.before.len().min(last.before.end + CONTEXT);
    let new_start = first.after.start - (first.before.start - start);
    let new_end = last.after.end + (end - last.before.end);
    let (old, new) = (place(start..end), place(new_start..new_end));
    // Writing into a string does not fail.
    let _ = writeln!(text, "@@ -{old} +{new} @@");

    let mut next = start;
    for change in changes {
        write_lines(text, ' ', lines, &lines.before[next..change.before.start]);
        write_lines(text, '-', lines, &lines.before[change.before.clone()]);
        write_lines(text, '+', lines, &lines.after[change.after.clone()]);
        next = change.before.end;
    }
    write_lines(text, ' ', lines, &lines.before[next..end]);
}

/// The first line and the number of lines, as in the head of a hunk.
fn place(range: Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => (range.start + 1).to_string(),
        count => format!("{},{count}", range.start + 1),
    }
}

fn write_lines(text: &mut String, sign: char, lines: &InternedLines<'_>, tokens: &[Token]) {
    for token in tokens {
        let line = lines.interner[*token];
        text.push(sign);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unified;

    #[track_caller]
    fn assert_diff(before: &str, after: &str, expected: &str) {
        let diff = unified(("a/x", before), ("b/x", after));
        let (_, hunks) = diff.split_once("--- a/x\n+++ b/x\n").unwrap();
        assert_eq!(hunks, expected);
    }

    #[test]
    fn a_change_is_shown_with_three_lines_around_it() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        assert_diff(
            before,
            &before.replace('5', "five"),
            "@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n",
        );
        assert_diff(before, &before[2..], "@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n");
        assert_diff("1\n", "1\n2\n", "@@ -1 +1,2 @@\n 1\n+2\n");
        assert_diff("", "1\n", "@@ -0,0 +1 @@\n+1\n");
    }

    #[test]
    fn changes_share_a_hunk_if_their_context_touches() {
        let before: String = ('a'..='p').flat_map(|line| [line, '\n']).collect();
        let near = before.replace('b', "B").replace('i', "I");
        assert_eq!(
            unified(("", &before), ("", &near)).matches("@@ -").count(),
            1
        );
        let far = before.replace('b', "B").replace('j', "J");
        assert_eq!(
            unified(("", &before), ("", &far)).matches("@@ -").count(),
            2
        );
    }

    #[test]
    fn a_missing_line_break_at_the_end_is_marked() {
        assert_diff(
            "{}",
            "{}\n",
            "@@ -1 +1 @@\n-{}\n\\ No newline at end of file\n+{}\n",
        );
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(unified(("a", "1\n"), ("b", "1\n")), "");
    }
}
