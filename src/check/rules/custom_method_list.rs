use crate::check::rule::{Checked, Problem, rule};

rule! {
    /// Finds the methods `custom-software` and `custom-hardware` without the list of the same
    /// name, and such lists without the method.
    ///
    /// ## Why
    ///
    /// The method alone does not say which app or device a user needs.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["custom-software"], … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "tfa": ["custom-software"],
    ///     "custom-software": ["Example App"],
    ///     …
    ///   }
    /// }
    /// ```
    CUSTOM_METHOD_LIST = "custom-method-list", Error, check
}

fn check(checked: &Checked<'_>) -> Vec<Problem> {
    checked.of_definitions(&["custom-software-list", "custom-hardware-list"])
}
