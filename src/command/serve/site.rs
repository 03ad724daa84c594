//! The served content: the files of a build, and the reason if the last build failed.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::request::{Refusal, Request};
use crate::artifact::{Artifact, MediaType};
use crate::hosting::HeaderRule;

/// The folder of the preview server's own files. No build has files in it.
const OWN_FOLDER: &str = ".tfadir/";
const SCRIPT: &str = include_str!("../../../templates/serve/reload.js");
const STYLE: &str = include_str!("../../../templates/serve/findings.css");
/// Which pages may read a response.
const CORS: &str = "Access-Control-Allow-Origin";
/// The built-in icon. The root's own icon is part of the failed build.
const ICON: &str = include_str!("../../../templates/icon.svg");

const NO_FILE: Refusal = Refusal {
    status: 404,
    message: "File not found.",
};

/// One state of the preview. It never changes; the next build replaces it.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// The number of the build; later builds have other numbers.
    pub(crate) build: u64,
    /// Where the files are below the host, as in production: nothing, or a path like `2fa/api/`.
    pub(crate) folder: String,
    files: Arc<BTreeMap<String, SiteFile>>,
    /// The headers of every response.
    common: Headers,
    failure: Option<SiteFile>,
}

pub(super) type Headers = Vec<(&'static str, String)>;

#[derive(Debug, Clone)]
struct SiteFile {
    bytes: Vec<u8>,
    headers: Headers,
    is_page: bool,
}

/// A response before it is written.
#[derive(Debug)]
pub(crate) struct Answer<'s> {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    /// The content; not sent in answer to HEAD.
    pub(crate) body: Cow<'s, [u8]>,
}

impl Site {
    /// The site of a successful build.
    ///
    /// Files get the headers of the rule table, but are not cached. Pages get the script that
    /// reloads them. Hidden files are not served, except `.well-known`.
    ///
    /// As in production, pages on other origins may read data and 404 responses. They may not read the
    /// preview's pages and findings.
    pub(crate) fn new(
        build: u64,
        folder: String,
        artifacts: Vec<Artifact>,
        rules: &[HeaderRule],
    ) -> Self {
        let mut common = headers(rules, "");
        common.retain(|(name, _)| *name != CORS);
        let mut files = BTreeMap::new();
        for artifact in artifacts {
            if is_hidden(&artifact.path) {
                continue;
            }
            let headers = match artifact.media_type {
                MediaType::Html => common.clone(),
                _ => headers(rules, &artifact.path),
            };
            let path = artifact.path.clone();
            files.insert(path, SiteFile::new(artifact, headers, build));
        }
        Self {
            build,
            folder,
            files: Arc::new(files),
            common,
            failure: None,
        }
    }

    /// The site after a failed build: every page is replaced by `page`. Data stays as in the last
    /// successful build.
    #[must_use]
    pub(crate) fn failed(&self, build: u64, page: String) -> Self {
        let page = Artifact::new("", MediaType::Html, "", page.into_bytes());
        let failure = Some(SiteFile::new(page, self.common.clone(), build));
        Self {
            build,
            failure,
            ..self.clone()
        }
    }

    /// Answers a request. Paths are looked up in memory, never in the file system.
    pub(crate) fn answer(&self, request: &Request) -> Answer<'_> {
        if let Some(name) = request.path.strip_prefix(OWN_FOLDER) {
            return self.own(name);
        }
        let Some(path) = request.path.strip_prefix(&self.folder) else {
            return self.outside(&request.path);
        };
        let path = match path {
            path if path.is_empty() || path.ends_with('/') => format!("{path}index.html"),
            path => path.to_owned(),
        };
        match (self.files.get(&path), &self.failure) {
            (Some(file), None) => file.with_status(200),
            (Some(file), Some(_)) if !file.is_page => file.with_status(200),
            (_, Some(failure)) => failure.with_status(500),
            (None, None) if self.files.contains_key(&format!("{path}/index.html")) => {
                self.redirect(&path)
            }
            (None, None) => self.missing(),
        }
    }

    /// The response for a file that the build does not have.
    fn missing(&self) -> Answer<'_> {
        let mut answer = match self.files.get("404.html") {
            Some(file) => file.with_status(404),
            None => self.refuse(NO_FILE),
        };
        answer.headers.push((CORS, "*".to_owned()));
        answer
    }

    /// The answer for a path that is not below the folder.
    fn outside(&self, path: &str) -> Answer<'_> {
        match self.folder.strip_suffix('/') {
            Some(folder) if path.is_empty() || path == folder => self.redirect(""),
            _ => self.refuse(NO_FILE),
        }
    }

    pub(crate) fn refuse(&self, refusal: Refusal) -> Answer<'static> {
        let body = format!("{}\n", refusal.message).into_bytes();
        let mut answer = self.uncached(refusal.status, MediaType::Text.name(), body.into());
        if refusal.status == 405 {
            answer.headers.push(("Allow", "GET, HEAD".to_owned()));
        }
        answer
    }

    /// The start of the event stream (HTML, section 9.2).
    pub(crate) fn events(&self) -> Answer<'static> {
        self.uncached(200, "text/event-stream", Cow::default())
    }

    /// From a folder to the same URL with a slash, without which relative links break.
    fn redirect(&self, folder: &str) -> Answer<'static> {
        let message = "The URL of a folder ends with a slash.";
        let mut answer = self.refuse(Refusal {
            status: 301,
            message,
        });
        let path = format!("{}{folder}", self.folder);
        let path = percent_encoding::utf8_percent_encode(path.trim_end_matches('/'), LOCATION);
        answer.headers.push(("Location", format!("/{path}/")));
        answer
    }

    fn own(&self, name: &str) -> Answer<'static> {
        let (media_type, text) = match name {
            "reload.js" => (MediaType::JavaScript, SCRIPT),
            "findings.css" => (MediaType::Css, STYLE),
            "icon.svg" => (MediaType::Svg, ICON),
            _ => return self.refuse(NO_FILE),
        };
        self.uncached(200, media_type.name(), text.as_bytes().into())
    }

    fn uncached(&self, status: u16, media_type: &str, body: Cow<'static, [u8]>) -> Answer<'static> {
        let mut headers = self.common.clone();
        headers.push(("Content-Type", media_type.to_owned()));
        headers.push(("Cache-Control", "no-store".to_owned()));
        Answer {
            status,
            headers,
            body,
        }
    }
}

/// Everything but slashes and the characters that a path may contain unencoded.
const LOCATION: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');

impl SiteFile {
    fn new(artifact: Artifact, mut headers: Headers, build: u64) -> Self {
        let is_page = artifact.media_type == MediaType::Html;
        let media_type = artifact.media_type.name();
        let mut bytes = artifact.bytes;
        if is_page {
            let script = format!(
                "<script src=\"/{OWN_FOLDER}reload.js\" data-build=\"{build}\"></script>\n"
            );
            let end = b"</body>";
            let at = bytes
                .windows(end.len())
                .rposition(|bytes| bytes == end)
                .unwrap_or(bytes.len());
            bytes.splice(at..at, script.into_bytes());
        }
        headers.retain(|(name, _)| !matches!(*name, "Content-Type" | "Cache-Control"));
        headers.push(("Content-Type", media_type.to_owned()));
        headers.push(("Cache-Control", "no-cache".to_owned()));
        Self {
            bytes,
            headers,
            is_page,
        }
    }

    fn with_status(&self, status: u16) -> Answer<'_> {
        Answer {
            status,
            headers: self.headers.clone(),
            body: Cow::Borrowed(&self.bytes),
        }
    }
}

fn headers(rules: &[HeaderRule], path: &str) -> Headers {
    let mut headers = Headers::new();
    for rule in rules {
        if rule.matches(path) {
            headers.extend_from_slice(&rule.headers);
        }
    }
    headers
}

fn is_hidden(path: &str) -> bool {
    let rest = path.strip_prefix(".well-known/").unwrap_or(path);
    rest.split('/').any(|part| part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Settings;
    use crate::hosting;

    fn site() -> Site {
        let file = |path: &str, media_type, text: &str| {
            Artifact::new(path, media_type, "", text.as_bytes().to_vec())
        };
        let artifacts = vec![
            file("index.html", MediaType::Html, "<body>start</body>"),
            file("v4/index.html", MediaType::Html, "<body>four</body>"),
            file("v4/all.json", MediaType::Json, "{}"),
            file(".nojekyll", MediaType::Text, ""),
            file(".well-known/openpgpkey/policy", MediaType::Binary, ""),
        ];
        Site::new(
            1,
            String::new(),
            artifacts,
            &hosting::rules(&Settings::default()),
        )
    }

    fn get(path: &str) -> Request {
        Request {
            path: path.to_owned(),
            is_head: false,
        }
    }

    fn status(path: &str) -> u16 {
        site().answer(&get(path)).status
    }

    #[test]
    fn an_api_under_a_path_is_served_there() {
        let site = Site {
            folder: "2fa/api/".to_owned(),
            ..site()
        };
        let location = |path: &str| {
            let answer = site.answer(&get(path));
            let location = answer.headers.iter().find(|(name, _)| *name == "Location");
            (answer.status, location.map(|(_, value)| value.clone()))
        };
        assert_eq!(location("2fa/api/"), (200, None));
        assert_eq!(location("2fa/api/v4/all.json"), (200, None));
        assert_eq!(location("v4/all.json"), (404, None));
        assert_eq!(location("2fa/api/missing"), (404, None));
        for path in ["", "2fa/api"] {
            assert_eq!(
                location(path),
                (301, Some("/2fa/api/".to_owned())),
                "{path}"
            );
        }
        assert_eq!(
            location("2fa/api/v4"),
            (301, Some("/2fa/api/v4/".to_owned()))
        );
    }

    #[test]
    fn only_files_of_the_build_are_found() {
        for path in [
            "",
            "index.html",
            "v4/",
            "v4/all.json",
            ".well-known/openpgpkey/policy",
        ] {
            assert_eq!(status(path), 200, "{path}");
        }
        for path in [
            "/",
            "/index.html",
            "../etc/passwd",
            "v4/../index.html",
            "./index.html",
            "v4//all.json",
            "index.html\0",
            ".nojekyll",
            "V4/all.json",
            ".tfadir/",
            ".tfadir/../index.html",
        ] {
            assert_eq!(status(path), 404, "{path}");
        }
    }

    #[test]
    fn a_folder_without_a_slash_redirects_to_the_one_with_it() {
        let site = site();
        let answer = site.answer(&get("v4"));
        assert_eq!(answer.status, 301);
        assert!(answer.headers.contains(&("Location", "/v4/".to_owned())));
    }

    #[test]
    fn only_pages_get_the_script() {
        let site = site();
        let page = site.answer(&get(""));
        let page = str::from_utf8(&page.body).unwrap();
        assert!(
            page.ends_with("</script>\n</body>") && page.contains("data-build=\"1\""),
            "{page}"
        );
        assert_eq!(&*site.answer(&get("v4/all.json")).body, b"{}");
    }

    #[test]
    fn after_a_failed_build_pages_show_the_reason_and_data_stays() {
        let site = site().failed(2, "<body>why</body>".to_owned());
        for path in ["", "v4/", "v4", "missing"] {
            let answer = site.answer(&get(path));
            assert_eq!(answer.status, 500, "{path}");
            assert!(answer.body.starts_with(b"<body>why<script"), "{path}");
        }
        assert_eq!(&*site.answer(&get("v4/all.json")).body, b"{}");
    }
}
