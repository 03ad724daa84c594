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
    let insecure = context.urls().filter(|(_, url)| url.starts_with("http://"));
    let problem = |(field, _): (&str, _)| {
        let message = format!(
            "{} uses http://",
            quote(field.rsplit('/').next().unwrap_or(field))
        );
        Problem::new(
            context.value_of(field),
            message,
            "Use https:// if the page opens with it.",
        )
    };
    insecure.map(problem).collect()
}
