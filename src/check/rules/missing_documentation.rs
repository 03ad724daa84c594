use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};

rule! {
    /// Finds entries with `tfa` but without `documentation`.
    ///
    /// ## Why
    ///
    /// Password managers link to `documentation` so that users can turn on two-factor authentication,
    /// and reviewers use it to verify the entry.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["totp"], … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "tfa": ["totp"],
    ///     "documentation": "https://example.com/help/two-factor",
    ///     …
    ///   }
    /// }
    /// ```
    MISSING_DOCUMENTATION = "missing-documentation", Warning, Review, fix: None, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let fields = &context.entry.fields;
    if !fields.contains_key("tfa") || fields.contains_key("documentation") {
        return Vec::new();
    }
    let help = "Add a link to the site's own instructions: `\"documentation\": \"https://…\",`. \
                If there are none, say in the pull request how you know what the site offers.";
    vec![Problem::new(
        context.name_of("tfa"),
        "`documentation` is missing",
        help,
    )]
}
