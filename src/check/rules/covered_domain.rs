use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedEntry;
use crate::finding::Change;
use crate::source::Place;
use crate::wording::quote;

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
    /// The domain is removed. A domain below another one is then no longer a member of its own in
    /// version 4.
    COVERED_DOMAIN = "covered-domain", Warning, Entry(check)
}

fn check(checked: &CheckedEntry<'_>) -> Vec<Problem> {
    let domains: Vec<(&str, Place)> = checked.domains().collect();
    let main = checked.domain();
    let mut problems = Vec::new();
    for (domain, place) in &domains {
        let Place::Value(pointer) = place else { continue };
        if *pointer == checked.entry.pointer_to("domain") {
            continue;
        }
        let covers = |(other, _): &&(&str, Place)| is_below(domain, other);
        let message = if main == Some(*domain) {
            format!("{} is the main domain already", quote(domain))
        } else if let Some((other, _)) = domains.iter().find(covers) {
            format!("{} is covered by {}", quote(domain), quote(other))
        } else {
            continue;
        };
        let help = "Remove it from the list. A domain stands for all that is below it.";
        let problem = Problem::new(place.clone(), message, help);
        let change = Change::Remove(pointer.clone());
        problems.push(problem.fix_that_alters_output(format!("remove {}", quote(domain)), change));
    }
    problems
}

/// Whether a domain is below another one, label by label.
fn is_below(domain: &str, other: &str) -> bool {
    domain.strip_suffix(other).is_some_and(|rest| rest.ends_with('.'))
}
