use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Domain;
use crate::text::quote;

rule! {
    /// Finds additional domains that repeat the main domain, or are subdomains of the main domain or of
    /// another additional domain.
    ///
    /// ## Why
    ///
    /// A domain includes its subdomains. `shop.example.com` is a subdomain of `example.com`;
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
    /// Removes the domain, also from version 4.
    COVERED_DOMAIN = "covered-domain", Warning, Review, fixable: true, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let domains: Vec<Domain<'_>> = context.domains().collect();
    let problem = |domain: &Domain<'_>| {
        let index = domain.index?;
        let covering = domains.iter().find(|other| match other.index {
            Some(other_index) => other_index != index && is_below(domain.name, other.name),
            None => domain.name == other.name || is_below(domain.name, other.name),
        })?;
        let name = quote(domain.name);
        let message = if covering.name == domain.name {
            format!("{name} is already the main domain")
        } else {
            format!("{name} is a subdomain of {}", quote(covering.name))
        };
        let help = "Remove it. A domain includes its subdomains.";
        let problem = Problem::new(context.location_of(*domain), message, help);
        let change = Change::Remove(domain.pointer(context.entry));
        Some(problem.fix_that_alters_output(format!("remove {name}"), change))
    };
    domains.iter().filter_map(problem).collect()
}

fn is_below(domain: &str, other: &str) -> bool {
    domain.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'))
}
