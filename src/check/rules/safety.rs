//! Rules about values that make strict consumers refuse a whole published file.

use psl::Type;

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::{Domain, Location};
use crate::text::{quote, thousands};

/// The maximum length of a URL, in characters.
const MAX_URL_CHARS: usize = 2048;

/// The maximum length of a site or product name, in characters.
const MAX_NAME_CHARS: usize = 200;

/// The maximum length of a note, in characters.
const MAX_NOTE_CHARS: usize = 1000;

/// The maximum length of a character reference between `&` and `;`; the longest name has 31.
const MAX_REFERENCE_BYTES: usize = 32;

rule! {
    /// Finds IP addresses, and other domains with a number as the last part.
    ///
    /// ## Why
    ///
    /// Strict programs refuse the whole file if one domain in it is not a host name.
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
    UNSAFE_DOMAIN = "unsafe-domain", Error, Output, fixable: false, Entry(|context| {
        let problem = |domain: Domain<'_>| {
            let message = format!("{} ends in a number, like an IP address", quote(domain.name));
            let help = "Use the site's domain name.";
            Problem::new(context.location_of(domain), message, help)
        };
        context.domains().filter(|it| ends_in_number(it.name)).map(problem).collect()
    })
}

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
    PUBLIC_SUFFIX = "public-suffix", Error, Output, fixable: false, Entry(|context| {
        suffixes(context, |domain, kind| domain.index.is_some() && kind == Type::Icann)
    })
}

rule! {
    /// Finds main domains under which anyone can register a domain, such as `gov.uk` (the ICANN section
    /// of the Public Suffix List), and additional domains under which a provider gives subdomains to its
    /// users, such as `square.site` (the private section).
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
    SHARED_DOMAIN = "shared-domain", Warning, Review, fixable: false, Entry(|context| {
        suffixes(context, |domain, kind| domain.index.is_some() != (kind == Type::Icann))
    })
}

rule! {
    /// Finds URLs with a user name or password, with an IP address or a name without a dot as host, or
    /// with more than 2,048 characters.
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
    UNSAFE_URL = "unsafe-url", Error, Output, fixable: false, Entry(|context| {
        let problem = |(field, url): (&str, &str)| {
            let (what, help) = unsafe_part(url)?;
            let message = format!("{} {what}", quote(field.rsplit('/').next().unwrap_or(field)));
            Some(Problem::new(context.value_of(field), message, help))
        };
        context.urls().filter_map(problem).collect()
    })
}

rule! {
    /// Finds HTML character references, such as `&quot;` or `&#39;`, in names, notes and URLs. Those of
    /// letters, such as `&Auml;`, are only warnings.
    ///
    /// ## Why
    ///
    /// Entries are plain text, so people would see `&amp;` instead of `&`. Programs that decode
    /// references before they parse the file fail at `&quot;`.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Smith &amp; Sons": { "domain": "smith.example", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Smith & Sons": { "domain": "smith.example", … } }
    /// ```
    CHARACTER_REFERENCE = "character-reference", Error, Output, fixable: false, Entry(|context| {
        let urls = context.urls().map(|(field, url)| (At::Field(field), url));
        let texts = texts(context).map(|(at, text, _)| (at, text));
        let problem = |(at, text): (At, _)| {
            let (reference, is_harmful) = reference(text)?;
            let message = format!("HTML character reference {}", quote(reference));
            let problem = Problem::new(at.location(context), message, "Write the character itself.");
            Some(if is_harmful { problem } else { problem.warning() })
        };
        texts.chain(urls).filter_map(problem).collect()
    })
}

rule! {
    /// Finds names that are blank or longer than 200 characters, and notes longer than 1,000 characters.
    ///
    /// ## Why
    ///
    /// Strict programs refuse the whole file if one string in it is too long to display.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "custom-software": [" "]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "custom-software": ["Example Authenticator"]
    /// ```
    TEXT_LENGTH = "text-length", Error, Output, fixable: false, Entry(|context| {
        let problem = |(at, text, max): (At, &str, _)| {
            // `schema` reports an empty text.
            if text.is_empty() {
                return None;
            }
            if text.trim().is_empty() {
                return Some(Problem::new(at.location(context), "this text is blank", "Add the text."));
            }
            // No text has more characters than bytes.
            let length = if text.len() > max { text.chars().count() } else { 0 };
            (length > max).then(|| {
                let message = format!("this text has {} characters", thousands(length));
                let help = format!("Shorten it to {} characters.", thousands(max));
                Problem::new(at.location(context), message, help)
            })
        };
        texts(context).filter_map(problem).collect()
    })
}

rule! {
    /// Finds values that were copied from the template: the name "Site Name", the domain `site.com`, and
    /// links to `site.com` or `example.com`.
    ///
    /// ## Why
    ///
    /// These values were left in by mistake, and say nothing about the site.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Site Name": { "domain": "site.com", "documentation": "https://example.com/", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Rabbit": { "domain": "rabbit.example", "documentation": "https://rabbit.example/2fa", … } }
    /// ```
    PLACEHOLDER = "placeholder", Error, Review, fixable: false, Entry(|context| {
        let entry = context.entry;
        let name = (entry.name == "Site Name")
            .then(|| (Location::Name(entry.pointer()), "the site's name"));
        let domain = (entry.domain() == "site.com")
            .then(|| (context.value_of("domain"), "the site's domain"));
        let is_placeholder = |url: &str| {
            let host = host(url).strip_prefix("www.").unwrap_or(host(url));
            ["site.com", "example.com"].contains(&host) && host != entry.domain()
        };
        // With an invalid domain, it is unknown which links are the site's own.
        let has_domain = context.domain().is_some();
        let links = context.urls().filter(|(_, url)| has_domain && is_placeholder(url));
        let links = links.map(|(field, _)| (context.value_of(field), "a link to the site's page"));
        let problem = |(location, expected)| {
            let help = format!("Replace it with {expected}.");
            Problem::new(location, "this is a placeholder, not a real address", help)
        };
        name.into_iter().chain(domain).chain(links).map(problem).collect()
    })
}

/// Where a text is in its entry; its location is only written for a finding.
#[derive(Clone, Copy)]
enum At {
    Name,
    Field(&'static str),
    Product(&'static str, usize),
}

impl At {
    fn location(self, context: &EntryContext<'_>) -> Location {
        match self {
            Self::Name => Location::Name(context.entry.pointer()),
            Self::Field(field) => context.value_of(field),
            Self::Product(field, index) => {
                Location::Value(format!("{}/{index}", context.entry.pointer_to(field)))
            }
        }
    }
}

/// Names of the site and of products, and notes: each with its place and its maximum length.
fn texts<'c>(context: &EntryContext<'c>) -> impl Iterator<Item = (At, &'c str, usize)> + use<'c> {
    let entry = context.entry;
    let name = (At::Name, &*entry.name, MAX_NAME_CHARS);
    let notes = entry
        .text("notes")
        .map(|notes| (At::Field("notes"), notes, MAX_NOTE_CHARS));
    let products = ["custom-software", "custom-hardware"].map(|field| {
        let products = entry.array(field).iter().enumerate();
        products.filter_map(move |(index, it)| {
            Some((At::Product(field, index), it.as_str()?, MAX_NAME_CHARS))
        })
    });
    std::iter::once(name)
        .chain(notes)
        .chain(products.into_iter().flatten())
}

/// The domains that are public suffixes of an unwanted kind.
fn suffixes(
    context: &EntryContext<'_>,
    is_unwanted: impl Fn(&Domain<'_>, Type) -> bool,
) -> Vec<Problem> {
    let problem = |domain: Domain<'_>| {
        let suffix = psl::suffix(domain.name.as_bytes())?;
        if suffix.as_bytes() != domain.name.as_bytes() || !is_unwanted(&domain, suffix.typ()?) {
            return None;
        }
        let message = format!("others can register domains below {}", quote(domain.name));
        let help = "List the site's own domain instead.";
        Some(Problem::new(context.location_of(domain), message, help))
    };
    context.domains().filter_map(problem).collect()
}

/// Whether the last label of a host is a number, which makes the host an IP address (WHATWG URL,
/// section 3.5).
pub(super) fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    let is_hex = |digits: &str| digits.bytes().all(|it| it.is_ascii_hexdigit());
    !last.is_empty() && last.bytes().all(|it| it.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(is_hex)
}

/// The part of a URL between the scheme and the path.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

fn host(url: &str) -> &str {
    let authority = authority(url);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    match host.starts_with('[') {
        true => host,
        false => host.split(':').next().unwrap_or(host).trim_end_matches('.'),
    }
}

/// The problem with a URL, and how to fix it.
fn unsafe_part(url: &str) -> Option<(&'static str, &'static str)> {
    let host = host(url);
    if authority(url).contains('@') {
        Some((
            "contains a user name or password",
            "Remove everything up to the `@`.",
        ))
    } else if host.starts_with('[') || ends_in_number(host) {
        Some(("uses an IP address", "Use the site's domain name."))
    } else if url.contains("://") && !host.contains('.') {
        Some((
            "uses a host name without a dot",
            "Use the full domain name.",
        ))
    } else if url.len() > MAX_URL_CHARS && url.chars().count() > MAX_URL_CHARS {
        Some((
            "is longer than 2,048 characters",
            "Link to a page with a shorter URL.",
        ))
    } else {
        None
    }
}

/// An HTML character reference in a text, and whether it may represent a special character of JSON
/// or HTML. The first such reference is preferred; otherwise the first reference is used.
fn reference(text: &str) -> Option<(&str, bool)> {
    let references = text.match_indices('&').filter_map(|(start, _)| {
        let rest = text.as_bytes()[start + 1..]
            .iter()
            .take(MAX_REFERENCE_BYTES + 1);
        let length = rest.copied().position(|it| it == b';')?;
        let name = &text[start + 1..start + 1 + length];
        let (digits, is_number) = name
            .strip_prefix('#')
            .map_or((name, false), |digits| (digits, true));
        let is_reference =
            !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_alphanumeric());
        let is_harmful = is_number
            || ["quot", "amp", "apos", "lt", "gt"]
                .iter()
                .any(|it| name.eq_ignore_ascii_case(it));
        is_reference.then(|| (&text[start..start + name.len() + 2], is_harmful))
    });
    references.reduce(|first, next| if first.1 || !next.1 { first } else { next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_strict_programs_refuse_are_found() {
        for url in [
            "https://192.0.2.1/",
            "https://192.0.2.1:8080/x",
            "https://[2001:db8::1]/",
            "https://0x7f.1/",
            "https://127.0.0.0x1/",
            "https://localhost/",
            "https://localhost./",
            "https://user@bank.example/",
            "https://bank.example:pass@evil.example/",
        ] {
            assert!(unsafe_part(url).is_some(), "{url}");
        }
        for url in [
            "https://bank.example/@user",
            "https://bank.example?mail=a@b.example",
            "https://bank.example:8443/1.2.3.4",
            "https://1password.example/",
            "https://0xabc.example/",
        ] {
            assert_eq!(unsafe_part(url), None, "{url}");
        }
    }

    #[test]
    fn character_references_are_found() {
        for (text, found) in [
            ("A &amp; B", Some(("&amp;", true))),
            ("https://a.example/?b&c&quot;d", Some(("&quot;", true))),
            ("it&#39;s", Some(("&#39;", true))),
            ("it&#x27;s", Some(("&#x27;", true))),
            ("&Auml;rztebank", Some(("&Auml;", false))),
            ("&Auml; &amp; &Ouml;", Some(("&amp;", true))),
            ("A & B; C", None),
            ("AT&T", None),
            ("https://a.example/?b=1&c=2;d", None),
            ("&;", None),
            ("&é;", None),
        ] {
            assert_eq!(reference(text), found, "{text}");
        }
    }
}
