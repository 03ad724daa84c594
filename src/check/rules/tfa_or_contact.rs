use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;

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
    TFA_OR_CONTACT = "tfa-or-contact", Error, Output, fixable: false, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let fields = &context.entry.fields;
    let problem = match (fields.contains_key("tfa"), fields.contains_key("contact")) {
        (true, true) => Problem::new(
            context.name_of("contact"),
            "`tfa` and `contact` cannot both be given",
            "Keep `tfa` if the site has two-factor authentication, and `contact` if it has none.",
        )
        .related(&context.file.path, context.name_of("tfa"), "`tfa` is here"),
        (false, false) => Problem::new(
            Location::Name(context.entry.pointer()),
            "`tfa` or `contact` is missing",
            "List the site's methods in `tfa`. If the site has no two-factor authentication, say in \
             `contact` where to ask for it.",
        ),
        _ => return Vec::new(),
    };
    vec![problem]
}
