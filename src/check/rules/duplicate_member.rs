use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::{Document, Location};
use crate::text::quote;

rule! {
    /// Finds fields that a group gives twice.
    ///
    /// ## Why
    ///
    /// Of two fields with one name, programs take the first, the last, or refuse the file
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
    DUPLICATE_MEMBER = "duplicate-member", Error, Output, fixable: false, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    if !context.parsed().is_some_and(|parsed| parsed.has_duplicate_field) {
        return Vec::new();
    }
    let Ok(Some(document)) = Document::json(&context.file.text) else {
        return Vec::new();
    };
    let problem = |(name, first, again): (String, _, _)| {
        let message = format!("{} is given twice", quote(&name));
        let help = "Keep one of the two, with all that belongs into it.";
        Problem::new(Location::Bytes(again), message, help).related(
            &context.file.path,
            Location::Bytes(first),
            "given here first",
        )
    };
    document.duplicate_fields().into_iter().map(problem).collect()
}
