use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::text::quote;

rule! {
    /// Finds a `url` that says no more than the domain does.
    ///
    /// ## Why
    ///
    /// Without `url`, readers take `https://` and the domain. What is written twice is one day
    /// corrected in one location only.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "url": "https://example.com/", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", … } }
    /// ```
    ///
    /// ## Fix
    ///
    /// The field is removed, and with it `url` in version 3.
    REDUNDANT_URL = "redundant-url", Error, Review, fixable: true, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let (Some(url), Some(domain)) = (context.entry.text("url"), context.domain()) else {
        return Vec::new();
    };
    let Some(host) = url.strip_prefix("https://") else {
        return Vec::new();
    };
    if host.strip_suffix('/').unwrap_or(host) != domain {
        return Vec::new();
    }
    let message = format!("`url` says no more than the domain: {}", quote(url));
    let help = "Remove `url`. Without it, readers take `https://` and the domain.";
    let problem = Problem::new(context.name_of("url"), message, help);
    let change = Change::Remove(context.entry.pointer_to("url"));
    vec![problem.fix_that_alters_output("remove `url`", change)]
}
