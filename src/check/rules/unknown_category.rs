use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};

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
    UNKNOWN_CATEGORY = "unknown-category", Error, Output, fixable: false, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    context.of_definitions(&["category"])
}
