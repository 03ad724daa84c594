use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedEntry;

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
    MISSING_DOCUMENTATION = "missing-documentation", Warning, Entry(check)
}

fn check(checked: &CheckedEntry<'_>) -> Vec<Problem> {
    let members = &checked.entry.members;
    if !members.contains("tfa") || members.contains("documentation") {
        return Vec::new();
    }
    vec![Problem::new(
        checked.name_of("tfa"),
        "`tfa` is given, but no `documentation`",
        "Link to the site's own page on it. If there is none, show in the pull request how you \
         know.",
    )]
}
