//! The variables of every page: the settings, the signer, and the location of the page.

use std::cmp::Reverse;

use minijinja::value::Serde;
use minijinja::{HtmlEscape, Value, context};
use serde::Serialize;

use crate::address::Hosts;
use crate::api;
use crate::artifact::Artifact;
use crate::directory::{Directory, Settings, VersionSettings, Wording};
use crate::source::Entry;
use crate::text::{size, thousands, with_article};

/// The page for unknown paths, at any depth.
pub(crate) const NOT_FOUND: &str = "404.html";

/// The signers of a build.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct SignerInfo<'k> {
    /// The fingerprint of the certificate, in upper-case hexadecimal digits.
    pub(crate) certificate: &'k str,
    /// The fingerprint of the key that signs: the certificate's or a subkey's.
    pub(crate) key: &'k str,
    /// The fingerprints of the other certificates that sign every file during a roll-over.
    pub(crate) others: &'k [String],
    /// Whether this is a development key, whose signatures prove nothing.
    pub(crate) development: bool,
    /// Whether the keys can be found by the publisher's e-mail address, in the Web Key Directory
    /// and in the DNS.
    pub(crate) discoverable: bool,
}

/// The data that is available before any page is rendered.
#[derive(Debug)]
pub(crate) struct SiteContext<'s> {
    pub(crate) directory: &'s Directory,
    /// The valid entries, in the order of their files.
    pub(crate) entries: &'s [Entry],
    /// All JSON files of the build in their published order, without signatures and without the
    /// manifest, which lists the pages too.
    pub(crate) files: &'s [Artifact],
    /// When an entry last changed (RFC 3339, in UTC), if that is known.
    pub(crate) newest_change: Option<&'s str>,
    /// `None` in an unsigned build.
    pub(crate) signing: Option<SignerInfo<'s>>,
}

/// A published file as tables show it.
pub(crate) fn row(file: &Artifact) -> Value {
    context! {
        path => &file.path,
        name => file.path.rsplit('/').next(),
        about => file.about,
        count => file.count.map(thousands),
        size => size(file.bytes.len()),
        bytes => file.bytes.len(),
        media_type => file.media_type.name(),
        sha256 => file.sha256(),
    }
}

impl<'s> SiteContext<'s> {
    pub(crate) fn settings(&self) -> &'s Settings {
        &self.directory.settings
    }

    /// The address of the repository if it is on GitHub, without a slash or `.git` at the end. The
    /// default is the repository of another directory if the root has settings of its own.
    pub(crate) fn github(&self) -> Option<&'s str> {
        let setting = &self.settings().repository;
        if setting.own().is_none() && !self.directory.settings_text.is_empty() {
            return None;
        }
        let repository = setting.trim_end_matches('/').trim_end_matches(".git");
        repository
            .starts_with("https://github.com/")
            .then_some(repository)
    }

    /// The file of the build with this path.
    pub(crate) fn file(&self, path: &str) -> Option<&'s Artifact> {
        self.files.iter().find(|artifact| artifact.path == path)
    }

    /// The files with matching paths, as tables show them.
    pub(crate) fn listed(&self, is_listed: impl Fn(&str) -> bool) -> Vec<Value> {
        self.files
            .iter()
            .filter(|artifact| is_listed(&artifact.path))
            .map(row)
            .collect()
    }

    /// The versions that this build contains, in the order of the settings.
    pub(crate) fn supported(&self) -> impl Iterator<Item = &'static dyn api::Version> {
        self.settings().supported().filter_map(api::version)
    }

    /// What the files of a version count, as the pages call it.
    pub(crate) fn unit(&self, version: &dyn api::Version) -> &'s str {
        match version.unit() {
            "sites" => &self.settings().wording.plural,
            other => other,
        }
    }

    /// A version as pages show it. A version that has ended has no form and no unit.
    pub(crate) fn version(&self, version: &VersionSettings) -> Value {
        let supported = self
            .supported()
            .find(|supported| supported.number() == version.number);
        context! {
            number => version.number,
            ended => version.ended.as_deref(),
            ends => version.ends.as_deref(),
            folder => format!("v{}", version.number),
            form => supported.map(api::Version::form),
            unit => supported.map(|version| self.unit(version)),
        }
    }

    /// The globals of all templates.
    pub(crate) fn globals(&self) -> Vec<(&'static str, Value)> {
        let versions: Vec<Value> = self
            .settings()
            .versions
            .iter()
            .map(|listed| self.version(listed))
            .collect();
        vec![
            ("settings", Value::from(Serde(self.settings()))),
            ("signing", Value::from(Serde(self.signing))),
            ("words", words(&self.settings().wording)),
            (
                "has_internal_hosts",
                Value::from(self.directory.hosts() == Hosts::Internal),
            ),
            ("versions", Value::from(versions)),
            (
                "newest",
                Value::from(Serde(self.settings().supported().max())),
            ),
            (
                "lookup",
                Value::from(Serde(self.supported().find_map(api::Version::lookup))),
            ),
            ("github", Value::from(self.github())),
            ("credit", Value::from(credit(self.settings()))),
            ("site_index", Value::from(api::SITE_INDEX)),
        ]
    }

    /// The location of a page: the path of its file in `dist/`, the prefix of links to the root of
    /// the API (nothing, `../` or an absolute path), and its URL without `index.html`.
    pub(crate) fn address(&self, path: &str) -> Value {
        let api = &self.settings().api;
        let root = match path {
            // This page is served at any depth, so relative links would break.
            NOT_FOUND => path_of(api).to_owned(),
            path => "../".repeat(path.matches('/').count()),
        };
        let folder = path.strip_suffix("index.html").unwrap_or(path);
        context! { path, root, canonical => format!("{api}{folder}") }
    }
}

/// What the pages call the listed sites, in the forms that sentences need.
fn words(wording: &Wording) -> Value {
    let Wording {
        question,
        singular,
        plural,
    } = wording;
    context! {
        question,
        one => singular,
        a => with_article(singular),
        capital_a => capitalized(&with_article(singular)),
        many => plural,
        capital_one => capitalized(singular),
        capital_many => capitalized(plural),
        are_own => *wording != Wording { question: question.clone(), ..Wording::default() },
    }
}

/// A text with its first letter in upper case.
fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(chars).collect()
}

/// The attribution as HTML, with links from the names of the directory and of its publisher; one
/// link if it names neither.
fn credit(settings: &Settings) -> String {
    let Settings {
        name,
        site,
        publisher,
        attribution,
        ..
    } = settings;
    let named = [(name, site), (&publisher.name, &publisher.site)];
    let next = |rest: &str| {
        named
            .iter()
            .filter(|(name, _)| !name.is_empty())
            .filter_map(|(name, url)| Some((rest.find(*name)?, *name, *url)))
            .min_by_key(|(at, name, _)| (*at, Reverse(name.len())))
    };
    let (mut html, mut rest) = (String::new(), attribution.as_str());
    while let Some((at, name, url)) = next(rest) {
        html.extend([HtmlEscape(&rest[..at]).to_string(), link(name, url)]);
        rest = &rest[at + name.len()..];
    }
    match html.is_empty() {
        true => html = link(rest, site),
        false => html += &HtmlEscape(rest).to_string(),
    }
    // HTML does not require this, and people read it.
    html.replace("&#x2f;", "/")
}

fn link(text: &str, url: &str) -> String {
    format!("<a href=\"{}\">{}</a>", HtmlEscape(url), HtmlEscape(text))
}

/// The path of a URL that ends in a slash.
fn path_of(address: &str) -> &str {
    let start = address.find("://").map_or(0, |at| at + 3);
    address[start..]
        .find('/')
        .map_or("/", |at| &address[start + at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attribution_links_the_names_that_it_contains() {
        let mut settings = Settings::default();
        assert_eq!(
            credit(&settings),
            "Data sourced from <a href=\"https://2fa.directory/\">2FA Directory</a> by \
             <a href=\"https://github.com/2factorauth\">2factorauth</a>"
        );
        settings.publisher.name = "2FA Directory <Ltd>".to_owned();
        settings.attribution = "<b> by 2FA Directory <Ltd>.".to_owned();
        assert_eq!(
            credit(&settings),
            "&lt;b&gt; by <a href=\"https://github.com/2factorauth\">2FA Directory &lt;Ltd&gt;</a>."
        );
        settings.attribution = "Ours".to_owned();
        assert_eq!(
            credit(&settings),
            "<a href=\"https://2fa.directory/\">Ours</a>"
        );
    }

    #[test]
    fn the_path_of_an_address_is_found() {
        assert_eq!(path_of("https://api.example/"), "/");
        assert_eq!(path_of("https://example/2fa/api/"), "/2fa/api/");
    }
}
