//! Rules about domains under which others can register domains.

use psl::Type;

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Domain;
use crate::text::quote;

rule! {
    /// Finds additional domains under which anyone can register a domain, such as `co.uk` (the ICANN
    /// section of the Public Suffix List).
    ///
    /// ## Why
    ///
    /// A domain includes its subdomains. A password manager would apply the entry to every site below
    /// `co.uk`.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "additional-domains": ["co.uk"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "additional-domains": ["example.co.uk"]
    /// ```
    PUBLIC_SUFFIX = "public-suffix", Error, Output, fix: None, Entry(|context| {
        suffixes(context, |domain, kind| domain.index.is_some() && kind == Type::Icann)
    })
}

rule! {
    /// Finds main domains under which anyone can register a domain, such as `gov.uk` (the ICANN section
    /// of the Public Suffix List), and additional domains under which a provider gives subdomains to its
    /// users, such as `square.site` (the private section).
    ///
    /// With `[check] internal-hosts = true`, this rule is off unless `[check.rules]` sets it.
    ///
    /// ## Why
    ///
    /// A domain includes its subdomains. Here, the subdomains belong to others.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "domain": "gov.uk"
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "domain": "access.service.gov.uk"
    /// ```
    SHARED_DOMAIN = "shared-domain", Warning, Review, fix: None, Entry(|context| {
        suffixes(context, |domain, kind| domain.index.is_some() != (kind == Type::Icann))
    })
}

/// The domains that are public suffixes of an unwanted kind.
fn suffixes(
    context: &EntryContext<'_>,
    is_unwanted: impl Fn(&Domain<'_>, Type) -> bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for domain in context.domains() {
        if let Some(kind) = suffix_kind(domain.name)
            && is_unwanted(&domain, kind)
        {
            let message = format!("others can register domains below {}", quote(domain.name));
            let help = "List the site's own domain instead.";
            problems.push(Problem::new(context.location_of(domain), message, help));
        }
    }
    problems
}

/// The section of the Public Suffix List that contains a domain.
fn suffix_kind(domain: &str) -> Option<Type> {
    // Without a dot, this is an internal host, even if it is called `dev`.
    if !domain.contains('.') {
        return None;
    }
    let suffix = psl::suffix(domain.as_bytes())?;
    if suffix.as_bytes() == domain.as_bytes() {
        suffix.typ()
    } else {
        None
    }
}
