//! URLs and e-mail addresses as strict programs accept them, and what wrong ones were meant to be.

use icu_normalizer::ComposingNormalizerBorrowed as Normalizer;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use crate::text::{quote, thousands};
use crate::unicode::is_invisible;

/// The maximum length of a URL, in characters.
const MAX_URL_CHARS: usize = 2048;

/// The maximum length of the part of an e-mail address before the `@` (RFC 5321).
const MAX_LOCAL_BYTES: usize = 64;

/// Visible ASCII characters that a URL must not contain after the host (RFC 3986).
const ILLEGAL: &str = "\"<>[\\]^`{|}";

/// The hosts that a directory may list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hosts {
    /// Hosts on the internet: names with a dot.
    Public,
    /// Also the hosts of a company's own network, such as `wiki`.
    Internal,
}

impl Hosts {
    /// Whether a name has the dot that these hosts need.
    pub(crate) fn accept(self, name: &str) -> bool {
        self == Self::Internal || name.contains('.')
    }
}

/// A problem with a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct UrlProblem {
    /// What is wrong, as the end of a sentence about the field.
    pub(crate) what: String,
    pub(crate) help: String,
    /// The URL that was meant, if there is only one.
    pub(crate) meant: Option<String>,
}

/// The problem with a URL that browsers or strict programs would not accept.
pub(crate) fn url_problem(url: &str, hosts: Hosts) -> Option<UrlProblem> {
    let flaw = url_flaw(url, hosts)?;
    let meant = url_meant(url, hosts);
    let (what, help) = flaw.describe(url);
    let question = match &meant {
        Some(meant) => format!("; did you mean {}?", quote(meant)),
        None => String::new(),
    };
    Some(UrlProblem {
        what: what + &question,
        help: help.to_owned(),
        meant,
    })
}

/// The URL that a wrong one was meant to be, if there is only one.
pub(crate) fn url_meant(text: &str, hosts: Hosts) -> Option<String> {
    let visible: String = text.chars().filter(|char| !is_invisible(*char)).collect();
    let composed = Normalizer::new_nfc().normalize(&visible);
    let (scheme, rest) = split_scheme(unwrapped(&composed))?;
    if has_second_url(rest) {
        return None;
    }
    let meant = encoded(scheme, rest)?;
    url_flaw(&meant, hosts).is_none().then_some(meant)
}

/// The host of a URL, without its port; empty if there is none.
pub(crate) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or("", |(_, rest)| rest);
    let (authority, _) = split_authority(rest);
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    match host.starts_with('[') {
        true => host,
        false => host.split(':').next().unwrap_or(host).trim_end_matches('.'),
    }
}

/// Whether a text is a hostname in lower case with at least one dot, and not an IP address.
pub(crate) fn is_domain(text: &str) -> bool {
    text.contains('.') && is_hostname(text)
}

/// Whether a domain ends in a top-level domain that exists, or in the one for examples (RFC 2606).
pub(crate) fn has_known_tld(domain: &str) -> bool {
    let suffix = psl::suffix(domain.as_bytes());
    suffix.is_some_and(|suffix| suffix.is_known()) || domain.ends_with(".example")
}

/// Whether a text is a hostname in lower case, and not an IP address.
fn is_hostname(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label) && !ends_in_number(text)
}

/// Whether a text is a valid label of a hostname, in lower case (RFC 1123, section 2.1; RFC 5890,
/// section 2.3.1).
pub(crate) fn is_label(label: &str) -> bool {
    let is_allowed = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    matches!(label.len(), 1..=63)
        && label.bytes().all(is_allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
        && (label.get(2..4) != Some("--") || is_international(label))
}

/// Whether a label is the `xn--` form of a name.
fn is_international(label: &str) -> bool {
    let (name, result) = idna::domain_to_unicode(label);
    result.is_ok()
        && idna::domain_to_ascii(&name).is_ok_and(|ascii| ascii == label && name != label)
}

/// Whether the last label of a host is a number, which makes the host an IP address (WHATWG URL,
/// section 3.5).
pub(crate) fn ends_in_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or(host);
    let is_hex = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(is_hex)
}

/// The e-mail address in a text, which may have a name or `mailto:` before it.
pub(crate) fn email_in(text: &str) -> Option<&str> {
    let inner = match text.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or(rest),
        None => text,
    };
    let bare = inner.trim().trim_matches(['"', '\'', '`']);
    let address = match bare.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            bare[7..].split('?').next().unwrap_or_default()
        }
        _ => bare,
    };
    is_email(address).then_some(address)
}

/// Whether a text is an e-mail address as mail programs accept it. The entry schema has the same
/// rule as a pattern.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    local.len() <= MAX_LOCAL_BYTES
        && local.split('.').all(is_atom)
        && is_domain(&domain.to_ascii_lowercase())
}

/// Whether a text is a part of an e-mail address between dots before the `@`.
fn is_atom(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// What is wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UrlFlaw<'u> {
    Empty,
    /// It does not start with `https://` or `http://` and a host.
    NotFull,
    /// It has another scheme.
    Scheme(&'u str),
    Several,
    Credentials,
    IpAddress,
    /// The host has no dot.
    SingleLabel,
    Host(&'u str),
    Port(&'u str),
    Illegal(char),
    TooLong,
}

impl UrlFlaw<'_> {
    /// The end of a sentence about the field, and how to fix it.
    fn describe(self, url: &str) -> (String, &'static str) {
        match self {
            Self::Empty => ("is empty".to_owned(), "Add the URL, or remove the field."),
            Self::NotFull => (
                format!("is not a full URL: {}", quote(url)),
                "A URL starts with `https://` and a domain, such as \
                 `https://example.com/help/two-factor`.",
            ),
            Self::Scheme(scheme) => (
                format!(
                    "starts with {}, not with `https://`",
                    quote(&format!("{scheme}:"))
                ),
                "Link to a page that opens in a browser, such as \
                 `https://example.com/help/two-factor`.",
            ),
            Self::Several => (
                format!("contains several URLs: {}", quote(url)),
                "Keep the one that helps most users.",
            ),
            Self::Credentials => (
                "contains a user name or password".to_owned(),
                "Remove everything up to the `@`.",
            ),
            Self::IpAddress => (
                "uses an IP address".to_owned(),
                "Use the site's domain name.",
            ),
            Self::SingleLabel => (
                "uses a hostname without a dot".to_owned(),
                "Use the full domain name.",
            ),
            Self::Host(host) => (
                format!("has the host {}, which is not a domain", quote(host)),
                "Write the host as a domain in lower case: letters, digits and hyphens between \
                 dots. Write an international name in its `xn--` form.",
            ),
            Self::Port(port) => (
                format!("has the invalid port {}", quote(port)),
                "Remove the port, or use one from 1 to 65535.",
            ),
            Self::Illegal(char) if is_invisible(char) => (
                format!("contains the invisible character {}", code_point(char)),
                "Remove the character.",
            ),
            Self::Illegal('#') => (
                "contains a second `#`".to_owned(),
                "Remove it, or write `%23` for the character itself.",
            ),
            Self::Illegal('%') => (
                "contains a `%` without two hexadecimal digits after it".to_owned(),
                "Write `%25` for the percent sign itself.",
            ),
            Self::Illegal(char) => {
                let shown = match char {
                    ' ' => "a space".to_owned(),
                    other => quote(&other.to_string()),
                };
                let code = percent_encoded(char);
                (
                    format!(
                        "contains {shown}, which must be written as {}",
                        quote(&code)
                    ),
                    "Copy the URL from the address bar of a browser, which encodes such characters.",
                )
            }
            Self::TooLong => (
                format!("is longer than {} characters", thousands(MAX_URL_CHARS)),
                "Link to a page with a shorter URL.",
            ),
        }
    }
}

/// A character by its number: `U+200B`.
pub(crate) fn code_point(char: char) -> String {
    format!("U+{:04X}", u32::from(char))
}

/// A character that a URL must not contain, as it contains it.
fn percent_encoded(char: char) -> String {
    utf8_percent_encode(&char.to_string(), NON_ALPHANUMERIC).to_string()
}

fn is_legal(char: char) -> bool {
    char.is_ascii_graphic() && !ILLEGAL.contains(char)
}

fn url_flaw(url: &str, hosts: Hosts) -> Option<UrlFlaw<'_>> {
    if url.trim().is_empty() {
        return Some(UrlFlaw::Empty);
    }
    let scheme_end = ["https://", "http://"]
        .iter()
        .find(|scheme| url.starts_with(**scheme));
    let Some(rest) = scheme_end.map(|scheme| &url[scheme.len()..]) else {
        return Some(match other_scheme(url) {
            Some(scheme) => UrlFlaw::Scheme(scheme),
            None => UrlFlaw::NotFull,
        });
    };
    if has_second_url(rest) {
        return Some(UrlFlaw::Several);
    }
    let (authority, tail) = split_authority(rest);
    if authority.contains('@') {
        return Some(UrlFlaw::Credentials);
    }
    if authority.starts_with('[') {
        return Some(UrlFlaw::IpAddress);
    }
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    // A host with a dot, such as `hq.ps`, is not a doubled scheme, even if it looks like one.
    if host.is_empty() || (!host.contains('.') && is_scheme(host)) {
        return Some(UrlFlaw::NotFull);
    }
    if ends_in_number(host.trim_end_matches('.')) {
        return Some(UrlFlaw::IpAddress);
    }
    if !hosts.accept(host.trim_end_matches('.')) && host.is_ascii() && !host.contains(' ') {
        return Some(UrlFlaw::SingleLabel);
    }
    if !is_hostname(host) {
        return Some(UrlFlaw::Host(host));
    }
    if let Some(port) = port
        && !is_port(port)
    {
        return Some(UrlFlaw::Port(port));
    }
    if let Some(char) = illegal_char(tail) {
        return Some(UrlFlaw::Illegal(char));
    }
    // No text has more characters than bytes.
    if url.len() > MAX_URL_CHARS {
        return Some(UrlFlaw::TooLong);
    }
    // Then browsers accept it too, which a test shows.
    None
}

/// Whether a text is the number of a port, without a sign.
fn is_port(text: &str) -> bool {
    let number: Result<u16, _> = text.parse();
    text.bytes().all(|byte| byte.is_ascii_digit()) && number.is_ok_and(|number| number > 0)
}

/// The first character after the host of a URL that must be encoded.
fn illegal_char(tail: &str) -> Option<char> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._?=&".contains(&byte);
    if tail.bytes().all(is_plain) {
        return None;
    }
    let mut has_fragment = false;
    for (at, char) in tail.char_indices() {
        let is_illegal = match char {
            '%' => !is_escape(&tail[at..]),
            '#' => std::mem::replace(&mut has_fragment, true),
            other => !is_legal(other),
        };
        if is_illegal {
            return Some(char);
        }
    }
    None
}

/// Whether a text starts with a percent sign and two hexadecimal digits.
fn is_escape(text: &str) -> bool {
    let digits = text.as_bytes().get(1..3);
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// What follows the scheme of a URL: the host with its port, and the rest.
fn split_authority(rest: &str) -> (&str, &str) {
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    rest.split_at(end)
}

/// A scheme other than that of web pages. `example.com:8080` has none.
fn other_scheme(url: &str) -> Option<&str> {
    let (scheme, _) = url.split_once(':')?;
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"+-".contains(&byte);
    (scheme.bytes().all(is_letter) && scheme.len() > 1 && !is_scheme(scheme)).then_some(scheme)
}

/// Whether another URL follows after a space, a comma or the like.
fn has_second_url(rest: &str) -> bool {
    for scheme in ["https://", "http://"] {
        for (at, _) in rest.match_indices(scheme) {
            if rest[..at].ends_with([' ', ',', ';', '|', '\n', '\t', '(']) {
                return true;
            }
        }
    }
    false
}

/// A URL without what was copied along with it: white space, quotes and brackets, or the other parts
/// of a link in Markdown.
fn unwrapped(text: &str) -> &str {
    let trimmed = text.trim();
    let link = trimmed
        .strip_suffix(')')
        .and_then(|link| Some(link.split_once("](")?.1));
    let inner = link.unwrap_or(trimmed);
    let has_parentheses = inner.starts_with('(') && inner.ends_with(')');
    let bare = if has_parentheses {
        &inner[1..inner.len() - 1]
    } else {
        inner
    };
    bare.trim_matches([
        '<', '>', '"', '\'', '`', '“', '”', '„', '‘', '’', '«', '»', ' ',
    ])
}

/// The scheme that was meant, and what follows it. A misspelled scheme is taken for `https`, which
/// nearly all sites support.
fn split_scheme(text: &str) -> Option<(&'static str, &str)> {
    let mut rest = text;
    let mut found = 0;
    let mut is_http = false;
    while let Some((prefix, after)) = split_prefix(rest) {
        found += 1;
        is_http = prefix.eq_ignore_ascii_case("http://");
        rest = after;
    }
    let (authority, _) = split_authority(rest);
    match found {
        0 if authority.contains('@') || !authority.contains('.') => None,
        1 if is_http => Some(("http", rest)),
        _ => Some(("https", rest)),
    }
}

/// A scheme at the start of a text, well-formed or not, and the rest.
fn split_prefix(text: &str) -> Option<(&str, &str)> {
    let word_end = text
        .find(|char: char| !char.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(word_end);
    let mut end = 0;
    for (at, char) in rest.char_indices() {
        let is_dot_before_slash = char == '.' && rest[at + 1..].starts_with(['/', '\\']);
        if !is_separator(char) && !is_dot_before_slash {
            break;
        }
        end = at + char.len_utf8();
    }
    let separator = Normalizer::new_nfkc().normalize(&rest[..end]);
    let is_prefix = match word {
        "" => separator.contains("//") || separator.contains("\\\\"),
        word => is_scheme(word) && separator.contains([':', ';', '/', '\\']),
    };
    is_prefix.then(|| text.split_at(word_end + end))
}

/// Whether a character, or the full-width form of it, is between a scheme and a host.
fn is_separator(char: char) -> bool {
    let mut buffer = [0; 4];
    let text: &str = char.encode_utf8(&mut buffer);
    [":", ";", "/", "\\", " "].contains(&&*Normalizer::new_nfkc().normalize(text))
}

/// Whether a word is `http` or `https`, perhaps misspelled or doubled.
fn is_scheme(word: &str) -> bool {
    if word.is_empty() || word.len() > 10 {
        return false;
    }
    let lower = word.to_ascii_lowercase();
    let from_https = strsim::damerau_levenshtein(&lower, "https");
    let from_http = strsim::damerau_levenshtein(&lower, "http");
    from_https <= 1
        || from_http <= 1
        || from_https == 2 && lower.starts_with('h')
        || lower.replace("https", "").replace("http", "").is_empty()
}

/// A URL with its host in the form of a domain, and with all other characters encoded that must be.
fn encoded(scheme: &str, rest: &str) -> Option<String> {
    let (authority, tail) = split_authority(rest);
    let url = Url::parse(&format!("{scheme}://{authority}")).ok()?;
    if !url.username().is_empty() || url.password().is_some() {
        return None;
    }
    let host = url.host_str()?.trim_end_matches('.');
    let port = match url.port() {
        Some(port) => format!(":{port}"),
        None => String::new(),
    };
    let mut text = format!("{scheme}://{host}{port}");
    let (mut has_query, mut has_fragment) = (false, false);
    for (at, char) in tail.char_indices() {
        has_query |= char == '?';
        match char {
            '%' if !is_escape(&tail[at..]) => text.push_str("%25"),
            '#' if std::mem::replace(&mut has_fragment, true) => text.push_str("%23"),
            '\\' if !has_query && !has_fragment => text.push('/'),
            char if char.is_whitespace() => text.push_str("%20"),
            legal if is_legal(legal) => text.push(legal),
            illegal => text.push_str(&percent_encoded(illegal)),
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_that_strict_programs_refuse_are_found() {
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
            "https://bank.example:99999/",
            "https://bank.example:0/",
            "https://*.bank.example/",
            "https://-bank.example/",
            "https://bank..example/",
            "https://xn--a.example/",
            "https://xn--zzzzzzz9999999.example/",
            "https://bank_.example/",
            "https://bank.example:+443/",
            "https://a.example, https://b.example",
            "javascript:alert(1)",
            "ftp://bank.example/",
            "data:text/html,x",
            "help",
        ] {
            let problem = url_problem(url, Hosts::Public).unwrap_or_else(|| panic!("{url}"));
            assert_eq!(problem.meant, None, "{url}");
        }
        for url in ["https://localhost/", "https://wiki:8080/a?b"] {
            assert_eq!(url_problem(url, Hosts::Internal), None, "{url}");
        }
        let encoded = url_meant("https://Wiki/a b", Hosts::Internal);
        assert_eq!(encoded.as_deref(), Some("https://wiki/a%20b"));
        for url in ["https://10/", "https://wiki_/", "https:///", "wiki"] {
            assert!(url_problem(url, Hosts::Internal).is_some(), "{url}");
        }
        for url in [
            "https://bank.example/@user",
            "http://bank.example?mail=a@b.example",
            "https://bank.example:8443/1.2.3.4",
            "https://1password.example/",
            "https://hq.ps/",
            "https://ht.tips/",
            "http://http.is/",
            "https://0xabc.example/",
            "https://xn--mller-kva.example/f%C3%BCr#a(b);c!$&'*+,=~",
            "https://bank.example/?next=https://other.example/",
        ] {
            assert_eq!(url_problem(url, Hosts::Public), None, "{url}");
        }
    }

    #[test]
    fn a_misspelled_scheme_becomes_https() {
        let meant = Some("https://bank.example/a".to_owned());
        for url in [
            "https//bank.example/a",
            "https;//bank.example/a",
            "https:://bank.example/a",
            "http//bank.example/a",
            "http:/bank.example/a",
            "htps://bank.example/a",
            "htttps://bank.example/a",
            "hhtps://bank.example/a",
            "ttps://bank.example/a",
            "htpp://bank.example/a",
            "https:\\\\bank.example\\a",
            "https:/bank.example/a",
            "https:bank.example/a",
            "https:///bank.example/a",
            "https:// bank.example/a",
            "https : //bank.example/a",
            "https.//bank.example/a",
            "https/bank.example/a",
            "https：／／bank.example/a",
            "HTTPS://BANK.example/a",
            "<https://bank.example/a>",
            "\"https://bank.example/a\"",
            "(https://bank.example/a)",
            "[Bank](https://bank.example/a)",
            " https://bank.example/a ",
            "\u{feff}https://bank.example/a",
            "https://https://bank.example/a",
            "https://https//bank.example/a",
            "http://https://bank.example/a",
            "https:https://bank.example/a",
            "httpshttps://bank.example/a",
            "//bank.example/a",
            "://bank.example/a",
            "bank.example/a",
            "https://bank.example./a",
            "https://bank.example:/a",
            "https://b%61nk.example/a",
        ] {
            assert_eq!(url_meant(url, Hosts::Public), meant, "{url}");
            assert!(url_problem(url, Hosts::Public).is_some(), "{url}");
        }
        let http = Some("http://bank.example/a".to_owned());
        assert_eq!(url_meant("HTTP://bank.example/a", Hosts::Public), http);
    }

    #[test]
    fn characters_that_must_be_encoded_are_named() {
        for (tail, what, meant) in [
            (
                "für",
                "contains `ü`, which must be written as `%C3%BC`",
                "f%C3%BCr",
            ),
            (
                "fu\u{308}r",
                "contains `\u{308}`, which must be written as `%CC%88`",
                "f%C3%BCr",
            ),
            (
                "a b",
                "contains a space, which must be written as `%20`",
                "a%20b",
            ),
            (
                "a[1]",
                "contains `[`, which must be written as `%5B`",
                "a%5B1%5D",
            ),
            (
                "100%",
                "contains a `%` without two hexadecimal digits after it",
                "100%25",
            ),
            ("a#b#c", "contains a second `#`", "a#b%23c"),
            (
                "a\u{200b}b",
                "contains the invisible character U+200B",
                "ab",
            ),
            (
                "%7Efw5ET8A.png|",
                "contains `|`, which must be written as `%7C`",
                "%7Efw5ET8A.png%7C",
            ),
        ] {
            let problem =
                url_problem(&format!("https://bank.example/{tail}"), Hosts::Public).unwrap();
            let meant = format!("https://bank.example/{meant}");
            assert_eq!(
                problem.what,
                format!("{what}; did you mean {}?", quote(&meant))
            );
            assert_eq!(problem.meant, Some(meant));
        }
        let problem = url_problem("https://müller.example/A", Hosts::Public).unwrap();
        assert_eq!(
            problem.meant.as_deref(),
            Some("https://xn--mller-kva.example/A")
        );
    }

    #[test]
    fn an_address_is_found_among_what_mail_programs_add() {
        for text in [
            "a.b+c@bank.example",
            "mailto:a.b+c@bank.example?subject=2FA",
            "Support <a.b+c@bank.example>",
            " \"a.b+c@bank.example\" ",
        ] {
            assert_eq!(email_in(text), Some("a.b+c@bank.example"), "{text}");
        }
        for text in [
            "a@bank",
            "a@[192.0.2.1]",
            "a@192.0.2.1",
            "\"a b\"@bank.example",
            "a..b@bank.example",
            "a@b@bank.example",
            "@bank.example",
            "a@-bank.example",
            "https://a@bank.example/",
            "Support a@bank.example",
        ] {
            assert_eq!(email_in(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_was_meant_has_no_problem_and_stays(
            url in r"([<( ]?https?[:;/ ]{0,3}[/\\]{0,2})?(https?://)?[a-zü*.@:_-]{0,9}(\.example)?[:+0-9]{0,6}[/?# %A-F0-9ü\[|\u{200b}]{0,9}[>) ]?",
        ) {
            if let Some(meant) = url_meant(&url, Hosts::Public) {
                prop_assert_eq!(url_problem(&meant, Hosts::Public), None);
                prop_assert_eq!(url_meant(&meant, Hosts::Public), Some(meant.clone()));
                prop_assert!(!["http", "https"].contains(&host(&meant)));
            }
            if url_problem(&url, Hosts::Public).is_none() {
                let parsed = Url::parse(&url).unwrap();
                prop_assert_eq!(parsed.host_str(), Some(host(&url)));
            }
        }
    }
}
