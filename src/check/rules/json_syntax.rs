use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::syntax::{self, SyntaxError};
use crate::source::{Location, ParseError};
use crate::text::count;

rule! {
    /// Finds files that are not valid JSON.
    ///
    /// ## Why
    ///
    /// One misplaced comma makes the whole file unreadable.
    ///
    /// ## Bad
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com"
    ///     "tfa": ["totp",],
    ///   }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "tfa": ["totp"],
    ///     "documentation": "https://example.com/help/two-factor",
    ///     "categories": ["email"]
    ///   }
    /// }
    /// ```
    ///
    /// ## Fix
    ///
    /// Corrects errors with one obvious answer, such as missing and extra commas, curly, single and
    /// missing quotes, and missing brackets at the end.
    JSON_SYNTAX = "json-syntax", Error, Output, fixable: true, File(check)
}

/// How many errors of a file are reported, each with its place.
const MAX_REPORTED: usize = 20;

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let Some(Err(ParseError::Syntax(error))) = context.content else {
        return Vec::new();
    };
    let text = &context.file.text;
    if text.trim().is_empty() {
        let help = "Add the site's entry, or remove the file.";
        return vec![Problem::of_file("this file is empty", help)];
    }
    let mut errors = syntax::errors(text);
    // If the whole is still not JSON, the corrections were not what was meant.
    let is_correctable = syntax::corrected(text, &errors).is_some();
    let problem = |error: SyntaxError| {
        let problem = Problem::new(Location::Bytes(error.range), error.message, error.help);
        match error.correction.filter(|it| it.is_safe && is_correctable) {
            Some(it) => problem.fix(it.title, Change::Replace(it.edits)),
            None => problem,
        }
    };
    if errors.is_empty() {
        let help = "Entries contain only strings, arrays and objects.";
        let lines = text
            .split_inclusive('\n')
            .take(error.line().saturating_sub(1));
        let start: usize = lines.map(str::len).sum();
        let at = (start + error.column()).saturating_sub(1).min(text.len());
        let location = Location::Bytes(at..(at + 1).min(text.len()));
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        return vec![Problem::new(location, message, help)];
    }
    let rest = errors.split_off(MAX_REPORTED.min(errors.len()));
    let mut problems: Vec<Problem> = errors.into_iter().map(problem).collect();
    if !rest.is_empty() {
        let message = format!(
            "{} in this file",
            count(rest.len(), "more syntax error", "more syntax errors")
        );
        let more = Problem::of_file(message, "Fix the first ones, and check again.");
        let corrections = rest
            .into_iter()
            .map(|it| it.correction.filter(|it| it.is_safe));
        let edits: Option<Vec<_>> = corrections.map(|it| Some(it?.edits)).collect();
        problems.push(match edits.filter(|_| is_correctable) {
            Some(edits) => more.fix(
                "correct the other syntax errors",
                Change::Replace(edits.concat()),
            ),
            None => more,
        });
    }
    problems
}
