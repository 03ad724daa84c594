use std::collections::HashMap;

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::{Domain, Verb};
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
    /// Removes the domain, also from version 4. In an entry that is not published yet, `--fix` does this;
    /// elsewhere `--unsafe-fixes`.
    COVERED_DOMAIN = "covered-domain", Warning, Review, fix: Unsafe, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let mut first: HashMap<&str, Domain<'_>> = HashMap::new();
    for domain in context.domains() {
        first.entry(domain.name).or_insert(domain);
    }
    let mut problems = Vec::new();
    for domain in context.domains() {
        if let Some(covering) = covering(domain, &first) {
            problems.push(problem(context, domain, covering));
        }
    }
    problems
}

/// The domain of the same entry that makes an additional domain superfluous: a parent, or the main
/// domain if it is the same.
fn covering<'d>(
    domain: Domain<'_>,
    first: &'d HashMap<&str, Domain<'d>>,
) -> Option<&'d Domain<'d>> {
    domain.index?;
    let dots = domain.name.match_indices('.');
    let parents = dots.filter_map(|(at, _)| first.get(&domain.name[at + 1..]));
    let same = first.get(domain.name).filter(|claim| claim.index.is_none());
    parents.chain(same).min_by_key(|claim| claim.index)
}

fn problem(context: &EntryContext<'_>, domain: Domain<'_>, covering: &Domain<'_>) -> Problem {
    let name = quote(domain.name);
    let message = if covering.name == domain.name {
        format!("{name} is already the main domain")
    } else {
        format!("{name} is a subdomain of {}", quote(covering.name))
    };
    let help = "Remove it. A domain includes its subdomains.";
    let change = Change::Remove(domain.pointer(context.entry));
    Problem::new(context.location_of(domain), message, help)
        .fix_that_alters_output(Verb::Remove.title(&name), change)
}
