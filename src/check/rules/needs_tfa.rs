use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Verb;

rule! {
    /// Finds `documentation`, `recovery` and `notes` in entries without `tfa`.
    ///
    /// ## Why
    ///
    /// These fields describe the site's two-factor authentication. Version 4 does not publish them for
    /// sites that have none.
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
    ///
    /// ## Fix
    ///
    /// Removes `notes`.
    NEEDS_TFA = "needs-tfa", Error, Output, fix: Unsafe, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let fields = &context.entry.fields;
    // If `contact` is missing too, `tfa-or-contact` reports that.
    if fields.contains_key("tfa") || !fields.contains_key("contact") {
        return Vec::new();
    }
    let mut problems = Vec::new();
    for field in ["documentation", "recovery", "notes"] {
        if !fields.contains_key(field) {
            continue;
        }
        let message = format!("`{field}` requires `tfa`");
        let help = format!(
            "If the site has no two-factor authentication, remove `{field}`. If it has, write \
             `\"tfa\": [\"totp\"]` with its methods instead of `contact`."
        );
        let mut problem = Problem::new(context.name_of(field), message, help);
        if field == "notes" {
            problem = problem.fix_that_alters_output(
                Verb::Remove.title("`notes`"),
                Change::Remove(context.entry.pointer_to("notes")),
            );
        }
        problems.push(problem);
    }
    problems
}
