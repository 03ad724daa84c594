use super::prose::{Text, texts};
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::text::thousands;
use crate::unicode::tidy;

rule! {
    /// Finds names that are blank or longer than 200 characters, and notes longer than 1,000 characters.
    ///
    /// ## Why
    ///
    /// Strict programs refuse the whole file if one string in it is too long to display.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "custom-software": [" "]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "custom-software": ["Example Authenticator"]
    /// ```
    TEXT_LENGTH = "text-length", Error, Output, fix: None, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    texts(context)
        .filter_map(|text| problem(context, text))
        .collect()
}

fn problem(context: &EntryContext<'_>, text: Text<'_>) -> Option<Problem> {
    // `schema` reports an empty text.
    if text.value.is_empty() {
        return None;
    }
    if tidy(text.value).trim().is_empty() {
        let location = text.place.location(context);
        return Some(Problem::new(
            location,
            format!("{} has only invisible characters", text.place.subject()),
            "Delete everything between the quotes and type the text again. `�` marks a character that is invisible in the file.",
        ));
    }
    // No text has more characters than bytes.
    if text.value.len() <= text.max_chars {
        return None;
    }
    let length = text.value.chars().count();
    (length > text.max_chars).then(|| {
        let message = format!("this text is {} characters long", thousands(length));
        let help = format!("Shorten it to {} characters.", thousands(text.max_chars));
        Problem::new(text.place.location(context), message, help)
    })
}
