//! What every page sees: the settings, the signer, and where the page is.

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::files::File;
use super::members::schema_of;
use crate::artifact::Artifact;
use crate::project::{Project, Settings, Version};

/// Who signs the files of a build.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Signing<'k> {
    /// The fingerprint of the certificate, in upper-case hexadecimal digits.
    pub certificate: &'k str,
    /// The fingerprint of the key that signs, which is the certificate's or that of a subkey.
    pub key: &'k str,
    /// The fingerprints of further certificates by which every file is signed during a roll-over.
    pub others: &'k [String],
    /// Whether it is a development key, whose signatures mean nothing.
    pub development: bool,
    /// Whether clients find the keys by the publisher's e-mail address, in the Web Key Directory and
    /// in the DNS.
    pub announced: bool,
}

/// What is known before any page is rendered.
#[derive(Debug)]
pub struct Site<'s> {
    /// The project.
    pub project: &'s Project,
    /// All JSON files of the build in their published order.
    pub files: &'s [Artifact],
    /// Who signs, in a signed build.
    pub signing: Option<Signing<'s>>,
}

/// One version of the API on the pages.
#[derive(Debug, Serialize)]
struct ListedVersion<'s> {
    number: u64,
    ended: Option<&'s str>,
    folder: String,
}

/// Where a page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The path of its file in `dist/`.
    pub path: String,
    /// What leads from it to the root of the API: nothing, `../`, or an absolute path.
    pub root: String,
    /// Its whole address without `index.html`.
    pub canonical: String,
}

impl<'s> Site<'s> {
    /// The settings.
    pub fn settings(&self) -> &'s Settings {
        &self.project.settings
    }

    /// The file of the build with this path.
    pub fn file(&self, path: &str) -> Option<&'s Artifact> {
        self.files.iter().find(|it| it.path == path)
    }

    /// The files whose paths are so, as tables show them.
    pub fn listed(&self, is_listed: impl Fn(&str) -> bool) -> Vec<File<'s>> {
        self.files.iter().filter(|it| is_listed(&it.path)).map(File::of).collect()
    }

    /// The versions that have a page: the supported ones whose entries have a schema, and those
    /// that ended.
    pub fn versions(&self) -> impl Iterator<Item = &'s Version> {
        let has_page =
            |version: &&Version| version.ended.is_some() || schema_of(version.number).is_some();
        self.settings().versions.iter().filter(has_page)
    }

    /// The globals of all templates.
    pub fn globals(&self) -> Vec<(&'static str, Value)> {
        let listed = |version: &'s Version| ListedVersion {
            number: version.number,
            ended: version.ended.as_deref(),
            folder: format!("v{}", version.number),
        };
        let versions: Vec<_> = self.versions().map(listed).collect();
        vec![
            ("settings", Value::from(Serde(self.settings()))),
            ("signing", Value::from(Serde(self.signing))),
            ("versions", Value::from(Serde(versions))),
            ("newest", Value::from(Serde(self.settings().supported().max()))),
        ]
    }

    /// Where the page of a file is.
    pub fn place(&self, path: &str) -> Place {
        let api = &self.settings().api;
        let root = match path {
            // It answers at any depth, so nothing relative would lead anywhere.
            "404.html" => path_of(api).to_owned(),
            path => "../".repeat(path.matches('/').count()),
        };
        let folder = path.strip_suffix("index.html").unwrap_or(path);
        Place { path: path.to_owned(), root, canonical: format!("{api}{folder}") }
    }
}

/// The path of an address that ends in a slash.
fn path_of(address: &str) -> &str {
    let start = address.find("://").map_or(0, |at| at + 3);
    address[start..].find('/').map_or("/", |at| &address[start + at..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_address_is_found() {
        assert_eq!(path_of("https://api.example/"), "/");
        assert_eq!(path_of("https://example/2fa/api/"), "/2fa/api/");
    }
}
