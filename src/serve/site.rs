//! What is served: the artifacts of a build by path, and why the last build failed if it did.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::request::{Refusal, Request};
use crate::artifact::{Artifact, MediaType};
use crate::hosting::Rule;

/// The folder of what only this server serves. No build has files in it.
const OWN_FOLDER: &str = ".tfadir/";
const SCRIPT: &str = include_str!("../../templates/serve/reload.js");
const STYLE: &str = include_str!("../../templates/serve/findings.css");
/// That of the program: a root's own is part of the build that failed.
const ICON: &str = include_str!("../../templates/icon.svg");

/// One state of what is served. It does not change; a newer one takes its location.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Which build it is; a later one has another number.
    pub(crate) build: u64,
    files: Arc<BTreeMap<String, File>>,
    common: Headers,
    failure: Option<File>,
}

type Headers = Vec<(&'static str, String)>;

/// One file with all that is said of it.
#[derive(Debug, Clone)]
struct File {
    bytes: Vec<u8>,
    headers: Headers,
    tag: String,
    is_page: bool,
}

/// An answer before it is written.
#[derive(Debug)]
pub(crate) struct Answer<'s> {
    /// The status code (RFC 9110, section 15).
    pub(crate) status: u16,
    /// The headers that say something of the content.
    pub(crate) headers: Headers,
    /// The content; for HEAD it is not sent.
    pub(crate) body: Cow<'s, [u8]>,
}

impl Site {
    /// The site of a build that made these artifacts.
    ///
    /// Files get the headers of the rule table, but nothing may be cached. Pages get the script that
    /// reloads them. Hidden files are not served, with the exception of `.well-known`.
    pub(crate) fn new(build: u64, artifacts: Vec<Artifact>, rules: &[Rule]) -> Self {
        let files = artifacts.into_iter().filter(|it| !is_hidden(&it.path)).map(|artifact| {
            let headers = headers(rules, &artifact.path);
            (artifact.path.clone(), File::new(artifact, headers, build))
        });
        Self { build, files: Arc::new(files.collect()), common: headers(rules, ""), failure: None }
    }

    /// The site after a build that failed: every page is one that says why. Data stays as the last
    /// good build made it.
    #[must_use]
    pub(crate) fn failed(&self, build: u64, page: String) -> Self {
        let page = Artifact::new("", MediaType::Html, "", page.into_bytes());
        let failure = Some(File::new(page, self.common.clone(), build));
        Self { build, failure, files: Arc::clone(&self.files), common: self.common.clone() }
    }

    /// Answers a request. A path names a file of the map or nothing; no file system is asked.
    pub(crate) fn answer(&self, request: &Request) -> Answer<'_> {
        if let Some(name) = request.path.strip_prefix(OWN_FOLDER) {
            return self.own(name);
        }
        let path = match request.path.as_str() {
            path if path.is_empty() || path.ends_with('/') => format!("{path}index.html"),
            path => path.to_owned(),
        };
        match (self.files.get(&path), &self.failure) {
            (Some(file), None) => file.answer(request),
            (Some(file), Some(_)) if !file.is_page => file.answer(request),
            (_, Some(failure)) => failure.with_status(500),
            (None, None) if self.files.contains_key(&format!("{path}/index.html")) => {
                self.elsewhere(&path)
            }
            (None, None) => match self.files.get("404.html") {
                Some(file) => file.with_status(404),
                None => self.refuse(Refusal { status: 404, message: "There is no such file." }),
            },
        }
    }

    /// The answer to what is no request for a file.
    pub(crate) fn refuse(&self, refusal: Refusal) -> Answer<'static> {
        let mut headers = self.common.clone();
        headers.push(("Content-Type", MediaType::Text.name().to_owned()));
        if refusal.status == 405 {
            headers.push(("Allow", "GET, HEAD".to_owned()));
        }
        let body = format!("{}\n", refusal.message).into_bytes();
        Answer { status: refusal.status, headers, body: Cow::Owned(body) }
    }

    /// The headers of the stream of events (HTML, section 9.2).
    pub(crate) fn event_headers(&self) -> Headers {
        let mut headers = self.common.clone();
        headers.push(("Content-Type", "text/event-stream".to_owned()));
        headers.push(("Cache-Control", "no-store".to_owned()));
        headers
    }

    /// A folder without its slash: relative links in its page would lead astray.
    fn elsewhere(&self, folder: &str) -> Answer<'static> {
        let message = "The folder has a slash at its end.";
        let mut answer = self.refuse(Refusal { status: 301, message });
        let folder = percent_encoding::utf8_percent_encode(folder, LOCATION);
        answer.headers.push(("Location", format!("/{folder}/")));
        answer
    }

    fn own(&self, name: &str) -> Answer<'static> {
        let (media_type, text) = match name {
            "reload.js" => (MediaType::JavaScript, SCRIPT),
            "findings.css" => (MediaType::Css, STYLE),
            "icon.svg" => (MediaType::Svg, ICON),
            _ => return self.refuse(Refusal { status: 404, message: "There is no such file." }),
        };
        let mut headers = self.common.clone();
        headers.push(("Content-Type", media_type.name().to_owned()));
        headers.push(("Cache-Control", "no-store".to_owned()));
        Answer { status: 200, headers, body: Cow::Borrowed(text.as_bytes()) }
    }
}

/// All but what a path segment may hold as it is, and the slash.
const LOCATION: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.');

impl File {
    fn new(artifact: Artifact, mut headers: Headers, build: u64) -> Self {
        let is_page = artifact.media_type == MediaType::Html;
        let media_type = artifact.media_type.name();
        let mut tag = format!("\"{}\"", artifact.sha256());
        let mut bytes = artifact.bytes;
        if is_page {
            // The script names the build, so a page differs from the same page of another build.
            tag = format!("\"{build}-{}", tag.trim_start_matches('"'));
            let script = format!(
                "<script src=\"/{OWN_FOLDER}reload.js\" data-build=\"{build}\"></script>\n"
            );
            let end = b"</body>";
            let at = bytes.windows(end.len()).rposition(|it| it == end).unwrap_or(bytes.len());
            bytes.splice(at..at, script.into_bytes());
        }
        headers.retain(|(name, _)| !matches!(*name, "Content-Type" | "Cache-Control"));
        headers.push(("Content-Type", media_type.to_owned()));
        headers.push(("Cache-Control", "no-cache".to_owned()));
        headers.push(("ETag", tag.clone()));
        Self { bytes, headers, tag, is_page }
    }

    fn answer(&self, request: &Request) -> Answer<'_> {
        let is_known = request.if_none_match.as_deref().is_some_and(|tags| {
            let mut tags = tags.split(',').map(|tag| tag.trim().trim_start_matches("W/"));
            tags.any(|tag| tag == "*" || tag == self.tag)
        });
        match is_known {
            true => Answer { status: 304, headers: self.headers.clone(), body: Cow::default() },
            false => self.with_status(200),
        }
    }

    fn with_status(&self, status: u16) -> Answer<'_> {
        Answer { status, headers: self.headers.clone(), body: Cow::Borrowed(&self.bytes) }
    }
}

fn headers(rules: &[Rule], path: &str) -> Headers {
    let rules = rules.iter().filter(|rule| rule.pattern.matches(path));
    rules.flat_map(|rule| rule.headers.iter().cloned()).collect()
}

fn is_hidden(path: &str) -> bool {
    let path = path.strip_prefix(".well-known/").unwrap_or(path);
    path.split('/').any(|part| part.starts_with('.'))
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
        Site::new(1, artifacts, &hosting::rules(&Settings::default()))
    }

    fn get(path: &str) -> Request {
        Request { path: path.to_owned(), is_head: false, if_none_match: None }
    }

    fn status(path: &str) -> u16 {
        site().answer(&get(path)).status
    }

    #[test]
    fn only_files_of_the_build_are_found() {
        for path in ["", "index.html", "v4/", "v4/all.json", ".well-known/openpgpkey/policy"] {
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
    fn a_folder_without_its_slash_leads_to_the_one_with_it() {
        let site = site();
        let answer = site.answer(&get("v4"));
        assert_eq!(answer.status, 301);
        assert!(answer.headers.contains(&("Location", "/v4/".to_owned())));
    }

    #[test]
    fn the_script_stands_in_pages_only() {
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
    fn after_a_failure_pages_say_why_and_data_stays() {
        let site = site().failed(2, "<body>why</body>".to_owned());
        for path in ["", "v4/", "v4", "missing"] {
            let answer = site.answer(&get(path));
            assert_eq!(answer.status, 500, "{path}");
            assert!(answer.body.starts_with(b"<body>why<script"), "{path}");
        }
        assert_eq!(&*site.answer(&get("v4/all.json")).body, b"{}");
    }
}
