use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Domain;
use crate::text::quote;

rule! {
    /// Finds additional domains that are the main domain, or below it or another additional one.
    ///
    /// ## Why
    ///
    /// A domain stands for all that is below it. `shop.example.com` is below `example.com`;
    /// `myexample.com` is not.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "domain": "example.com",
    /// "additional-domains": ["shop.example.com", "example.net"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "domain": "example.com",
    /// "additional-domains": ["example.net"]
    /// ```
    ///
    /// ## Fix
    ///
    /// The domain is removed. A domain below another one is then no longer a field of its own in
    /// version 4.
    COVERED_DOMAIN = "covered-domain", Warning, Review, fixable: true, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let domains: Vec<Domain<'_>> = context.domains().collect();
    let problem = |domain: &Domain<'_>| {
        let index = domain.index?;
        let coverer = domains.iter().find(|other| match other.index {
            Some(other_index) => other_index != index && is_below(domain.name, other.name),
            None => domain.name == other.name || is_below(domain.name, other.name),
        })?;
        let message = if coverer.name == domain.name {
            format!("{} is the main domain already", quote(domain.name))
        } else {
            format!("{} is covered by {}", quote(domain.name), quote(coverer.name))
        };
        let help = "Remove it from the list. A domain stands for all that is below it.";
        let problem = Problem::new(context.location_of(*domain), message, help);
        let change = Change::Remove(domain.pointer(context.entry));
        Some(problem.fix_that_alters_output(format!("remove {}", quote(domain.name)), change))
    };
    domains.iter().filter_map(problem).collect()
}

/// Whether a domain is below another one, label by label.
fn is_below(domain: &str, other: &str) -> bool {
    domain.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'))
}
