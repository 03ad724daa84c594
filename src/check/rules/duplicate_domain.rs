use std::collections::HashMap;

use crate::check::context::{CheckedSite, TreeContext};
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::finding::Guard;
use crate::source::{Domain, Location};
use crate::text::{enumerate, quote};

rule! {
    /// Finds domains that two entries claim. If it is the main domain of both, this is an error that
    /// stops a build, and cannot be turned off or allowed. If one of them lists it in
    /// `additional-domains`, this is a warning.
    ///
    /// ## Why
    ///
    /// Version 4 has one entry for each domain: the entry with that main domain, or else the entry with
    /// the main domain that comes first in the alphabet. The other entry is missing there.
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
    DUPLICATE_DOMAIN = "duplicate-domain", Error, Review, fix: None, Tree(check)
}

struct DomainClaim<'t> {
    site: &'t CheckedSite<'t>,
    domain: Domain<'t>,
}

impl DomainClaim<'_> {
    fn location(&self) -> Location {
        Location::Value(self.domain.pointer(self.site.entry))
    }

    fn rank(&self) -> (bool, &str) {
        self.domain.rank(self.site.entry)
    }
}

fn check<'t>(tree: &TreeContext<'t>) -> Vec<TreeProblem> {
    let mut problems = Vec::new();
    let mut winners: HashMap<&str, DomainClaim<'_>> = HashMap::with_capacity(2 * tree.sites.len());
    let claims = |site: &'t CheckedSite<'t>| {
        let domains = site.context(tree.directory).domains();
        domains.map(move |domain| DomainClaim { site, domain })
    };
    for claim in tree.sites.iter().flat_map(claims) {
        let Some(other) = winners.get_mut(claim.domain.name) else {
            winners.insert(claim.domain.name, claim);
            continue;
        };
        // `covered-domain` reports an entry that lists its own domain.
        if std::ptr::eq(other.site, claim.site) {
            continue;
        }
        let (winner, loser) = if claim.rank() < other.rank() {
            (&claim, &*other)
        } else {
            (&*other, &claim)
        };
        problems.push(problem(winner, loser));
        if claim.rank() < other.rank() {
            *other = claim;
        }
    }
    problems
}

fn problem(winner: &DomainClaim<'_>, loser: &DomainClaim<'_>) -> TreeProblem {
    let domain = quote(loser.domain.name);
    let are_both_main = loser.domain.index.is_none();
    let help = match are_both_main {
        true => "Merge the two entries, or correct the domain of one.".to_owned(),
        false => format!(
            "Remove it from one of the two. Until then, version 4 of the API lists it for {} only.",
            quote(winner.site.entry.domain())
        ),
    };
    let names = [winner, loser].map(|claim| claim.site.entry.name.as_str());
    let message = if names[0] == names[1] {
        format!("{domain} is in two entries named {}", quote(names[0]))
    } else {
        format!("{domain} is in the entries of {}", enumerate(names, "and"))
    };
    let problem = Problem::new(loser.location(), message, help).related(
        winner.site.path(),
        winner.location(),
        "the other entry",
    );
    let problem = if are_both_main {
        problem.guarding(Guard::Output)
    } else {
        problem.warning()
    };
    (loser.site.path().to_owned(), problem)
}
