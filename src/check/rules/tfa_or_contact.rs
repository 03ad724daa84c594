use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedFile;
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
    TFA_OR_CONTACT = "tfa-or-contact", Required, File(check)
}

fn check(checked: &CheckedFile<'_>) -> Vec<Problem> {
    let Some((pointer, members)) = checked.entry() else {
        return Vec::new();
    };
    if !checked.violates("tfa-or-contact") {
        return Vec::new();
    }
    let problem = if members.contains("tfa") {
        Problem::new(
            Place::Name(format!("{pointer}/contact")),
            "`tfa` and `contact` are both given",
            "Keep `tfa` if the site has two-factor authentication, and `contact` if it has none.",
        )
        .related(
            &checked.file.path,
            Place::Name(format!("{pointer}/tfa")),
            "`tfa` is here",
        )
    } else {
        Problem::new(
            Place::Name(pointer),
            "neither `tfa` nor `contact` is given",
            "List the methods in `tfa` if the site has two-factor authentication; say in `contact` \
             where to ask for it if it has none.",
        )
    };
    vec![problem]
}
