use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry::{Occupied, Vacant};

use crate::check::Extent;
use crate::check::context::{Site, TreeContext};
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds sites whose names differ in nothing, or in capitals only.
    ///
    /// ## Why
    ///
    /// People choose a site by its name; of two with one name they cannot tell which is theirs. Some
    /// programs keep one site for a name, and lose the other. To a program, names that differ in
    /// capitals are two; so they are found by `check`, but do not stop a build.
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
    let mut named: HashMap<Cow<'_, str>, &Site<'_>> = HashMap::with_capacity(tree.sites.len());
    for site in tree.sites {
        let name = match tree.extent {
            Extent::Build => Cow::Borrowed(&*site.entry.name),
            _ => Cow::Owned(site.entry.name.to_lowercase()),
        };
        match named.entry(name) {
            Vacant(location) => {
                location.insert(site);
            }
            Occupied(first) => problems.push(problem(first.get(), site)),
        }
    }
    problems
}

fn problem(first: &Site<'_>, again: &Site<'_>) -> TreeProblem {
    let message = format!("another site is named {} too", quote(&first.entry.name));
    let help = "Add what tells them apart, such as the country; or make one entry of the two.";
    let problem = Problem::new(Location::Name(again.entry.pointer()), message, help);
    let first_name = Location::Name(first.entry.pointer());
    (again.path().to_owned(), problem.related(first.path(), first_name, "the other one"))
}
