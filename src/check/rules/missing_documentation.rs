use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};

rule! {
    /// Finds entries with `tfa` that do not say where the site explains it.
    ///
    /// ## Why
    ///
    /// Password managers link to `documentation` next to "turn on two-factor authentication", and
    /// reviewers look there to see whether an entry is right.
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
    MISSING_DOCUMENTATION = "missing-documentation", Warning, Review, fixable: false, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let fields = &context.entry.fields;
    if !fields.contains_key("tfa") || fields.contains_key("documentation") {
        return Vec::new();
    }
    vec![Problem::new(
        context.name_of("tfa"),
        "`tfa` is given, but no `documentation`",
        "Link to the site's own page on it. If there is none, show in the pull request how you \
         know.",
    )]
}
