//! The header rules: which files are sent with which headers.

use crate::artifact::MediaType;
use crate::directory::Settings;

/// The headers of some files. A file gets the headers of all rules that match it. No two of them
/// name the same header, because hosts would join the values with a comma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HeaderRule {
    /// Which files: a URL path with at most one `*`, as hosts read it.
    pub(crate) pattern: String,
    /// Name and value of each header.
    pub(crate) headers: Vec<(&'static str, String)>,
}

impl HeaderRule {
    /// Whether the rule applies to a path in `dist/`.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let path = format!("/{path}");
        match self.pattern.split_once('*') {
            Some((start, end)) => path.starts_with(start) && path.ends_with(end),
            None => path == self.pattern,
        }
    }
}

/// Pages load from their own host only. Nothing inline, no frames.
const PAGE_POLICY: &str = "default-src 'self'; object-src 'none'; base-uri 'none'; \
                           form-action 'self'; frame-ancestors 'none'";

/// How long data may be cached. A file and its signature have the same lifetime, but caches may
/// still combine old and new. Clients that need a matching pair use the signed message, which is
/// one file.
const DATA_LIFETIME: &str = "public, max-age=3600";

/// One year, the usual commitment to HTTPS (RFC 6797). Subdomains are not included, because a build
/// cannot know whether they support HTTPS.
const HTTPS_ONLY: &str = "max-age=31536000";

/// The rules for a directory.
///
/// Pages on every origin may read everything (`Access-Control-Allow-Origin: *`), including 404
/// responses: everything is public, and no response depends on the client. Media types are set for
/// extensions that hosts do not know, and for JSON, which most clients rely on.
pub(crate) fn rules(settings: &Settings) -> Vec<HeaderRule> {
    let mut common = vec![
        ("Access-Control-Allow-Origin", "*".to_owned()),
        ("Content-Security-Policy", PAGE_POLICY.to_owned()),
        ("Referrer-Policy", "no-referrer".to_owned()),
        ("X-Content-Type-Options", "nosniff".to_owned()),
    ];
    if settings.api.starts_with("https://") {
        common.push(("Strict-Transport-Security", HTTPS_ONLY.to_owned()));
    }
    let data = |pattern: &str, media_type: MediaType| HeaderRule {
        pattern: pattern.to_owned(),
        headers: vec![
            ("Content-Type", media_type.name().to_owned()),
            ("Cache-Control", DATA_LIFETIME.to_owned()),
        ],
    };
    let extensions = &settings.signatures;
    let mut rules = vec![
        HeaderRule {
            pattern: "/*".to_owned(),
            headers: common,
        },
        data("/*.json", MediaType::Json),
        data(
            &format!("/*.json.{}", extensions.detached),
            MediaType::PgpSignature,
        ),
        data(
            &format!("/*.json.{}", extensions.inline),
            MediaType::PgpMessage,
        ),
        data("/key.asc", MediaType::PgpKeys),
        data("/*.zone", MediaType::Zone),
        data("/.well-known/openpgpkey/*", MediaType::Binary),
    ];
    if settings.feed.enabled {
        rules.push(data("/*.atom", MediaType::Atom));
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(settings: &Settings, path: &str) -> Vec<(&'static str, String)> {
        let rules = rules(settings)
            .into_iter()
            .filter(|rule| rule.matches(path));
        rules.flat_map(|rule| rule.headers).collect()
    }

    #[test]
    fn no_file_gets_a_header_twice() {
        let mut settings = Settings::default();
        settings.feed.enabled = true;
        for path in [
            "index.html",
            "changes.atom",
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
                assert!(
                    headers[..index].iter().all(|earlier| earlier.0 != *name),
                    "{path}: {name}"
                );
            }
        }
    }

    #[test]
    fn signature_extensions_come_from_the_settings() {
        let mut settings = Settings::default();
        settings.signatures.detached = "dsig".to_owned();
        settings.signatures.inline = "sig".to_owned();
        let media_type = |path: &str| {
            let headers = headers(&settings, path);
            headers
                .into_iter()
                .find(|(name, _)| *name == "Content-Type")
                .map(|(_, value)| value)
        };
        assert_eq!(
            media_type("v4/all.json.dsig").unwrap(),
            "application/pgp-signature"
        );
        assert_eq!(
            media_type("v4/all.json.sig").unwrap(),
            "application/octet-stream"
        );
        assert_eq!(media_type("key.asc").unwrap(), "application/pgp-keys");
        assert_eq!(media_type("v4/all.json").unwrap(), "application/json");
        assert_eq!(media_type("index.html"), None);
        assert_eq!(media_type("changes.atom"), None);
        settings.feed.enabled = true;
        let headers = headers(&settings, "changes.atom");
        assert!(headers.contains(&("Content-Type", "application/atom+xml".to_owned())));
    }

    #[test]
    fn only_hosts_with_https_send_strict_transport_security() {
        let is_bound = |settings: &Settings| {
            headers(settings, "index.html")
                .iter()
                .any(|(name, _)| name.starts_with("Strict"))
        };
        let mut settings = Settings::default();
        assert!(is_bound(&settings));
        settings.api = "http://api.example/".to_owned().into();
        assert!(!is_bound(&settings));
    }
}
