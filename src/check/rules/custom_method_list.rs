use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedFile;

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
    CUSTOM_METHOD_LIST = "custom-method-list", Required, File(check)
}

fn check(checked: &CheckedFile<'_>) -> Vec<Problem> {
    checked.of_definitions(&["custom-software-list", "custom-hardware-list"])
}
