//! Which characters begin words and values, and what corrections cost.

/// What one correction costs.
pub(super) const ONE: usize = 10;
/// What is cheaper than another correction that the text allows too.
pub(super) const LESS: usize = 8;
/// What belongs to a correction that was counted already, or loses nothing.
pub(super) const SLIGHT: usize = 1;
/// What can hardly mean anything else, and may occur all over a text.
pub(super) const CLEAR: usize = 3;

/// Whether a name or value can begin with a character.
pub(super) fn is_opening(char: char) -> bool {
    "\"{[".contains(char) || is_word(char) || is_mark(char) && !")>;=".contains(char)
}

pub(super) fn is_word(char: char) -> bool {
    char.is_alphanumeric() || "_-+@./".contains(char)
}

/// Whether a character is punctuation or a symbol that JSON does not have.
pub(super) fn is_mark(char: char) -> bool {
    let is_other = char.is_alphanumeric() || char.is_whitespace() || char.is_control();
    !is_other && !"\"{}[]:,_-+@./".contains(char)
}

/// The word at the start of a text.
pub(super) fn word_of(text: &str) -> &str {
    let end = text.find(|char| !is_word(char)).unwrap_or(text.len());
    &text[..end]
}

/// Whether a word is a value without quotes in JSON, Python or JavaScript.
pub(super) fn is_literal(word: &str) -> bool {
    ["True", "False", "None", "undefined"].contains(&word) || is_json_literal(word)
}

pub(super) fn is_json_literal(word: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(word).is_ok()
}
