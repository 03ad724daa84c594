use crate::address::{email_in, url_problem};
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Verb;
use crate::text::quote;

rule! {
    /// Finds URLs that browsers or strict programs do not accept: with a misspelled scheme, characters
    /// that must be encoded, a host that is not a domain (such as an IP address), a port out of range, a
    /// user name or password, or with more than 2,048 characters. Also finds e-mail addresses in `form`.
    ///
    /// ## Why
    ///
    /// Strict programs refuse the whole file if it contains such a URL. A user name before the host can
    /// also hide where a link leads.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "documentation": "https://example.com@192.0.2.1/help"
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "documentation": "https://example.com/help"
    /// ```
    ///
    /// ## Fix
    ///
    /// Corrects the scheme, writes the host in lower case and in its `xn--` form, and encodes characters
    /// that a URL cannot contain. Moves an e-mail address from `form` to `email`.
    INVALID_URL = "invalid-url", Error, Output, fix: Safe, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    context
        .urls()
        .filter_map(|(field, url)| problem(context, field, url))
        .collect()
}

fn problem(context: &EntryContext<'_>, field: &'static str, url: &str) -> Option<Problem> {
    if field == "contact/form" && email_in(url).is_some() {
        return Some(email_as_form(context, url));
    }
    let found = url_problem(url, context.hosts())?;
    let name = field.rsplit('/').next().unwrap_or(field);
    let message = format!("{} {}", quote(name), found.what);
    let problem = Problem::new(context.value_of(field), message, found.help);
    Some(match found.meant {
        Some(meant) => problem.replaced(url, &meant),
        None => problem,
    })
}

fn email_as_form(context: &EntryContext<'_>, address: &str) -> Problem {
    let message = format!("`form` is an e-mail address, not a URL: {}", quote(address));
    if context.contact("email").is_some() {
        let help = "Remove `form`. A contact has either `email` or `form`.";
        return Problem::new(context.name_of("contact/form"), message, help);
    }
    let location = context.name_of("contact/form");
    let problem = Problem::new(location.clone(), message, "Name the field `email`.");
    let title = Verb::Rename.title("`form` to `email`");
    problem.fix(title, Change::Write(location, "\"email\"".to_owned()))
}
