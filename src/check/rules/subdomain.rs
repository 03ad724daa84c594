//! Rules about domains that are subdomains.

use crate::address::has_known_tld;
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::text::quote;

rule! {
    /// Finds main domains that are subdomains. The Public Suffix List says which domains can be
    /// registered: `a.b.co.uk` is a subdomain of `b.co.uk`, but `access.service.gov.uk` is not a
    /// subdomain.
    ///
    /// With `[check] internal-hosts = true`, this rule is off unless `[check.rules]` sets it.
    ///
    /// ## Why
    ///
    /// An account usually belongs to a whole domain, and password managers look it up by that. If the
    /// account really belongs to the subdomain, add an exception with the reason to `directory.toml`.
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
    SUBDOMAIN = "subdomain", Warning, Review, fix: None, Entry(|context| Vec::from_iter(subdomain(context)))
}

rule! {
    /// Finds domains that start with `www.` although the rest is a domain too. The Public Suffix List
    /// says which domains can be registered: `www.gov.uk` is right, since `gov.uk` cannot be.
    ///
    /// ## Why
    ///
    /// Password managers compare domains. They do not find an account for `example.com` under
    /// `www.example.com`.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "domain": "www.example.com"
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "domain": "example.com"
    /// ```
    ///
    /// ## Fix
    ///
    /// Removes `www.`.
    WWW_DOMAIN = "www-domain", Error, Output, fix: Safe, Entry(www)
}

fn subdomain(context: &EntryContext<'_>) -> Option<Problem> {
    let domain = context.domain()?;
    let registrable = psl::domain_str(domain).filter(|registrable| *registrable != domain)?;
    // What can be registered below an unknown top-level domain is a guess. `www-domain` reports domains
    // that start with `www.`.
    if !has_known_tld(domain) || without_www(domain).is_some() {
        return None;
    }
    let registrable = quote(registrable);
    let message = format!("{} is a subdomain of {registrable}", quote(domain));
    let help = format!("Use {registrable}, unless accounts only work on this subdomain.");
    Some(Problem::new(context.value_of("domain"), message, help))
}

fn www(context: &EntryContext<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for domain in context.domains() {
        let Some(rest) = without_www(domain.name) else {
            continue;
        };
        // `covered-domain` reports it.
        if domain.index.is_some() && is_covered(rest, context.entry.domain()) {
            continue;
        }
        let message = format!("{} starts with `www.`", quote(domain.name));
        let help = format!("Use {}.", quote(rest));
        let problem = Problem::new(context.location_of(domain), message, help);
        problems.push(problem.replaced(domain.name, rest));
    }
    problems
}

/// Whether a domain is the main domain or a subdomain of it.
pub(super) fn is_covered(domain: &str, main: &str) -> bool {
    let before = domain.strip_suffix(main);
    before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// The rest of a domain after `www.`, if that is a domain too.
pub(super) fn without_www(domain: &str) -> Option<&str> {
    domain
        .strip_prefix("www.")
        .filter(|rest| psl::domain_str(rest).is_some())
}
