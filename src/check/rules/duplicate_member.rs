use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::{Document, Location};
use crate::text::quote;

rule! {
    /// Finds fields that appear twice in one object.
    ///
    /// ## Why
    ///
    /// Some programs read the first of the two, some the last, and some refuse the file (RFC 8259,
    /// section 4). Either way, something is lost.
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
    /// { "Example": { "domain": "example.com", "tfa": ["sms", "totp"], … } }
    /// ```
    DUPLICATE_MEMBER = "duplicate-member", Error, Output, fix: None, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let parsed = context.parsed();
    if !parsed.is_some_and(|parsed| parsed.has_duplicate_field) {
        return Vec::new();
    }
    let Ok(Some(document)) = Document::json(&context.file.text) else {
        return Vec::new();
    };
    let mut problems = Vec::new();
    for (name, first, again) in document.duplicate_fields() {
        let message = format!("{} appears twice", quote(&name));
        let problem = Problem::new(Location::Bytes(again), message, "Merge the two into one.");
        let first = Location::Bytes(first);
        problems.push(problem.related(&context.file.path, first, "it first appears here"));
    }
    problems
}
