use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedFile;
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
    DUPLICATE_MEMBER = "duplicate-member", Required, File(check)
}

fn check(checked: &CheckedFile<'_>) -> Vec<Problem> {
    if !checked.parsed().is_some_and(|parsed| parsed.has_duplicate_member) {
        return Vec::new();
    }
    let Ok(Some(document)) = Document::json(&checked.file.text) else {
        return Vec::new();
    };
    let problem = |(name, first, again): (String, _, _)| {
        let message = format!("{} is given twice", quote(&name));
        let help = "Keep one of the two, with all that belongs into it.";
        Problem::new(Place::Bytes(again), message, help).related(
            &checked.file.path,
            Place::Bytes(first),
            "given here first",
        )
    };
    document.duplicate_members().into_iter().map(problem).collect()
}
