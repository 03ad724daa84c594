use std::collections::HashMap;

use crate::check::context::{Site, TreeContext};
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::finding::Guard;
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds sites with identical names, or with names that differ only in case. Identical names
    /// stop a build, and cannot be turned off or allowed.
    ///
    /// ## Why
    ///
    /// People choose a site by its name, and cannot tell two of the same name apart. Some programs
    /// keep one site for each name and lose the other.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Max": { "domain": "max.com", … } }
    /// { "MAX": { "domain": "max.co.il", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Max": { "domain": "max.com", … } }
    /// { "Max (Israel)": { "domain": "max.co.il", … } }
    /// ```
    DUPLICATE_NAME = "duplicate-name", Error, Review, fixable: false, Tree(check)
}

fn check(tree: &TreeContext<'_>) -> Vec<TreeProblem> {
    let mut problems = Vec::new();
    let mut named: HashMap<String, Vec<&Site<'_>>> = HashMap::with_capacity(tree.sites.len());
    for site in tree.sites {
        let earlier = named.entry(site.entry.name.to_lowercase()).or_default();
        let same = earlier
            .iter()
            .find(|other| other.entry.name == site.entry.name);
        if let Some(other) = same.or(earlier.first()) {
            let problem = problem(other, site);
            let guards = if same.is_some() {
                Guard::Output
            } else {
                Guard::Review
            };
            problems.push((site.path().to_owned(), problem.guarding(guards)));
        }
        if same.is_none() {
            earlier.push(site);
        }
    }
    problems
}

fn problem(first: &Site<'_>, again: &Site<'_>) -> Problem {
    let name = quote(&first.entry.name);
    let message = match first.entry.name == again.entry.name {
        true => format!("another site is also named {name}"),
        false => format!("another site is named {name}, which differs only in case"),
    };
    let help = format!(
        "If the sites differ, add what tells them apart, such as the country: {}. If they are one \
         site, keep one entry.",
        quote(&format!("{} (Canada)", again.entry.name))
    );
    let first_name = Location::Name(first.entry.pointer());
    Problem::new(Location::Name(again.entry.pointer()), message, help).related(
        first.path(),
        first_name,
        "the other site",
    )
}
