use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;

rule! {
    /// Finds entries with both `tfa` and `contact`, or with neither.
    ///
    /// ## Why
    ///
    /// `tfa` lists the methods of a site that has two-factor authentication; `contact` says where
    /// to ask for it at a site that has none. An entry is about one or the other.
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
    /// { "Example": { "domain": "example.com", "tfa": ["totp"], "categories": ["email"] } }
    /// ```
    TFA_OR_CONTACT = "tfa-or-contact", Error, Output, fixable: false, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let fields = &context.entry.fields;
    let problem = match (fields.contains_key("tfa"), fields.contains_key("contact")) {
        (true, true) => Problem::new(
            context.name_of("contact"),
            "`tfa` and `contact` are both given",
            "Keep `tfa` if the site has two-factor authentication, and `contact` if it has none.",
        )
        .related(&context.file.path, context.name_of("tfa"), "`tfa` is here"),
        (false, false) => Problem::new(
            Location::Name(context.entry.pointer()),
            "neither `tfa` nor `contact` is given",
            "List the methods in `tfa` if the site has two-factor authentication; say in `contact` \
             where to ask for it if it has none.",
        ),
        _ => return Vec::new(),
    };
    vec![problem]
}
