use super::www_domain::without_www;
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::text::quote;

rule! {
    /// Finds main domains that are below a domain of its own. What can be registered is known from
    /// the Public Suffix List: `a.b.co.uk` is below `b.co.uk`, `access.service.gov.uk` is below
    /// nothing.
    ///
    /// ## Why
    ///
    /// An account is usually that of a whole domain, and password managers look it up by that.
    /// Where the account is the subdomain's own, allow it in `directory.toml` and say so.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "domain": "login.example.com"
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "domain": "example.com"
    /// ```
    SUBDOMAIN = "subdomain", Warning, Review, fixable: false, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let Some(domain) = context.domain() else {
        return Vec::new();
    };
    let registrable = psl::domain_str(domain).filter(|it| *it != domain);
    let Some(registrable) = registrable.filter(|_| without_www(domain).is_none()) else {
        return Vec::new();
    };
    let message = format!("{} is below {}", quote(domain), quote(registrable));
    let help = format!(
        "Name the entry after {}, unless the account is good for this subdomain only.",
        quote(registrable)
    );
    vec![Problem::new(context.value_of("domain"), message, help)]
}
