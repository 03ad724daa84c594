use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::text::quote;

rule! {
    /// Finds URLs that start with `http://`.
    ///
    /// ## Why
    ///
    /// Without encryption, an attacker on the network can change the page, for example to instructions
    /// that give an account away.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "documentation": "http://example.com/help"
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "documentation": "https://example.com/help"
    /// ```
    INSECURE_LINK = "insecure-link", Warning, Review, fix: None, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (field, url) in context.urls() {
        if url.starts_with("http://") {
            let name = field.rsplit('/').next().unwrap_or(field);
            let message = format!("{} uses http://", quote(name));
            let help = "Use https:// if the page opens with it.";
            problems.push(Problem::new(context.value_of(field), message, help));
        }
    }
    problems
}
