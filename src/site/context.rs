//! What every page sees: the settings, the signer, and where the page is.

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::files::File;
use crate::api;
use crate::artifact::Artifact;
use crate::directory::{Directory, Settings, Version};

/// Who signs the files of a build.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Signing<'k> {
    /// The fingerprint of the certificate, in upper-case hexadecimal digits.
    pub(crate) certificate: &'k str,
    /// The fingerprint of the key that signs, which is the certificate's or that of a subkey.
    pub(crate) key: &'k str,
    /// The fingerprints of further certificates by which every file is signed during a roll-over.
    pub(crate) others: &'k [String],
    /// Whether it is a development key, whose signatures mean nothing.
    pub(crate) development: bool,
    /// Whether clients find the keys by the publisher's e-mail address, in the Web Key Directory and
    /// in the DNS.
    pub(crate) discoverable: bool,
}

/// What is known before any page is rendered.
#[derive(Debug)]
pub(crate) struct SiteContext<'s> {
    /// The directory.
    pub(crate) directory: &'s Directory,
    /// All JSON files of the build in their published order.
    pub(crate) files: &'s [Artifact],
    /// Who signs, in a signed build.
    pub(crate) signing: Option<Signing<'s>>,
}

/// One version of the API on the pages.
#[derive(Debug, Serialize)]
pub(crate) struct ListedVersion<'s> {
    number: u64,
    ended: Option<&'s str>,
    folder: String,
    /// The form of its files; empty for a version that ended.
    form: &'static str,
    /// What its files list: `sites` or `domains`.
    unit: &'static str,
}

/// Where a page is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PageAddress {
    /// The path of its file in `dist/`.
    pub(crate) path: String,
    /// What leads from it to the root of the API: nothing, `../`, or an absolute path.
    pub(crate) root: String,
    /// Its whole address without `index.html`.
    pub(crate) canonical: String,
}

impl<'s> SiteContext<'s> {
    /// The settings.
    pub(crate) fn settings(&self) -> &'s Settings {
        &self.directory.settings
    }

    /// The file of the build with this path.
    pub(crate) fn file(&self, path: &str) -> Option<&'s Artifact> {
        self.files.iter().find(|it| it.path == path)
    }

    /// The files whose paths are so, as tables show them.
    pub(crate) fn listed(&self, is_listed: impl Fn(&str) -> bool) -> Vec<File<'s>> {
        self.files.iter().filter(|it| is_listed(&it.path)).map(File::of).collect()
    }

    /// The versions that this build contains, in the order of the settings.
    pub(crate) fn supported(&self) -> impl Iterator<Item = &'static dyn api::Version> {
        self.settings().supported().filter_map(api::version)
    }

    /// A version on the pages.
    pub(crate) fn listed_version(&self, version: &'s Version) -> ListedVersion<'s> {
        let supported = self.supported().find(|it| it.number() == version.number);
        ListedVersion {
            number: version.number,
            ended: version.ended.as_deref(),
            folder: format!("v{}", version.number),
            form: supported.map(|it| it.form()).unwrap_or_default(),
            unit: supported.map(|it| it.unit()).unwrap_or_default(),
        }
    }

    /// The globals of all templates.
    pub(crate) fn globals(&self) -> Vec<(&'static str, Value)> {
        let versions = self.settings().versions.iter().map(|it| self.listed_version(it));
        let versions: Vec<_> = versions.collect();
        vec![
            ("settings", Value::from(Serde(self.settings()))),
            ("signing", Value::from(Serde(self.signing))),
            ("versions", Value::from(Serde(versions))),
            ("newest", Value::from(Serde(self.settings().supported().max()))),
            ("lookup", Value::from(Serde(self.supported().find_map(|it| it.lookup())))),
        ]
    }

    /// Where the page of a file is.
    pub(crate) fn address(&self, path: &str) -> PageAddress {
        let api = &self.settings().api;
        let root = match path {
            // It answers at any depth, so nothing relative would lead anywhere.
            "404.html" => path_of(api).to_owned(),
            path => "../".repeat(path.matches('/').count()),
        };
        let folder = path.strip_suffix("index.html").unwrap_or(path);
        PageAddress { path: path.to_owned(), root, canonical: format!("{api}{folder}") }
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
