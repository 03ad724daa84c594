use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::{Location, Verb};

rule! {
    /// Finds entries with both `tfa` and `contact`, or with neither.
    ///
    /// ## Why
    ///
    /// `tfa` lists the methods of a site with two-factor authentication. `contact` says where to ask a
    /// site without it. An entry needs exactly one of them.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "categories": ["email"] } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["totp"], "categories": ["email"], … } }
    /// ```
    ///
    /// ## Fix
    ///
    /// Removes `contact` if there is `tfa`.
    TFA_OR_CONTACT = "tfa-or-contact", Error, Output, fix: Unsafe, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let fields = &context.entry.fields;
    let problem = match (fields.contains_key("tfa"), fields.contains_key("contact")) {
        (true, true) => Problem::new(
            context.name_of("contact"),
            "the entry has both `tfa` and `contact`",
            "If the site has two-factor authentication, remove `contact`. If it has none, remove `tfa`.",
        )
        .fix_that_alters_output(
            Verb::Remove.title("`contact`"),
            Change::Remove(context.entry.pointer_to("contact")),
        )
        .related(&context.file.path, context.name_of("tfa"), "`tfa` is here"),
        (false, false) => Problem::new(
            Location::Name(context.entry.pointer()),
            "`tfa` or `contact` is missing",
            "Add `tfa`, or `contact` if the site has none: `\"tfa\": [\"totp\"]` lists the site's \
             methods, `\"contact\": { \"email\": \"support@example.com\" }` says where to ask for them.",
        ),
        _ => return Vec::new(),
    };
    vec![problem]
}
