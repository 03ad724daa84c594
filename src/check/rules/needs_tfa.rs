use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedEntry;

rule! {
    /// Finds `documentation`, `recovery` and `notes` in entries of sites without `tfa`.
    ///
    /// ## Why
    ///
    /// These members speak of the site's methods. Where there is no method, nobody reads them: the
    /// API leaves them out of version 4.
    ///
    /// ## Bad
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "contact": { "twitter": "example" },
    ///     "notes": "Promised for next year.",
    ///     "categories": ["email"]
    ///   }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "contact": { "twitter": "example" },
    ///     "categories": ["email"]
    ///   }
    /// }
    /// ```
    NEEDS_TFA = "needs-tfa", Required, Entry(check)
}

const MEMBERS: [&str; 3] = ["documentation", "recovery", "notes"];

fn check(checked: &CheckedEntry<'_>) -> Vec<Problem> {
    let members = &checked.entry.members;
    // Where `contact` is missing as well, `tfa-or-contact` says what is wrong.
    if members.contains("tfa") || !members.contains("contact") {
        return Vec::new();
    }
    MEMBERS
        .iter()
        .filter(|member| members.contains(member))
        .map(|member| {
            Problem::new(
                checked.name_of(member),
                format!("`{member}` is given, but the entry has no `tfa`"),
                format!("Remove `{member}`, or list the site's methods in `tfa`."),
            )
        })
        .collect()
}
