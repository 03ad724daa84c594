use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedEntry;
use crate::source::Place;

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
    TFA_OR_CONTACT = "tfa-or-contact", Required, Entry(check)
}

fn check(checked: &CheckedEntry<'_>) -> Vec<Problem> {
    let members = &checked.entry.members;
    let problem = match (members.contains("tfa"), members.contains("contact")) {
        (true, true) => Problem::new(
            checked.name_of("contact"),
            "`tfa` and `contact` are both given",
            "Keep `tfa` if the site has two-factor authentication, and `contact` if it has none.",
        )
        .related(&checked.file.path, checked.name_of("tfa"), "`tfa` is here"),
        (false, false) => Problem::new(
            Place::Name(checked.entry.pointer()),
            "neither `tfa` nor `contact` is given",
            "List the methods in `tfa` if the site has two-factor authentication; say in `contact` \
             where to ask for it if it has none.",
        ),
        _ => return Vec::new(),
    };
    vec![problem]
}
