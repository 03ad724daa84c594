use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};

rule! {
    /// Finds `documentation`, `recovery` and `notes` in entries of sites without `tfa`.
    ///
    /// ## Why
    ///
    /// These fields speak of the site's methods. Where there is no method, nobody reads them: the
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
    NEEDS_TFA = "needs-tfa", Error, Output, fixable: false, Entry(check)
}

const FIELDS: [&str; 3] = ["documentation", "recovery", "notes"];

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let fields = &context.entry.fields;
    // Where `contact` is missing as well, `tfa-or-contact` says what is wrong.
    if fields.contains_key("tfa") || !fields.contains_key("contact") {
        return Vec::new();
    }
    FIELDS
        .iter()
        .filter(|field| fields.contains_key(**field))
        .map(|field| {
            Problem::new(
                context.name_of(field),
                format!("`{field}` is given, but the entry has no `tfa`"),
                format!("Remove `{field}`, or list the site's methods in `tfa`."),
            )
        })
        .collect()
}
