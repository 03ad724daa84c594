//! The ways to read a string: where it begins and ends, whatever its quotes are.

use super::messages as say;
use super::messages::MessageText;
use super::search::Search;
use super::shape::Words;
use super::words::{CLEAR, LESS, ONE, SLIGHT, is_literal, is_mark, is_opening, is_word, word_of};
use super::{Correcting, Edit};

/// A string that is not what its place takes.
const UNFIT: usize = 6;
/// A quote that looks as if it belongs there.
const MORE: usize = 16;

/// How far a string is read after its first possible end, and without any.
const MAX_BYTES_AFTER_END: usize = 300;
const MAX_BYTES: usize = 4000;
/// How many of its commas, colons and brackets may follow a missing quote.
const MAX_BREAKS: usize = 12;
/// How many corrections may be inside a string.
const MAX_INNER: usize = 1000;
/// How many lines a string may have.
const MAX_LINES: usize = 4;

/// One way to read a string.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) content: String,
    pub(super) end: usize,
    pub(super) cost: usize,
    pub(super) corrections: Vec<Correcting>,
    /// A comma or colon that was inside the quotes.
    pub(super) tail: Option<char>,
}

impl Reading {
    /// Doubts corrections that may join two items of an array.
    pub(super) fn doubt_joined(&mut self, words: &Words) {
        let is_choice = matches!(words, Words::Choice(_)) && words.fit(&self.content);
        let is_list = self.content.contains([',', ';', '，', '、', '،']);
        for correction in &mut self.corrections {
            let is_joint = [say::EXTRA_QUOTE, say::LINE_BREAK].contains(&correction.text);
            let is_bare =
                [say::QUOTES, say::OPENING_QUOTE, say::CLOSING_QUOTE].contains(&correction.text);
            if is_joint && !is_choice || is_bare && is_list {
                correction.is_safe = false;
            }
        }
    }
}

/// What a string is: which strings fit, and whether it is a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct StringPlace<'w> {
    pub(super) words: &'w Words,
    /// What follows it, and may be inside its quotes.
    pub(super) separator: char,
}

/// How a string begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    Straight,
    /// Another kind of quote.
    Other(char),
    /// A quote with a backslash before it, or as in HTML.
    Encoded(&'static str),
    Missing,
}

/// How a string ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    Straight,
    /// Another kind of quote, of so many bytes.
    Other(usize, MessageText),
    Missing,
}

/// A string while it is read.
struct Reader<'r, 's> {
    search: &'r mut Search<'s>,
    opening: Opening,
    place: StringPlace<'r>,
    start: usize,
    /// Where the content begins.
    content: usize,
    /// What is wrong at the beginning, and its edit.
    beginning: Option<(MessageText, Edit)>,
    /// Corrections inside.
    inner: Vec<Correcting>,
    cost: usize,
    readings: Vec<Reading>,
}

/// Quotes with a backslash before them, doubled, or as in HTML.
pub(super) const ENCODED: [&str; 4] = ["\\\"", "&quot;", "&#34;", "''"];

impl Search<'_> {
    /// The ways to read the string at `start`.
    pub(super) fn readings(&mut self, start: usize, place: StringPlace<'_>) -> Vec<Reading> {
        let rest = &self.text[start..];
        let Some(first) = rest.chars().next() else {
            return Vec::new();
        };
        let word = word_of(rest);
        self.work(word.len());
        let encoded = ENCODED.into_iter().find(|quote| rest.starts_with(quote));
        let (opening, bytes, text) = if first == '"' {
            (Opening::Straight, 1, None)
        } else if let Some(quote) = encoded {
            let text = Some(say::ENCODED_QUOTES);
            (Opening::Encoded(quote), quote.len(), text)
        } else if is_literal(word) {
            return Vec::new();
        } else if is_word(first) {
            (Opening::Missing, 0, Some(say::OPENING_QUOTE))
        } else if is_mark(first) && !"\\-+".contains(first) {
            let text = Some(say::other_quotes(first));
            (Opening::Other(first), first.len_utf8(), text)
        } else {
            return Vec::new();
        };
        let content = start + bytes;
        Reader {
            search: self,
            opening,
            place,
            start,
            content,
            beginning: text.map(|text| (text, (start..content, "\""))),
            inner: Vec::new(),
            cost: match opening {
                Opening::Straight => 0,
                Opening::Other(_) => CLEAR,
                Opening::Encoded(_) | Opening::Missing => ONE,
            },
            readings: Vec::new(),
        }
        .read()
    }

    /// The ways to read a string after an edit that moves a comma or colon out of it.
    pub(super) fn readings_after(
        &mut self,
        edit: Edit,
        text: MessageText,
        place: StringPlace<'_>,
    ) -> Vec<Reading> {
        Reader {
            search: self,
            opening: Opening::Straight,
            place,
            start: edit.0.start,
            content: edit.0.end,
            beginning: Some((text, edit)),
            inner: Vec::new(),
            cost: LESS,
            readings: Vec::new(),
        }
        .read()
    }
}

impl Reader<'_, '_> {
    fn rest(&self, at: usize) -> &str {
        &self.search.text[at..]
    }

    fn read(mut self) -> Vec<Reading> {
        let text = self.search.text;
        let mut at = self.content;
        let mut limit = text.len();
        let (mut quotes, mut breaks, mut lines) = (0, 0, 1);
        while let Some(char) = text[at..].chars().next() {
            let mut bytes = char.len_utf8();
            match char {
                '"' => {
                    self.quote(at, quotes);
                    quotes += 1;
                    limit = limit.min(at + MAX_BYTES_AFTER_END);
                }
                '\\' => bytes = self.escape(at),
                '\n' | '\r' => {
                    if quotes > 0 || lines == MAX_LINES || self.opening != Opening::Straight {
                        break;
                    }
                    if lines == 1 {
                        self.line_end(at);
                    }
                    lines += 1;
                    bytes = self.join(at);
                }
                ',' | ':' | ';' | ']' | '}' | ')' if lines == 1 && quotes == 0 => {
                    breaks += 1;
                    if breaks <= MAX_BREAKS {
                        self.missing_end(at, char);
                    }
                }
                '\0'..' ' => self.control(at),
                _ if is_mark(char) && lines == 1 => self.other_quote(at, char),
                _ => {}
            }
            at += bytes;
            if self.opening != Opening::Straight {
                limit = limit.min(self.content + MAX_BYTES);
            }
            let is_enough = self.inner.len() > MAX_INNER || self.search.is_exhausted();
            if at > limit || is_enough {
                break;
            }
        }
        if quotes == 0 && lines == 1 {
            self.line_end(at);
        }
        self.search.work(at - self.start);
        self.readings
    }

    /// Whether a string can end here: at the end of a line, or before punctuation.
    fn is_end(&self, at: usize) -> bool {
        let after = self.rest(at).trim_start_matches([' ', '\t']);
        let next = after.chars().next();
        next.is_none_or(|char| "\n\r:,]});=".contains(char) || is_mark(char) && !char.is_ascii())
    }

    /// A straight quote: the end of the string, or part of it.
    fn quote(&mut self, at: usize, quotes: usize) {
        let before = &self.search.text[self.content..at];
        let last = before.chars().next_back();
        let next = self.rest(at + 1).chars().next();
        let is_first = quotes == 0;
        let is_start = before.chars().nth(1).is_none();
        self.end(at, Closing::Straight, 0);
        if last == Some(self.place.separator) && !is_start {
            self.end_before_separator(at);
        }
        if let Some(next) = next.filter(|next| is_first && is_word(*next)) {
            self.end_after(at, at + 1 + next.len_utf8());
        }

        let is_around = |char: Option<char>| char.is_some_and(is_word);
        let (mut correction, cost) = match self.opening {
            Opening::Other(_) => (Correcting::edit(at..at, say::INNER_QUOTE, "\\"), SLIGHT),
            Opening::Missing if is_first && is_start => {
                (Correcting::edit(at..at + 1, say::MISPLACED_QUOTE, ""), 0)
            }
            _ if *self.place.words == Words::Text => (
                Correcting::edit(at..at, say::INNER_QUOTE, "\\"),
                ONE + SLIGHT,
            ),
            _ if is_around(last) && is_around(next) => (
                Correcting::edit(at..at + 1, say::EXTRA_QUOTE, ""),
                ONE + SLIGHT,
            ),
            _ => (Correcting::edit(at..at + 1, say::EXTRA_QUOTE, ""), MORE),
        };
        correction.range = at..at + 1;
        correction.is_safe = cost <= SLIGHT || *self.place.words != Words::Text;
        self.inner.push(correction);
        self.cost += cost;
    }

    /// A quote of another kind.
    fn other_quote(&mut self, at: usize, char: char) {
        let (bytes, cost) = match self.opening {
            Opening::Encoded(quote) if self.rest(at).starts_with(quote) => (quote.len(), 0),
            Opening::Other('<') if char == '>' => (1, 0),
            Opening::Other(open) if char == open || !char.is_ascii() => (char.len_utf8(), 0),
            Opening::Straight | Opening::Missing if !char.is_ascii() || char == '\'' => {
                (char.len_utf8(), ONE)
            }
            _ => return,
        };
        if self.is_end(at + bytes) {
            self.end(at, Closing::Other(bytes, say::other_quotes(char)), cost);
            // A string seldom goes on after what looks like its end.
            self.cost += match self.place.words {
                Words::Text => UNFIT,
                _ => ONE,
            };
        }
    }

    /// The end of a line, or of what is read.
    fn line_end(&mut self, at: usize) {
        let line = self.search.text[..at].trim_end();
        let is_odd = line.ends_with([',', ':', ']', '}']);
        let cost = if is_odd { ONE + UNFIT + UNFIT } else { ONE };
        self.end(line.len(), Closing::Missing, cost);
    }

    /// A comma, colon or bracket; the closing quote may be missing before it.
    fn missing_end(&mut self, at: usize, char: char) {
        let end = self.search.text[..at].trim_end().len();
        let rest = &self.search.text[at..];
        let near = &rest[..rest.floor_char_boundary(MAX_BYTES_AFTER_END)];
        let line = near.lines().next().unwrap_or_default();
        let is_last = line
            .trim_matches(|char| " \t,:]};)".contains(char))
            .is_empty();
        let is_before_next = line[1..].trim_start().starts_with(is_opening);
        let cost = if is_last || char == self.place.separator && char == ':' {
            ONE
        } else if is_before_next {
            ONE + SLIGHT
        } else {
            ONE + 4 * SLIGHT
        };
        self.search.work(line.len());
        self.end(end, Closing::Missing, cost);
    }

    /// Joins a line with the next, and returns the bytes between them.
    fn join(&mut self, at: usize) -> usize {
        let rest = self.rest(at);
        let next = rest.trim_start();
        let bytes = rest.len() - next.len();
        let is_text = *self.place.words == Words::Text && !next.starts_with('"');
        self.search.work(bytes);
        let joint = if is_text { " " } else { "" };
        let mut correction = Correcting::edit(at..at + bytes, say::LINE_BREAK, joint);
        correction.range = self.start..at;
        self.inner.push(correction);
        self.cost += ONE;
        bytes
    }

    fn control(&mut self, at: usize) {
        let is_text = *self.place.words == Words::Text;
        let by = if is_text { " " } else { "" };
        self.inner
            .push(Correcting::edit(at..at + 1, say::CONTROL, by));
        self.cost += SLIGHT;
    }

    /// An escape in a string; returns its bytes.
    fn escape(&mut self, at: usize) -> usize {
        let rest = self.rest(at);
        let escaped = rest[1..].chars().next();
        let (first, second) = (unit(rest), rest.get(6..).and_then(unit));
        if escaped == Some('"') && self.is_end(at + 2) {
            let cost = if matches!(self.opening, Opening::Encoded(_)) {
                0
            } else {
                LESS
            };
            self.end(at, Closing::Other(2, say::ENCODED_QUOTES), cost);
            return 2;
        }
        let is_pair = matches!(
            (first, second),
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000))
        );
        match (escaped, first) {
            (Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't'), _) => 2,
            _ if is_pair => 12,
            (Some('u'), Some(0xD800..0xE000)) => {
                let half = Correcting::edit(at..at + 6, say::HALF_CHARACTER, "\u{fffd}");
                self.inner.push(half.unsafely());
                self.cost += SLIGHT;
                6
            }
            (Some('u'), Some(_)) => 6,
            _ => {
                let bytes = escaped
                    .filter(|char| *char >= ' ')
                    .map_or(0, char::len_utf8);
                let edit = (at..at + 1, "");
                let mut correction = Correcting::new(at..at + 1 + bytes, say::ESCAPE, edit);
                correction.is_safe = *self.place.words != Words::Text || escaped == Some('\'');
                self.inner.push(correction);
                self.cost += SLIGHT;
                1
            }
        }
    }

    /// A reading in which the content ends here.
    fn end(&mut self, content: usize, closing: Closing, cost: usize) {
        if content < self.content {
            return;
        }
        let insertion = (content..content, "\"");
        let correction = match closing {
            Closing::Straight => return self.add(content, content + 1, 0, None),
            Closing::Missing if self.opening == Opening::Missing => {
                let mut correction = Correcting::new(self.start..content, say::QUOTES, insertion);
                correction.joins = Some(self.start);
                return self.add(content, content, cost.saturating_sub(ONE), Some(correction));
            }
            Closing::Missing => Correcting::new(self.start..content, say::CLOSING_QUOTE, insertion),
            Closing::Other(bytes, text) => {
                let mut correction = Correcting::edit(content..content + bytes, text, "\"");
                let is_pair = matches!(self.opening, Opening::Other(_) | Opening::Encoded(_));
                correction.joins = is_pair.then_some(self.start);
                correction
            }
        };
        let end = match closing {
            Closing::Other(bytes, _) => content + bytes,
            _ => content,
        };
        self.add(content, end, cost, Some(correction));
    }

    /// A reading in which a comma or colon moves out of the quotes, of which the closing one is at
    /// `quote`.
    fn end_before_separator(&mut self, quote: usize) {
        let separator = self.place.separator;
        let next = self.rest(quote + 1).trim_start();
        let (text, by, is_wanted) = match separator {
            ':' => (say::COLON_INSIDE, "\":", !next.starts_with([':', '='])),
            _ => (say::COMMA_INSIDE, "\",", next.starts_with(is_opening)),
        };
        if is_wanted {
            let correction = Correcting::edit(quote - 1..quote + 1, text, by);
            self.add(quote - 1, quote + 1, LESS, Some(correction));
            if let Some(reading) = self.readings.last_mut() {
                reading.tail = Some(separator);
            }
        }
    }

    /// A reading in which the closing quote is at `quote`, but belongs to `end`.
    fn end_after(&mut self, quote: usize, end: usize) {
        if self.is_end(end) {
            let mut correction = Correcting::edit(quote..quote + 1, say::MISPLACED_QUOTE, "");
            correction.edits.push((end..end, "\""));
            self.add(end, end, ONE, Some(correction));
        }
    }

    fn add(&mut self, content_end: usize, end: usize, cost: usize, closing: Option<Correcting>) {
        let mut corrections = Vec::new();
        if let Some((text, edit)) = &self.beginning {
            let pair = closing.as_ref().filter(|closing| closing.joins.is_some());
            let text = pair.map_or(*text, |closing| closing.text);
            corrections.push(Correcting::new(self.start..end, text, edit.clone()));
        }
        corrections.extend(self.inner.iter().cloned());
        corrections.extend(closing);
        let content = self.content_of(content_end, &corrections);
        let bytes = content.len() + corrections.len() * size_of::<Correcting>();
        self.search.work(bytes);
        if !self.is_one_string(&content)
            && let Some(correction) = corrections.first_mut()
        {
            correction.is_safe = false;
        }
        let is_unfit = !self.place.words.fit(&content);
        self.readings.push(Reading {
            content,
            end,
            cost: self.cost + cost + if is_unfit { UNFIT } else { 0 },
            corrections,
            tail: None,
        });
    }

    /// Whether the content cannot be several strings, or a string and what follows it.
    fn is_one_string(&self, content: &str) -> bool {
        let is_quote = |char: char| "\"'“”„‘’«»".contains(char);
        let is_quoted = matches!(self.opening, Opening::Other(_) | Opening::Encoded(_));
        match self.place.words {
            Words::Text => !content
                .split([',', ':', '，', '：'])
                .skip(1)
                .any(|part| part.trim_start().starts_with(is_quote)),
            words if words.fit(content) => true,
            Words::Choice(_) => {
                let is_part = |char: char| !is_quote(char) && !",:;{}[]\\".contains(char);
                content.chars().all(is_part)
                    && (is_quoted || !content.contains(char::is_whitespace))
            }
            Words::Word => false,
        }
    }

    /// The content after the corrections inside.
    fn content_of(&self, end: usize, corrections: &[Correcting]) -> String {
        let mut content = String::new();
        let mut at = self.content;
        for (range, by) in corrections.iter().flat_map(|correction| &correction.edits) {
            if range.start >= at && range.end <= end && *by != "\"" {
                content.push_str(&self.search.text[at..range.start]);
                content.push_str(by);
                at = range.end;
            }
        }
        content.push_str(&self.search.text[at..end]);
        content
    }
}

/// The code unit of an escape `\uXXXX`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(..6)?.strip_prefix("\\u")?;
    // The standard library would accept a sign.
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u32::from_str_radix(digits, 16).ok()
}
