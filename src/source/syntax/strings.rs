//! Strings in whichever quotes, and what is wrong in them.

use super::messages::{
    CLOSING_QUOTE, CONTROL, CURLY, DOUBLE_QUOTES, LINE_BREAK, SINGLE, SINGLE_QUOTES,
};
use super::{Scan, Scanner};
use crate::text::quote;

impl Scanner<'_> {
    /// A string, in whichever quotes.
    pub(super) fn string(&mut self, is_name: bool) -> Scan {
        match self.peek() {
            Some('"') => self.straight(is_name),
            Some(open) => self.foreign(open),
            None => Ok(()),
        }
    }

    /// A string in curly or single quotes.
    fn foreign(&mut self, open: char) -> Scan {
        let is_double = DOUBLE_QUOTES.contains(open);
        let closes = |it: char| match is_double {
            true => it == '"' || DOUBLE_QUOTES.contains(it),
            false => SINGLE_QUOTES.contains(it),
        };
        let start = self.at;
        let line = self.rest().lines().next().unwrap_or_default();
        let close = line.char_indices().skip(1).find(|(at, it)| {
            let after = line[at + it.len_utf8()..].trim_start();
            closes(*it) && (after.is_empty() || after.starts_with([':', ',', ']', '}', ';']))
        });
        let Some((at, close)) = close else {
            return self.fail(start..start + line.trim_end().len(), CLOSING_QUOTE);
        };
        self.advance(at + close.len_utf8());
        let content = serde_json::Value::from(&line[open.len_utf8()..at]).to_string();
        let text = if is_double || "‘’‚‛".contains(open) {
            CURLY
        } else {
            SINGLE
        };
        self.correct(
            start..self.end,
            text,
            "replace the quotes",
            vec![(start..self.end, content)],
        )
    }

    /// A string that begins with a straight double quote.
    fn straight(&mut self, is_name: bool) -> Scan {
        let start = self.at;
        self.at += 1;
        loop {
            let at = self.at;
            match self.peek() {
                Some('"') => {
                    self.advance(1);
                    return self.check_name(start, is_name);
                }
                Some('\\') => self.escape()?,
                Some('\n' | '\r') | None => {
                    let next = self.rest().trim_start();
                    if next.is_empty() || next.starts_with(['"', ']', '}', '“', '”']) {
                        return self.close_string(start, at, is_name);
                    }
                    if !next.lines().next().is_some_and(|line| line.contains('"')) {
                        return self.fail(start..at, CLOSING_QUOTE);
                    }
                    self.at = self.text.len() - next.len();
                    // A URL contains no space.
                    let is_url = self.text[start..at].starts_with("\"http");
                    let joint = if is_url { "" } else { " " };
                    let edits = vec![(at..self.at, joint.to_owned())];
                    self.correct(start..at, LINE_BREAK, "join the lines of the string", edits)?;
                }
                Some(control) if u32::from(control) < 0x20 => {
                    self.at += 1;
                    let edits = vec![(at..at + 1, " ".to_owned())];
                    self.correct(
                        at..at + 1,
                        CONTROL,
                        "replace the control character with a space",
                        edits,
                    )?;
                }
                Some(other) => self.at += other.len_utf8(),
            }
        }
    }

    /// Reports that a string has no closing quote before the end of its line.
    fn close_string(&mut self, start: usize, line_end: usize, is_name: bool) -> Scan {
        let line = &self.text[start..line_end];
        let name = line[1..].find(':').filter(|_| is_name).map(|at| at + 1);
        let content = line.trim_end().trim_end_matches([',', ']', '}', ' ']);
        let (kept, edit) = match content.chars().next_back() {
            _ if name.is_some() => {
                let at = name.unwrap_or_default();
                (at, (start + at..start + at, "\"".to_owned()))
            }
            Some(curly) if DOUBLE_QUOTES.contains(curly) => {
                let at = start + content.len();
                (content.len(), (at - curly.len_utf8()..at, "\"".to_owned()))
            }
            _ => {
                let at = start + content.len();
                (content.len(), (at..at, "\"".to_owned()))
            }
        };
        self.at = start;
        self.advance(kept);
        self.correct(
            start..self.end,
            CLOSING_QUOTE,
            "close the string",
            vec![edit],
        )
    }

    /// Whether a name ends where its value begins, as in `"domain: "example.com"`.
    fn check_name(&mut self, start: usize, is_name: bool) -> Scan {
        let content = &self.text[start + 1..self.end - 1];
        let after = self.rest().trim_start();
        match content
            .find(':')
            .filter(|_| is_name && !after.starts_with([':', '=']))
        {
            Some(colon) => {
                let at = start + 1 + colon;
                self.at = at;
                self.end = at;
                let edits = vec![(at..at, "\"".to_owned())];
                self.correct(start..at, CLOSING_QUOTE, "close the string", edits)
            }
            None => Ok(()),
        }
    }

    /// An escape in a string.
    fn escape(&mut self) -> Scan {
        let (at, rest) = (self.at, self.rest());
        let hex = |from: usize| {
            let digits = rest.get(from..from + 6)?.strip_prefix("\\u")?;
            u32::from_str_radix(digits, 16)
                .ok()
                .filter(|_| !digits.starts_with('+'))
        };
        let escaped = rest.chars().nth(1);
        let bytes = match (escaped, hex(0)) {
            (Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't'), _) => 2,
            (Some('u'), Some(0xD800..0xDC00)) if matches!(hex(6), Some(0xDC00..0xE000)) => 12,
            (Some('u'), Some(0xD800..0xE000)) => {
                self.at += 6;
                let edits = vec![(at..at + 6, char::REPLACEMENT_CHARACTER.to_string())];
                let help = "Write the character itself, such as `é` or `😀`.";
                let result = self.correct(at..at + 6, ("", help), "", edits);
                self.unsafely();
                self.describe(format!("{} is only half of a character", quote(&rest[..6])));
                return result;
            }
            (Some('u'), Some(_)) => 6,
            _ => {
                let bytes = 1 + escaped.filter(|it| *it >= ' ').map_or(0, char::len_utf8);
                self.at += bytes;
                let edits = vec![(at..at + 1, String::new())];
                let help = "Write `\\\"` for a double quote, `\\\\` for a backslash.";
                let result =
                    self.correct(at..at + bytes, ("", help), "remove the backslash", edits);
                if escaped != Some('\'') {
                    self.unsafely();
                }
                self.describe(format!("unknown escape {}", quote(&rest[..bytes])));
                return result;
            }
        };
        self.at += bytes;
        Ok(())
    }
}
