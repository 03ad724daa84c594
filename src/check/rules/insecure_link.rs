use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds addresses that begin with `http://`.
    ///
    /// ## Why
    ///
    /// Whoever is between a reader and the site can change what is sent without encryption, and a
    /// page on how to protect an account is a good one to forge.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "documentation": "http://example.com/help"
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "documentation": "https://example.com/help"
    /// ```
    INSECURE_LINK = "insecure-link", Warning, Review, fixable: false, Entry(check)
}

/// The fields that are addresses.
const FIELDS: [&str; 3] = ["url", "documentation", "recovery"];

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let own = FIELDS.iter().filter_map(|field| Some((*field, context.entry.text(field)?)));
    let contact = context.entry.fields.get("contact").and_then(|it| it.as_object());
    let form = contact.and_then(|it| it.get("form")).and_then(|it| it.as_str());
    let all = own.chain(form.map(|form| ("contact/form", form)));
    let problem = |(field, _): (&str, &str)| {
        let name = field.rsplit('/').next().unwrap_or(field);
        Problem::new(
            Location::Value(context.entry.pointer_to(field)),
            format!("{} is an address without encryption", quote(name)),
            "Write `https://`, if the page opens there too.",
        )
    };
    all.filter(|(_, address)| address.starts_with("http://")).map(problem).collect()
}
