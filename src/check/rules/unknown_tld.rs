use crate::address::{ends_in_number, has_known_tld, host, is_domain};
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds domains, and hosts of URLs, with a top-level domain that the Public Suffix List does not
    /// have. `.example`, which is reserved for examples, is not reported.
    ///
    /// With `[check] internal-hosts = true`, this rule is off unless `[check.rules]` sets it.
    ///
    /// ## Why
    ///
    /// Such a domain is nearly always misspelled. Only new top-level domains are missing from the list.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "additional-domains": ["cloud.micrsoft"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "additional-domains": ["cloud.microsoft"]
    /// ```
    UNKNOWN_TLD = "unknown-tld", Warning, Review, fix: None, Entry(check)
}

/// The help for the main domain, which is also in the file name.
const OF_MAIN_DOMAIN: &str = "Check the spelling here and in the file name. The Public Suffix List has no such top-level domain.";

/// The help for additional domains, and for hosts in URLs.
const OF_OTHERS: &str = "Check the spelling. The Public Suffix List has no such top-level domain.";

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let domains = context
        .domains()
        .filter(|domain| !has_known_tld(domain.name))
        .map(|domain| {
            let help = if domain.index.is_none() {
                OF_MAIN_DOMAIN
            } else {
                OF_OTHERS
            };
            (domain.name, context.location_of(domain), help)
        });
    let hosts = context
        .urls()
        .map(|(field, url)| (field, host(url)))
        .filter(|(_, host)| !has_known_tld(host))
        .map(|(field, host)| (host, context.value_of(field), OF_OTHERS));
    domains
        .chain(hosts)
        .filter_map(|(host, location, help)| problem(host, location, help))
        .collect()
}

fn problem(host: &str, location: Location, help: &str) -> Option<Problem> {
    if !is_domain(host) || ends_in_number(host) {
        return None;
    }
    let (rest, tld) = host.rsplit_once('.')?;
    let question = match meant(rest, tld) {
        Some(meant) => format!("; did you mean {}?", quote(&meant)),
        None => String::new(),
    };
    let message = format!(
        "{} has the unknown top-level domain `.{tld}`{question}",
        quote(host)
    );
    Some(Problem::new(location, message, help))
}

/// The domain that was meant, if that is clear: without the extension of a file, or with the only
/// top-level domain that differs by one letter. `.com` is far more frequent than others.
fn meant(rest: &str, tld: &str) -> Option<String> {
    if tld == "json" && rest.contains('.') && has_known_tld(rest) {
        return Some(rest.to_owned());
    }
    let near = near_tlds(tld);
    let tld = match near.as_slice() {
        [only] => only,
        several => several.iter().find(|near| *near == "com")?,
    };
    Some(format!("{rest}.{tld}"))
}

/// The top-level domains that differ from a word by one letter: one more, less, or another, or two
/// that are swapped.
fn near_tlds(word: &str) -> Vec<String> {
    let mut words = Vec::new();
    for at in 0..=word.len() {
        let (Some(before), Some(after)) = (word.get(..at), word.get(at..)) else {
            continue;
        };
        let rest = after.get(1..).unwrap_or_default();
        words.push(format!("{before}{rest}"));
        for letter in 'a'..='z' {
            words.push(format!("{before}{letter}{after}"));
            words.push(format!("{before}{letter}{rest}"));
        }
        if let (Some(first), Some(second)) = (after.get(..1), after.get(1..2)) {
            words.push(format!("{before}{second}{first}{}", &after[2..]));
        }
    }
    words.retain(|word| !word.is_empty() && is_tld(word));
    words.sort_unstable();
    words.dedup();
    words
}

fn is_tld(word: &str) -> bool {
    let suffix = psl::suffix(word.as_bytes());
    suffix.is_some_and(|suffix| suffix.is_known() && suffix.as_bytes() == word.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_that_was_meant_is_suggested_if_it_is_clear() {
        for (rest, tld, expected) in [
            ("shop", "con", Some("shop.com")),
            ("shop", "ocm", Some("shop.com")),
            ("shop", "comm", Some("shop.com")),
            ("cloud", "micrsoft", Some("cloud.microsoft")),
            ("x.com.au", "json", Some("x.com.au")),
            ("shop", "qqqq", None),
            ("shop", "xn--zzzz", None),
        ] {
            assert_eq!(meant(rest, tld).as_deref(), expected, "{rest}.{tld}");
        }
        assert!(has_known_tld("a.microsoft") && has_known_tld("bank.example"));
        assert!(!has_known_tld("a.micrsoft"));
    }
}
