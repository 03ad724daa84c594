use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Domain;
use crate::text::quote;

rule! {
    /// Finds domains that begin with `www.` where the rest is a domain of its own. What can be
    /// registered is known from the Public Suffix List: `www.gov.uk` is a domain, since nobody
    /// registers `gov.uk`.
    ///
    /// ## Why
    ///
    /// Password managers compare domains. An account at `example.com` is not found under
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
    WWW_DOMAIN = "www-domain", Warning, Review, fixable: false, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let problem = |domain: Domain<'_>| {
        let rest = without_www(domain.name)?;
        let message = format!("{} begins with `www.`", quote(domain.name));
        Some(Problem::new(context.location_of(domain), message, format!("Write {}.", quote(rest))))
    };
    context.domains().filter_map(problem).collect()
}

/// What follows `www.`, where that is a domain of its own.
pub(super) fn without_www(domain: &str) -> Option<&str> {
    domain.strip_prefix("www.").filter(|rest| psl::domain_str(rest).is_some())
}
