use crate::address::ends_in_number;
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::text::quote;

rule! {
    /// Finds IP addresses, and other domains with a number as the last part.
    ///
    /// ## Why
    ///
    /// Strict programs refuse the whole file if one domain in it is not a hostname.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "domain": "192.0.2.1"
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "domain": "example.com"
    /// ```
    UNSAFE_DOMAIN = "unsafe-domain", Error, Output, fix: None, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for domain in context.domains() {
        if ends_in_number(domain.name) {
            let name = quote(domain.name);
            let message = format!("{name} ends in a number, like an IP address");
            let help = "Use the site's domain name.";
            problems.push(Problem::new(context.location_of(domain), message, help));
        }
    }
    problems
}
