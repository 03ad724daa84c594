use crate::check::rule::{Checked, Problem, rule};

rule! {
    /// Finds categories that the directory does not have.
    ///
    /// ## Why
    ///
    /// Sites are shown by category; one with an unknown category is shown nowhere.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "categories": ["emails"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "categories": ["email"]
    /// ```
    UNKNOWN_CATEGORY = "unknown-category", Error, check
}

fn check(checked: &Checked<'_>) -> Vec<Problem> {
    checked.of_definitions(&["category"])
}
