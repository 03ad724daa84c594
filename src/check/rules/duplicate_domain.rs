use std::collections::HashMap;

use crate::check::context::{Site, TreeContext};
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::source::{Domain, Location};
use crate::text::quote;

rule! {
    /// Finds domains that two entries claim: an error where it is the main domain of both, a
    /// warning where one lists it in `additional-domains`.
    ///
    /// ## Why
    ///
    /// Version 4 has one entry for each domain. Of two that claim it the one whose main domain it is
    /// wins, and else the one with the lower main domain; the other is not shown there.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "additional-domains": ["bank.example"], … } }
    /// { "Example Bank": { "domain": "bank.example", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", … } }
    /// { "Example Bank": { "domain": "bank.example", … } }
    /// ```
    DUPLICATE_DOMAIN = "duplicate-domain", Error, Review, fixable: false, Tree(check)
}

/// One entry's claim to a domain.
struct Claim<'t> {
    site: &'t Site<'t>,
    domain: Domain<'t>,
}

impl Claim<'_> {
    fn location(&self) -> Location {
        Location::Value(self.domain.pointer(&self.site.entry))
    }

    fn rank(&self) -> (bool, &str) {
        self.domain.rank(&self.site.entry)
    }
}

fn check<'t>(tree: &TreeContext<'t>) -> Vec<TreeProblem> {
    let mut problems = Vec::new();
    let mut winners: HashMap<&str, Claim<'_>> = HashMap::with_capacity(2 * tree.sites.len());
    let claims =
        |site: &'t Site<'t>| site.entry.domains().map(move |domain| Claim { site, domain });
    for claim in tree.sites.iter().flat_map(claims) {
        let Some(other) = winners.get_mut(claim.domain.name) else {
            winners.insert(claim.domain.name, claim);
            continue;
        };
        // An entry that lists its own domain is the business of `covered-domain`.
        if std::ptr::eq(other.site, claim.site) {
            continue;
        }
        let (winner, loser) =
            if claim.rank() < other.rank() { (&claim, &*other) } else { (&*other, &claim) };
        problems.push(problem(winner, loser));
        if claim.rank() < other.rank() {
            *other = claim;
        }
    }
    problems
}

fn problem(winner: &Claim<'_>, loser: &Claim<'_>) -> TreeProblem {
    let name = quote(&winner.site.entry.name);
    let message = format!("{} belongs to {name} as well", quote(loser.domain.name));
    let both_main = loser.domain.index.is_none();
    let help = if both_main {
        "Make one entry of the two, or correct the domain of one."
    } else {
        "Keep it in one of the two; version 4 shows the other one."
    };
    let related = match winner.domain.index {
        None => "its main domain",
        Some(_) => "listed here too",
    };
    let problem = Problem::new(loser.location(), message, help).related(
        winner.site.path(),
        winner.location(),
        related,
    );
    let problem = if both_main { problem } else { problem.warning() };
    (loser.site.path().to_owned(), problem)
}
