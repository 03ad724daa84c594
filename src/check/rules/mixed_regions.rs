use crate::check::rule::{Checked, Problem, rule};
use crate::source::Place;

rule! {
    /// Finds entries that list both included and excluded regions.
    ///
    /// ## Why
    ///
    /// "Only here" and "everywhere but there" exclude each other: one list says which.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "regions": ["us", "-ca"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "regions": ["us"]
    /// ```
    MIXED_REGIONS = "mixed-regions", Error, check
}

fn check(checked: &Checked<'_>) -> Vec<Problem> {
    let Some((pointer, _)) = checked.entry().filter(|_| checked.violates("mixed-regions")) else {
        return Vec::new();
    };
    vec![Problem::new(
        Place::Name(format!("{pointer}/regions")),
        "`regions` both includes and excludes",
        "List either the regions that the site serves, or, each with a minus sign, those that it \
         does not.",
    )]
}
