//! The grammar of entries, and what can be wrong at each place.

use super::messages::{self as say, MessageText};
use super::search::{Frame, Phase, Search, SearchState, SearchStep};
use super::shape::{Form, Words};
use super::strings::{Reading, StringPlace};
use super::words::{
    CLEAR, ONE, SLIGHT, is_json_literal, is_literal, is_mark, is_opening, is_word, word_of,
};
use super::{Correcting, Edit};
use crate::text::is_hidden;

/// What cannot be corrected, but read.
const OTHER_FORM: usize = 25;
const UNREADABLE: usize = 30;

const MAX_DEPTH: usize = 16;

/// A name that only means a field.
const OTHER_NAME: usize = 2;

const ANY: &Form = &Form::Any;
const TEXT: &Words = &Words::Text;

/// The ways to go on from one state.
struct Ways<'s> {
    from: SearchState<'s>,
    steps: Vec<SearchStep<'s>>,
}

impl<'s> Ways<'s> {
    fn add(&mut self, cost: usize, state: SearchState<'s>, corrections: Vec<Correcting>) {
        self.steps.push(SearchStep {
            state,
            cost,
            corrections,
        });
    }

    /// The next bytes are as they should be.
    fn read(&mut self, bytes: usize, phase: Phase<'s>) {
        let state = self.from.then(self.from.at + bytes, phase);
        self.add(0, state, Vec::new());
    }

    /// A string is a value.
    fn add_value(&mut self, reading: Reading) {
        let state = self.from.then(reading.end, Phase::After);
        let said = state.saying(&reading.content);
        let next = match reading.tail {
            Some(_) => said.then(reading.end, Phase::Next),
            None => said,
        };
        self.add(reading.cost, next, reading.corrections);
    }

    /// An array or object ends here, with so many bytes.
    fn leave(
        &mut self,
        frame: &Frame<'s>,
        bytes: usize,
        cost: usize,
        corrections: Vec<Correcting>,
    ) {
        let from = self.from;
        let left = from.then(from.at + bytes, Phase::After).saying("}");
        let end = if bytes == 0 { from.end } else { left.end };
        let state = SearchState {
            end,
            frame: frame.parent,
            ..left
        };
        self.add(cost, state, corrections);
    }
}

impl<'s> Search<'s> {
    /// The ways to go on from a state.
    pub(super) fn steps(&mut self, state: SearchState<'s>) -> Vec<SearchStep<'s>> {
        let rest = &self.text[state.at..];
        let trimmed = rest.trim_start_matches([' ', '\t', '\n', '\r']);
        self.work(rest.len() - trimmed.len());
        let from = state.skipping(self.text.len() - trimmed.len());
        let steps = Vec::new();
        let mut ways = Ways { from, steps };
        if !self.skip(&mut ways) {
            match from.phase {
                Phase::Value(form) => self.value(&mut ways, form),
                Phase::First | Phase::Next => self.item(&mut ways),
                Phase::Colon(form) => self.colon(&mut ways, form),
                Phase::After => self.after(&mut ways),
                Phase::Done => {}
            }
            self.remove(&mut ways);
        }
        ways.steps
    }

    fn peek(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    /// Skips what is no part of JSON at any place: comments, code fences, invisible characters.
    fn skip(&mut self, ways: &mut Ways<'s>) -> bool {
        let at = ways.from.at;
        let rest = &self.text[at..];
        let line = || rest.find('\n').unwrap_or(rest.len());
        let to = |end: &str| rest.find(end).map_or(rest.len(), |found| found + end.len());
        let is_invisible = |char: char| {
            !matches!(char, ' ' | '\t' | '\n' | '\r') && (char.is_whitespace() || is_hidden(char))
        };
        let (bytes, text, is_safe) = if rest.starts_with("//") || rest.starts_with('#') {
            (line(), say::COMMENT, false)
        } else if rest.starts_with("/*") {
            (to("*/"), say::COMMENT, false)
        } else if rest.starts_with("<!--") {
            (to("-->"), say::COMMENT, false)
        } else if rest.starts_with("```") || rest.starts_with("~~~") {
            let info = rest[..line()].trim_matches(['`', '~', ' ', '\t', '\r']);
            (line(), say::FENCE, word_of(info) == info)
        } else {
            let end = rest.find(|char| !is_invisible(char)).unwrap_or(rest.len());
            (end, say::INVISIBLE, true)
        };
        self.work(bytes);
        if bytes == 0 {
            return false;
        }
        let range = at..at + bytes;
        let mut correcting = Correcting::edit(range, text, "");
        correcting.is_safe = is_safe;
        ways.add(SLIGHT, ways.from.skipping(at + bytes), vec![correcting]);
        true
    }

    /// Removes the next character or word.
    fn remove(&mut self, ways: &mut Ways<'s>) {
        let at = ways.from.at;
        let Some(char) = self.peek(at) else { return };
        let rest = &self.text[at..];
        let word = word_of(rest).len();
        self.work(word);
        let bytes = word.max(char.len_utf8());
        let text = match char {
            ',' => say::EXTRA_COMMA,
            ':' => say::EXTRA_COLON,
            '"' => say::EXTRA_QUOTE,
            '{' | '[' => say::EXTRA_OPENING,
            '}' | ']' => say::EXTRA_CLOSING,
            _ => say::UNEXPECTED,
        };
        let mut correcting = Correcting::edit(at..at + bytes, text, "");
        correcting.is_safe = bytes == char.len_utf8();
        let cost = if correcting.is_safe { ONE } else { UNREADABLE };
        ways.add(cost, ways.from.skipping(at + bytes), vec![correcting]);
    }

    /// Opens an array or object, which is `bytes` long in the text.
    fn open(
        &mut self,
        ways: &mut Ways<'s>,
        form: &'s Form,
        open: char,
        cost: usize,
        correction: Option<Correcting>,
    ) {
        let from = ways.from;
        let depth = self.frames[from.frame].depth + 1;
        let written = match &correction {
            Some(correction) if correction.edits[0].0.is_empty() => None,
            _ => self.peek(from.at),
        };
        let end = from.at + written.map_or(0, char::len_utf8);
        let frame = Frame {
            parent: from.frame,
            depth,
            form,
            close: if open == '{' { '}' } else { ']' },
            written,
            opened: from.at,
        };
        if depth > MAX_DEPTH {
            return;
        }
        let frame = self.frame(frame);
        let content = if open == '{' { "{" } else { "[" };
        let state = SearchState {
            frame,
            ..from.then(end, Phase::First).saying(content)
        };
        ways.add(cost, state, correction.into_iter().collect());
    }

    fn value(&mut self, ways: &mut Ways<'s>, form: &'s Form) {
        let from = ways.from;
        let at = from.at;
        let Some(char) = self.peek(at) else {
            return self.missing_value(ways);
        };
        let (open, text, insertion) = match form {
            Form::Site(_) => ('{', say::BRACKET_FOR_OBJECT, say::OUTER_BRACES),
            Form::Object(_) => ('{', say::BRACKET_FOR_OBJECT, say::OPENING_BRACE),
            Form::Array(_) => ('[', say::BRACKET_FOR_ARRAY, say::OPENING_BRACKET),
            Form::String(words) => {
                self.strings(ways, words);
                return self.other_value(ways, char);
            }
            Form::Any => return self.other_value(ways, char),
        };
        let symbol = if open == '{' { "{" } else { "[" };
        if char == open {
            return self.open(ways, form, open, 0, None);
        }
        if "{[(<}])>".contains(char) || is_mark(char) && !char.is_ascii() {
            let correction = Correcting::edit(at..at + char.len_utf8(), text, symbol);
            self.open(ways, form, open, ONE, Some(correction));
        }
        if char == '"' || is_word(char) || is_mark(char) {
            let mut correction = Correcting::insert(at, self.next_char(at), insertion, symbol);
            if from.frame == 0 {
                correction.range = at..at + self.text[at..].find([':', '\n']).unwrap_or_default();
            }
            self.open(ways, form, open, ONE, Some(correction));
        }
        self.other_value(ways, char);
    }

    /// A value of another form.
    fn other_value(&mut self, ways: &mut Ways<'s>, char: char) {
        let from = ways.from;
        let first = ways.steps.len();
        match char {
            '{' | '[' => self.open(ways, ANY, char, 0, None),
            ',' | ':' | '}' | ']' => self.missing_value(ways),
            _ if matches!(from.phase, Phase::Value(Form::String(_))) => {}
            _ => self.strings(ways, TEXT),
        }
        let literal = word_of(&self.text[from.at..]);
        self.work(literal.len());
        if is_literal(literal) {
            let end = from.at + literal.len();
            let mut corrections = Vec::new();
            if !is_json_literal(literal) {
                let correction = Correcting::edit(from.at..end, say::UNEXPECTED, "");
                corrections.push(correction.unsafely());
            }
            let state = from.then(end, Phase::After).saying(literal);
            ways.add(0, state, corrections);
        }
        if matches!(from.phase, Phase::Value(Form::Any)) {
            return;
        }
        for step in &mut ways.steps[first..] {
            step.cost += OTHER_FORM;
            step.state.is_entry = false;
        }
    }

    fn missing_value(&mut self, ways: &mut Ways<'s>) {
        let from = ways.from;
        let text = if matches!(self.frames[from.frame].close, ']') {
            say::ITEM
        } else {
            say::VALUE
        };
        let mut correction = Correcting::insert(from.end, self.last_char(from.end), text, "");
        correction.is_safe = false;
        let state = from.then(from.at, Phase::After);
        let end = from.end;
        ways.add(UNREADABLE, SearchState { end, ..state }, vec![correction]);
    }

    /// Adds the readings of a string as a value.
    fn strings(&mut self, ways: &mut Ways<'s>, words: &Words) {
        let place = StringPlace {
            words,
            separator: ',',
        };
        let is_item = self.frames[ways.from.frame].close == ']';
        for mut reading in self.readings(ways.from.at, place) {
            if is_item {
                reading.doubt_joined(words);
            }
            ways.add_value(reading);
        }
    }

    /// An item of an array, or a field of an object.
    fn item(&mut self, ways: &mut Ways<'s>) {
        let from = ways.from;
        let frame = self.frames[from.frame];
        let is_first = matches!(from.phase, Phase::First);
        match self.peek(from.at) {
            Some(char) if char == frame.close && is_first => {
                ways.leave(&frame, 1, 0, Vec::new());
            }
            None | Some('}' | ']' | ')') => {
                let mut corrections = Vec::new();
                if !is_first {
                    let comma = self.last_char(from.end);
                    corrections.push(Correcting::edit(comma, say::TRAILING_COMMA, ""));
                }
                let phase = Phase::After;
                let cost = ONE * corrections.len();
                ways.add(cost, SearchState { phase, ..from }, corrections);
            }
            Some(',') if frame.close == ']' => {}
            Some(_) if frame.close == ']' => {
                let form = match frame.form {
                    Form::Array(form) => form,
                    _ => ANY,
                };
                let phase = Phase::Value(form);
                ways.add(0, SearchState { phase, ..from }, Vec::new());
            }
            Some(char) if char == '"' || is_word(char) || is_mark(char) => {
                let words = match frame.form {
                    Form::Object(_) => &Words::Word,
                    _ => TEXT,
                };
                let place = StringPlace {
                    words,
                    separator: ':',
                };
                for reading in self.readings(from.at, place) {
                    self.add_name(ways, &frame, reading);
                }
            }
            Some(_) => {}
        }
    }

    /// Adds the reading of a string as a name of a field.
    fn add_name(&mut self, ways: &mut Ways<'s>, frame: &Frame<'s>, reading: Reading) {
        let mut cost = reading.cost;
        let is_first = matches!(ways.from.phase, Phase::First);
        let form = match frame.form {
            Form::Site(entry) if is_first && !reading.content.trim().is_empty() => Some(&**entry),
            Form::Site(_) => None,
            Form::Object(fields) => {
                self.work(reading.content.len());
                let form = fields.form(&reading.content);
                if !fields.has(&reading.content) {
                    cost += OTHER_NAME;
                }
                form
            }
            _ => Some(ANY),
        };
        if form.is_none() {
            cost += OTHER_FORM;
        }
        let other = if let Form::Site(entry) = frame.form {
            entry
        } else {
            ANY
        };
        let is_entry = ways.from.is_entry && form.is_some();
        let value_form = form.unwrap_or(other);
        let mut state = ways
            .from
            .then(reading.end, Phase::Colon(value_form))
            .saying(&reading.content);
        match reading.tail {
            Some(':') => state = state.then(reading.end, Phase::Value(value_form)),
            Some(_) => return,
            None => {}
        }
        ways.add(cost, SearchState { is_entry, ..state }, reading.corrections);
    }

    fn colon(&mut self, ways: &mut Ways<'s>, form: &'s Form) {
        let from = ways.from;
        let Some(char) = self.peek(from.at) else {
            return;
        };
        let rest = &self.text[from.at..];
        let mut replaced = 0;
        match char {
            ':' => ways.read(1, Phase::Value(form)),
            '=' if rest.starts_with("=>") => replaced = 2,
            ',' => replaced = 1,
            _ if is_mark(char) => replaced = char.len_utf8(),
            _ => {}
        }
        if replaced > 0 {
            let end = from.at + replaced;
            let correction = Correcting::edit(from.at..end, say::NOT_A_COLON, ":");
            let state = from.then(end, Phase::Value(form));
            let cost = if char.is_ascii() { ONE } else { CLEAR };
            ways.add(cost, state, vec![correction]);
        }
        if is_opening(char) {
            let correction =
                Correcting::insert(from.end, self.last_char(from.end), say::COLON, ":");
            let state = from.then(from.at, Phase::Value(form));
            ways.add(ONE, state, vec![correction]);
        }
        if let (Some(bytes), Form::String(words)) = (moved(rest, ':'), form) {
            let edit = (from.at..from.at + bytes, ": \"");
            let colon = from.then(from.at, Phase::Value(form));
            self.move_out(ways, colon, edit, say::COLON_INSIDE, words);
        }
    }

    /// Adds the ways to read a string after an edit moves a colon or comma out of it. `mark` is the
    /// state after the colon or comma.
    fn move_out(
        &mut self,
        ways: &mut Ways<'s>,
        mark: SearchState<'s>,
        edit: Edit,
        text: MessageText,
        words: &Words,
    ) {
        let place = StringPlace {
            words,
            separator: ',',
        };
        for reading in self.readings_after(edit, text, place) {
            if reading.tail.is_none() {
                let state = mark
                    .then(reading.end, Phase::After)
                    .saying(&reading.content);
                ways.add(reading.cost, state, reading.corrections);
            }
        }
    }

    fn after(&mut self, ways: &mut Ways<'s>) {
        let from = ways.from;
        let frame = self.frames[from.frame];
        let next = self.peek(from.at);
        if from.frame == 0 {
            return self.end(ways, next);
        }
        self.close(ways, &frame, next);
        let Some(char) = next else { return };
        if char == ',' {
            return ways.read(1, Phase::Next);
        }
        if char == ':' || is_mark(char) {
            let end = from.at + char.len_utf8();
            let correction = Correcting::edit(from.at..end, say::NOT_A_COMMA, ",");
            let cost = if char.is_ascii() { ONE } else { CLEAR };
            ways.add(cost, from.then(end, Phase::Next), vec![correction]);
        }
        if is_opening(char) {
            let correction =
                Correcting::insert(from.end, self.last_char(from.end), say::COMMA, ",");
            ways.add(ONE, from.then(from.at, Phase::Next), vec![correction]);
        }
        if let (Some(bytes), Form::Array(form)) = (moved(&self.text[from.at..], ','), frame.form)
            && let Form::String(words) = &**form
        {
            let edit = (from.at..from.at + bytes, ", \"");
            let comma = from.then(from.at, Phase::Next);
            self.move_out(ways, comma, edit, say::COMMA_INSIDE, words);
        }
    }

    /// Closes an array or object.
    fn close(&mut self, ways: &mut Ways<'s>, frame: &Frame<'s>, next: Option<char>) {
        let from = ways.from;
        let content = close_of(frame);
        let opened_by = frame.written.unwrap_or(frame.close);
        let is_open_wrong = frame
            .written
            .is_none_or(|written| close(written) != frame.close);
        if next == Some(frame.close) {
            return ways.leave(frame, 1, 0, Vec::new());
        }
        if let Some(char) =
            next.filter(|char| "}])>".contains(*char) || is_mark(*char) && !char.is_ascii())
        {
            let end = from.at + char.len_utf8();
            let text = if frame.close == '}' {
                say::BRACKET_FOR_OBJECT
            } else {
                say::BRACKET_FOR_ARRAY
            };
            let mut correction = Correcting::edit(from.at..end, text, content);
            let mut cost = ONE;
            if frame.written.is_some()
                && is_open_wrong
                && (close(opened_by) == char || !char.is_ascii())
            {
                correction.joins = Some(frame.opened);
                cost = SLIGHT;
            }
            ways.leave(frame, char.len_utf8(), cost, vec![correction]);
        }
        let text = if frame.close == '}' {
            say::CLOSING_BRACE
        } else {
            say::CLOSING_BRACKET
        };
        let mut correction = Correcting::insert(from.end, self.last_char(from.end), text, content);
        let mut cost = ONE;
        if frame.written.is_none() && next.is_none() {
            correction.joins = Some(frame.opened);
            cost = SLIGHT;
        } else if next.is_none() {
            correction.range = frame.opened..frame.opened + opened_by.len_utf8();
        }
        ways.leave(frame, 0, cost, vec![correction]);
    }

    /// After the outermost value.
    fn end(&mut self, ways: &mut Ways<'s>, next: Option<char>) {
        let from = ways.from;
        match next {
            None => ways.read(0, Phase::Done),
            Some(char) => {
                let range = from.at..from.at + char.len_utf8();
                let mut correction = Correcting::edit(range, say::REST, "");
                correction.is_safe = false;
                let state = from.then(self.text.len(), Phase::Done);
                // The more is lost, the less likely this is the end.
                let lost = self.text.len() - from.at;
                ways.add(UNREADABLE + 2 * lost, state, vec![correction]);
            }
        }
    }

    /// The character before a place.
    fn last_char(&self, end: usize) -> std::ops::Range<usize> {
        let last = self.text[..end].chars().next_back();
        end - last.map_or(0, char::len_utf8)..end
    }

    /// The character after a place.
    fn next_char(&self, at: usize) -> std::ops::Range<usize> {
        at..at + self.peek(at).map_or(0, char::len_utf8)
    }
}

fn close_of(frame: &Frame<'_>) -> &'static str {
    if frame.close == '}' { "}" } else { "]" }
}

/// The bracket that closes what another opens; any other character closes itself.
fn close(open: char) -> char {
    match open {
        '{' => '}',
        '[' => ']',
        '(' => ')',
        '<' => '>',
        other => other,
    }
}

/// The bytes of a quote and the separator that follows it, with the space after it.
fn moved(rest: &str, separator: char) -> Option<usize> {
    let after = rest.strip_prefix('"')?.strip_prefix(separator)?;
    Some(rest.len() - after.trim_start_matches(' ').len())
}
