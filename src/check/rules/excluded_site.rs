use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::text::{quote, visible};

rule! {
    /// Finds sites that the directory does not accept, such as providers of two-factor authentication
    /// for other sites. `schemas/excluded.json` lists them, each with the reason; without this file, the
    /// rule finds nothing.
    ///
    /// ## Why
    ///
    /// The reason is written down once, and need not be discussed again in every pull request.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Authy": { "domain": "authy.com", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "custom-software": ["Authy"], … } }
    /// ```
    EXCLUDED_SITE = "excluded-site", Error, Review, fix: None, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for domain in context.domains() {
        if let Some((excluded, reason)) = context.directory.excluded.find(domain.name) {
            let location = context.location_of(domain);
            let message = format!("this directory does not list {}", quote(excluded));
            problems.push(Problem::new(location, message, visible(reason)));
        }
    }
    problems
}
