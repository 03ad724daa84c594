use crate::check::rule::{Checked, Problem, rule};
use crate::source::{Document, Place};
use crate::wording::quote;

rule! {
    /// Finds members that a group gives twice.
    ///
    /// ## Why
    ///
    /// Of two members with one name, programs take the first, the last, or refuse the file
    /// (RFC 8259, section 4); either way something that was written is lost.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["sms"], "tfa": ["totp"] } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["sms", "totp"] } }
    /// ```
    DUPLICATE_MEMBER = "duplicate-member", Error, check
}

fn check(checked: &Checked<'_>) -> Vec<Problem> {
    match checked.content {
        Ok(parsed) if parsed.has_duplicate_member => {}
        _ => return Vec::new(),
    }
    let Ok(Some(document)) = Document::json(&checked.file.text) else {
        return Vec::new();
    };
    let problem = |(name, first, again): (String, _, _)| Problem {
        place: Place::Bytes(again),
        message: format!("{} is given twice", quote(&name)),
        help: Some("Keep one of the two, with all that belongs into it.".to_owned()),
        related: Some((Place::Bytes(first), "given here first".to_owned())),
    };
    document.duplicate_members().into_iter().map(problem).collect()
}
