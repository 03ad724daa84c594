use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedEntry;
use crate::source::Place;
use crate::wording::quote;

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
    INSECURE_LINK = "insecure-link", Warning, Entry(check)
}

/// The members that are addresses.
const MEMBERS: [&str; 3] = ["url", "documentation", "recovery"];

fn check(checked: &CheckedEntry<'_>) -> Vec<Problem> {
    let own = MEMBERS.iter().filter_map(|member| Some((*member, checked.entry.text(member)?)));
    let contact = checked.entry.members.get("contact").and_then(|it| it.as_object());
    let form = contact.and_then(|it| it.get("form")).and_then(|it| it.as_str());
    let all = own.chain(form.map(|form| ("contact/form", form)));
    let problem = |(member, _): (&str, &str)| {
        let name = member.rsplit('/').next().unwrap_or(member);
        Problem::new(
            Place::Value(checked.entry.pointer_to(member)),
            format!("{} is an address without encryption", quote(name)),
            "Write `https://`, if the page opens there too.",
        )
    };
    all.filter(|(_, address)| address.starts_with("http://")).map(problem).collect()
}
