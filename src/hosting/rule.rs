//! The rule table: which headers go with which files.

use std::fmt;

use crate::artifact::MediaType;
use crate::directory::Settings;

/// The headers that go with some of the files. A file to which several rules apply gets the headers
/// of all; no two of them name the same one, since hosts would join the values with a comma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rule {
    /// Which files.
    pub(crate) pattern: Pattern,
    /// The headers, as name and value.
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// Which files a rule is about. Shown as hosts read it: an address path with at most one `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// All, also those that are not there.
    All,
    /// One file, by its path.
    File(&'static str),
    /// Those whose names end so, without the dot in front.
    Ending(String),
    /// All below a folder, whose path ends in `/`.
    Below(&'static str),
}

impl Pattern {
    /// Whether the file at a path inside `dist/` is one of these.
    pub(crate) fn matches(&self, path: &str) -> bool {
        match self {
            Self::All => true,
            Self::File(file) => path == *file,
            Self::Ending(ending) => {
                path.strip_suffix(ending.as_str()).is_some_and(|it| it.ends_with('.'))
            }
            Self::Below(folder) => path.starts_with(folder),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("/*"),
            Self::File(file) => write!(f, "/{file}"),
            Self::Ending(ending) => write!(f, "/*.{ending}"),
            Self::Below(folder) => write!(f, "/{folder}*"),
        }
    }
}

/// What a page may do: load from its own host, and nothing else. Nothing inline, no frames.
const PAGE_POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; \
                           form-action 'self'; frame-ancestors 'none'";

/// For how long data may be kept. A file and its signature have the same, so that they get old
/// together; who needs a pair that fits takes the signed message, which is one file.
const DATA_LIFETIME: &str = "public, max-age=3600";

/// One year, the usual commitment to HTTPS (RFC 6797). It binds this host alone: whether its
/// subdomains are ready for that is nothing that a build knows.
const HTTPS_ONLY: &str = "max-age=31536000";

/// The table for a directory.
///
/// Everything may be read by pages of every origin (`Access-Control-Allow-Origin: *`), also an
/// answer that there is no such file: all of it is public, and no answer depends on who asks. Types
/// are named where hosts do not know an ending, and for JSON, on which most rely.
pub(crate) fn rules(settings: &Settings) -> Vec<Rule> {
    let mut common = vec![
        ("Access-Control-Allow-Origin", "*".to_owned()),
        ("Content-Security-Policy", PAGE_POLICY.to_owned()),
        ("Referrer-Policy", "no-referrer".to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
    ];
    if settings.api.starts_with("https://") {
        common.push(("Strict-Transport-Security", HTTPS_ONLY.to_owned()));
    }
    let data = |pattern, media_type: MediaType| Rule {
        pattern,
        headers: vec![
            ("Content-Type", media_type.name().to_owned()),
            ("Cache-Control", DATA_LIFETIME.to_owned()),
        ],
    };
    let signature = |ending: &str| Pattern::Ending(format!("json.{ending}"));
    let endings = &settings.signatures;
    vec![
        Rule { pattern: Pattern::All, headers: common },
        data(Pattern::Ending("json".to_owned()), MediaType::Json),
        data(signature(&endings.detached), MediaType::PgpSignature),
        data(signature(&endings.inline), MediaType::PgpMessage),
        data(Pattern::File("key.asc"), MediaType::PgpKeys),
        data(Pattern::Ending("zone".to_owned()), MediaType::Zone),
        data(Pattern::Below(".well-known/openpgpkey/"), MediaType::Binary),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(settings: &Settings, path: &str) -> Vec<(&'static str, String)> {
        let rules = rules(settings).into_iter().filter(|rule| rule.pattern.matches(path));
        rules.flat_map(|rule| rule.headers).collect()
    }

    #[test]
    fn no_file_gets_a_header_twice() {
        let settings = Settings::default();
        for path in [
            "index.html",
            "v3/index.html",
            "style.css",
            "v4/all.json",
            "v4/all.json.sig",
            "v4/all.json.gpg",
            "schemas/v4.schema.json",
            "key.asc",
            "dns/CERT.zone",
            ".well-known/openpgpkey/policy",
            ".well-known/openpgpkey/hu/t5s8ztdbon8yzntexy6oz5y48etqsnbb",
        ] {
            let headers = headers(&settings, path);
            for (index, (name, _)) in headers.iter().enumerate() {
                assert!(headers[..index].iter().all(|it| it.0 != *name), "{path}: {name}");
            }
        }
    }

    #[test]
    fn endings_are_those_of_the_settings() {
        let mut settings = Settings::default();
        settings.signatures.detached = "dsig".to_owned();
        settings.signatures.inline = "sig".to_owned();
        let media_type = |path: &str| {
            let headers = headers(&settings, path);
            headers.into_iter().find(|(name, _)| *name == "Content-Type").map(|(_, value)| value)
        };
        assert_eq!(media_type("v4/all.json.dsig").unwrap(), "application/pgp-signature");
        assert_eq!(media_type("v4/all.json.sig").unwrap(), "application/octet-stream");
        assert_eq!(media_type("key.asc").unwrap(), "application/pgp-keys");
        assert_eq!(media_type("v4/all.json").unwrap(), "application/json");
        assert_eq!(media_type("index.html"), None);
    }

    #[test]
    fn only_a_host_with_https_is_bound_to_it() {
        let is_bound = |settings: &Settings| {
            headers(settings, "index.html").iter().any(|(name, _)| name.starts_with("Strict"))
        };
        let mut settings = Settings::default();
        assert!(is_bound(&settings));
        settings.api = "http://api.example/".to_owned();
        assert!(!is_bound(&settings));
    }
}
