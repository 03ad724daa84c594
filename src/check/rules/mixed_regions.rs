use crate::check::rule::{Checked, Problem, rule};

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
    checked.of_definitions(&["mixed-regions"])
}
