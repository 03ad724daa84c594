use std::collections::HashMap;

use crate::check::context::{CheckedSite, TreeContext};
use crate::check::rule::{Problem, TreeProblem, rule};
use crate::finding::Guard;
use crate::source::Location;
use crate::text::{enumerate, quote};
use crate::unicode::{skeleton, tidy};

rule! {
    /// Finds sites with identical names, or with names that look the same: that differ only in case, in
    /// white space, in invisible characters, or in how letters are encoded. Identical names stop a build,
    /// and cannot be turned off or allowed.
    ///
    /// The finding is in the file that is not committed or has changed; see `related` for the other one.
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
    DUPLICATE_NAME = "duplicate-name", Error, Review, fix: None, Tree(check)
}

fn check(tree: &TreeContext<'_>) -> Vec<TreeProblem> {
    let mut problems = Vec::new();
    let mut named: HashMap<String, Vec<&CheckedSite<'_>>> =
        HashMap::with_capacity(tree.sites.len());
    for site in tree.sites {
        let earlier = named.entry(skeleton(&site.entry.name)).or_default();
        let same = earlier
            .iter()
            .find(|other| other.entry.name == site.entry.name);
        if let Some(other) = same.or(earlier.first()) {
            problems.push((site.path().to_owned(), problem(other, site)));
        }
        if same.is_none() {
            earlier.push(site);
        }
    }
    problems
}

/// The message names neither of the two sites as the wrong one, because the finding can be in the
/// file of either.
fn problem(first: &CheckedSite<'_>, again: &CheckedSite<'_>) -> Problem {
    let (name, other) = (&first.entry.name, &again.entry.name);
    let both = enumerate([name.as_str(), other], "and");
    let (message, guards) = if name == other {
        (
            format!("two sites are named {}", quote(name)),
            Guard::Output,
        )
    } else if name.to_lowercase() == other.to_lowercase() {
        let message = format!("two sites are named {both}, which differ only in case");
        (message, Guard::Review)
    } else {
        let message = format!("two sites are named {both}, which look the same");
        (message, Guard::Review)
    };
    let help = format!(
        "If the sites differ, add what tells them apart, such as the country: {}. If they are one \
         site, keep one entry.",
        quote(&format!("{} (Canada)", tidy(other)))
    );
    let first_name = Location::Name(first.entry.pointer());
    Problem::new(Location::Name(again.entry.pointer()), message, help)
        .related(first.path(), first_name, "the other site")
        .guarding(guards)
}
