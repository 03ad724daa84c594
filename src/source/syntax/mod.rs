//! Finds several syntax errors in one JSON text: after an error with an obvious correction, it
//! goes on in the corrected text.

mod messages;
mod strings;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use super::json;
use crate::text::replace;
use messages::{
    BRACE, BRACKET, COLON, COMMA, COMMENT, CONFLICT, DEPTH, DOUBLE_QUOTES, EXTRA_BRACKET,
    EXTRA_COMMA, INNER_QUOTE, ITEM, OUTER_BRACES, QUOTES, REST, SINGLE_QUOTES, SPACE, TRAILING,
    Text, UNEXPECTED, VALUE,
};

/// One syntax error.
#[derive(Debug)]
pub(crate) struct SyntaxError {
    /// Where, in bytes.
    pub(crate) range: Range<usize>,
    pub(crate) message: Cow<'static, str>,
    pub(crate) help: &'static str,
    /// The obvious correction; only the last error of a text can be without.
    pub(crate) correction: Option<Correction>,
}

/// How to correct an error.
#[derive(Debug)]
pub(crate) struct Correction {
    /// What it does, in the infinitive.
    pub(crate) title: &'static str,
    pub(crate) edits: Vec<(Range<usize>, String)>,
    /// Whether nothing is lost or guessed, so that it can be applied.
    pub(crate) is_safe: bool,
}

const MAX_ERRORS: usize = 1000;
const MAX_DEPTH: usize = 100;

/// The syntax errors of a text that is not JSON, at most a thousand.
pub(crate) fn errors(text: &str) -> Vec<SyntaxError> {
    let mut scanner = Scanner {
        text,
        at: 0,
        end: 0,
        depth: 0,
        root_fields: 0,
        errors: Vec::new(),
    };
    // It stops at the first error that has no obvious correction.
    let _ = match conflict(text) {
        Some(range) => scanner.fail(range, CONFLICT),
        None => scanner.root(),
    };
    scanner.errors
}

/// The first line that git writes where two versions cannot be merged.
fn conflict(text: &str) -> Option<Range<usize>> {
    let start = if text.starts_with("<<<<<<< ") {
        0
    } else {
        text.find("\n<<<<<<< ")? + 1
    };
    let line = text[start..].lines().next()?;
    Some(start..start + line.len())
}

/// The text without these errors, if all of them can be corrected.
pub(crate) fn corrected(text: &str, errors: &[SyntaxError]) -> Option<String> {
    let mut edits = Vec::new();
    for error in errors {
        edits.extend(error.correction.as_ref()?.edits.iter().cloned());
    }
    Some(replace(text, edits)).filter(|text| json::parse(text).is_ok())
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    /// The end of the last token.
    end: usize,
    depth: usize,
    root_fields: usize,
    errors: Vec<SyntaxError>,
}

/// It cannot go on.
struct Stop;

type Scan = Result<(), Stop>;

impl<'t> Scanner<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn advance(&mut self, bytes: usize) {
        self.at += bytes;
        self.end = self.at;
    }

    /// Reports an error that has no obvious correction.
    fn fail(&mut self, range: Range<usize>, (message, help): Text) -> Scan {
        self.errors.push(SyntaxError {
            range,
            message: message.into(),
            help,
            correction: None,
        });
        Err(Stop)
    }

    /// Reports an error at the next character, which has no obvious correction.
    fn fail_here(&mut self, text: Text) -> Scan {
        let length = self.peek().map_or(0, char::len_utf8);
        self.fail(self.at..self.at + length, text)
    }

    /// Reports an error with its correction.
    fn correct(
        &mut self,
        range: Range<usize>,
        (message, help): Text,
        title: &'static str,
        edits: Vec<(Range<usize>, String)>,
    ) -> Scan {
        let correction = Some(Correction {
            title,
            edits,
            is_safe: true,
        });
        self.errors.push(SyntaxError {
            range,
            message: message.into(),
            help,
            correction,
        });
        if self.errors.len() == MAX_ERRORS {
            Err(Stop)
        } else {
            Ok(())
        }
    }

    /// Says that the last correction loses or guesses something.
    fn unsafely(&mut self) {
        if let Some(correction) = self.errors.last_mut().and_then(|it| it.correction.as_mut()) {
            correction.is_safe = false;
        }
    }

    /// Reports that something is missing after the last token.
    fn insert(&mut self, what: &str, text: Text, title: &'static str) -> Scan {
        let end = self.end;
        let last = self.text[..end]
            .chars()
            .next_back()
            .map_or(0, char::len_utf8);
        self.correct(
            end - last..end,
            text,
            title,
            vec![(end..end, what.to_owned())],
        )
    }

    /// Reports that the next bytes do not belong here, and skips them.
    fn remove(&mut self, bytes: usize, text: Text, title: &'static str) -> Scan {
        let range = self.at..self.at + bytes;
        self.at = range.end;
        self.correct(range.clone(), text, title, vec![(range, String::new())])
    }

    /// Skips white space and comments.
    fn skip(&mut self) -> Scan {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
            let rest = self.rest();
            let comment = if rest.starts_with("//") {
                Some(rest.find('\n').unwrap_or(rest.len()))
            } else if rest.starts_with("/*") {
                Some(rest.find("*/").map_or(rest.len(), |at| at + 2))
            } else {
                None
            };
            match (comment, self.peek()) {
                (Some(bytes), _) => {
                    let result = self.remove(bytes, COMMENT, "remove the comment");
                    self.unsafely();
                    result?;
                }
                (None, Some(it)) if it.is_whitespace() || "\u{feff}\u{200b}".contains(it) => {
                    self.remove(it.len_utf8(), SPACE, "remove an invisible character")?;
                }
                _ => return Ok(()),
            }
        }
    }

    fn root(&mut self) -> Scan {
        self.skip()?;
        let start = self.at;
        let starts_name = |it: char| it == '"' || DOUBLE_QUOTES.contains(it) || it.is_alphabetic();
        let line = self.rest().lines().next().unwrap_or_default();
        if self.peek().is_some_and(starts_name) && line.contains(':') {
            let name = self.at..self.at + line.find(':').unwrap_or_default();
            let edits = vec![(start..start, "{".to_owned())];
            self.correct(name, OUTER_BRACES, "add the braces", edits)?;
            let added = self.errors.len() - 1;
            self.fields(None, added)?;
        } else {
            self.value(VALUE)?;
        }
        self.skip()?;
        let rest = self.rest();
        if rest
            .chars()
            .all(|it| it.is_whitespace() || "}],".contains(it))
            && !rest.is_empty()
        {
            let bytes = rest.trim_end().len();
            let text = if rest.starts_with(',') {
                TRAILING
            } else {
                EXTRA_BRACKET
            };
            let result = self.remove(bytes, text, "remove the extra bracket");
            // With several fields, one brace more probably closes the entry too early.
            if self.root_fields > 1 {
                self.unsafely();
            }
            return result;
        }
        match rest.is_empty() {
            true => Ok(()),
            false => self.fail_here(REST),
        }
    }

    fn value(&mut self, missing: Text) -> Scan {
        self.skip()?;
        match self.peek() {
            Some(open @ ('{' | '[')) => {
                if self.depth == MAX_DEPTH {
                    return self.fail_here(DEPTH);
                }
                self.depth += 1;
                let start = self.at;
                self.advance(1);
                match open {
                    '{' => self.fields(Some(start), 0)?,
                    _ => self.items(start)?,
                }
                self.depth -= 1;
                Ok(())
            }
            Some(it) if it == '"' || is_quote(it) => self.string(false),
            Some(it) if it.is_alphanumeric() || "-+_@./<#$".contains(it) => self.word(),
            Some(',' | ']' | '}' | ':') | None => self.fail_here(missing),
            Some(_) => self.fail_here(UNEXPECTED),
        }
    }

    /// The fields of an object after its opening brace at `open`, or of the whole file if the error
    /// `added` adds its braces.
    fn fields(&mut self, open: Option<usize>, added: usize) -> Scan {
        let mut is_first = true;
        loop {
            self.skip()?;
            match self.peek() {
                Some('}') => {
                    self.advance(1);
                    return Ok(());
                }
                None => {
                    let end = self.text.trim_end().len();
                    let edit = (end..end, "}".to_owned());
                    let Some(open) = open else {
                        let correction = self.errors[added].correction.as_mut();
                        if let Some(correction) = correction {
                            correction.edits.push(edit);
                        }
                        return Ok(());
                    };
                    return self.correct(
                        open..open + 1,
                        BRACE,
                        "add the closing brace",
                        vec![edit],
                    );
                }
                Some(']') if open.is_some() => return self.fail_here(BRACE),
                _ if !is_first => self.separator('}')?,
                _ => {}
            }
            if self.skip().is_ok() && self.peek().is_none_or(|it| it == '}') {
                continue;
            }
            is_first = false;
            self.root_fields += usize::from(self.depth <= 1);
            match self.peek() {
                Some(it) if it == '"' || is_quote(it) => self.string(true)?,
                Some(it) if it.is_alphanumeric() || it == '_' => {
                    let rest = self.rest();
                    let is_part = |it: char| it.is_alphanumeric() || "-_".contains(it);
                    let bytes = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
                    match rest[bytes..]
                        .strip_prefix('"')
                        .map(|it| it.trim_start().as_bytes())
                    {
                        Some([b':', ..]) => self.open_quote(bytes)?,
                        _ => self.quote_word(bytes)?,
                    }
                }
                _ => return self.fail_here(UNEXPECTED),
            }
            self.skip()?;
            match self.peek() {
                Some(':') => self.advance(1),
                Some('=') => {
                    let bytes = if self.rest().starts_with("=>") { 2 } else { 1 };
                    let range = self.at..self.at + bytes;
                    self.advance(bytes);
                    let edits = vec![(range.clone(), ":".to_owned())];
                    self.correct(range, COLON, "replace the equals sign with a colon", edits)?;
                }
                Some(it) if it == '"' || "[{".contains(it) || is_quote(it) => {
                    self.insert(":", COLON, "add the colon")?;
                }
                Some(it) if it.is_alphanumeric() && self.text[..self.at].ends_with('"') => {
                    return self.fail(self.at - 1..self.at, INNER_QUOTE);
                }
                _ => return self.fail_here(COLON),
            }
            self.value(VALUE)?;
        }
    }

    /// The items of an array after its opening bracket at `open`.
    fn items(&mut self, open: usize) -> Scan {
        let mut is_first = true;
        loop {
            self.skip()?;
            match self.peek() {
                Some(']') => {
                    self.advance(1);
                    return Ok(());
                }
                // Only an object can be around it.
                Some('}') => return self.insert("]", BRACKET, "add the closing bracket"),
                None | Some(':') => return self.fail(open..open + 1, BRACKET),
                _ if !is_first => self.separator(']')?,
                _ => {}
            }
            if self.skip().is_ok() && self.peek().is_none_or(|it| "]}".contains(it)) {
                continue;
            }
            is_first = false;
            self.value(ITEM)?;
        }
    }

    /// The comma between two items, of which the last is followed by `close`.
    fn separator(&mut self, close: char) -> Scan {
        match self.peek() {
            Some(',') => {
                let (comma, end) = (self.at, self.end);
                self.advance(1);
                self.skip()?;
                while self.peek() == Some(',') {
                    self.remove(1, EXTRA_COMMA, "remove the extra comma")?;
                    self.skip()?;
                }
                if self.peek().is_none_or(|it| it == close || it == '}') {
                    self.end = end;
                    let range = comma..comma + 1;
                    let edits = vec![(range.clone(), String::new())];
                    self.correct(range, TRAILING, "remove the trailing comma", edits)?;
                }
                Ok(())
            }
            Some(';') => {
                let range = self.at..self.at + 1;
                self.advance(1);
                let edits = vec![(range.clone(), ",".to_owned())];
                self.correct(range, COMMA, "replace the semicolon with a comma", edits)
            }
            Some(it) if it == '"' || it.is_alphanumeric() || "[{".contains(it) || is_quote(it) => {
                let between = &self.text[self.end..self.at];
                let is_string = self.text[..self.end].ends_with('"');
                if it.is_alphanumeric() && is_string && !between.contains('\n') {
                    return self.fail(self.end - 1..self.end, INNER_QUOTE);
                }
                self.insert(",", COMMA, "add the comma")
            }
            _ => self.fail_here(UNEXPECTED),
        }
    }

    /// A value without quotes: a number, `true`, `null`, or a string that lacks them.
    fn word(&mut self) -> Scan {
        let rest = self.rest();
        let word = rest
            .split([',', ']', '}', '\n', '"'])
            .next()
            .unwrap_or_default();
        let word = word.split(" //").next().unwrap_or_default();
        let trimmed = word.trim_end();
        if serde_json::from_str::<serde_json::Value>(trimmed).is_ok() {
            self.advance(trimmed.len());
            return Ok(());
        }
        if rest[word.len()..].starts_with('"') && word.len() == trimmed.len() {
            return self.open_quote(word.len());
        }
        let is_literal = ["True", "False", "None", "undefined"].contains(&trimmed);
        let result = self.quote_word(trimmed.len());
        if is_literal {
            self.unsafely();
        }
        result
    }

    /// Reports that the next bytes, which end before a double quote, lack the opening one.
    fn open_quote(&mut self, bytes: usize) -> Scan {
        let start = self.at;
        self.advance(bytes + 1);
        let edits = vec![(start..start, "\"".to_owned())];
        self.correct(start..self.end, QUOTES, "add the opening quote", edits)
    }

    /// Reports that the next bytes lack their quotes.
    fn quote_word(&mut self, bytes: usize) -> Scan {
        let range = self.at..self.at + bytes;
        let quoted = serde_json::Value::from(&self.text[range.clone()]).to_string();
        self.advance(bytes);
        self.correct(
            range.clone(),
            QUOTES,
            "add the double quotes",
            vec![(range, quoted)],
        )
    }

    /// Gives the last error its message.
    fn describe(&mut self, message: String) {
        if let Some(error) = self.errors.last_mut() {
            error.message = message.into();
        }
    }
}

fn is_quote(char: char) -> bool {
    DOUBLE_QUOTES.contains(char) || SINGLE_QUOTES.contains(char)
}
