//! Checks the form of a manifest, which is untrusted: it is read before its signature is verified.

use std::collections::HashSet;
use std::path::{Component, Path};

use jiff::Timestamp;

use super::{FILE, Manifest};
use crate::directory::SignatureExtensions;
use crate::publish::marker;
use crate::text::quote;

impl Manifest {
    /// Reads a manifest. Every path in it, including signature paths, is relative, stays inside its
    /// folder, and occurs once. The texts of errors follow the file name.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let manifest: Self =
            serde_json::from_slice(bytes).map_err(|error| format!("is not a manifest: {error}"))?;
        let SignatureExtensions {
            detached, inline, ..
        } = &manifest.signatures;
        if !is_extension(detached) || !is_extension(inline) || detached == inline {
            let [detached, inline] = [detached, inline].map(|extension| quote(extension));
            return Err(format!(
                "is not a manifest: signatures cannot end in {detached} and {inline}"
            ));
        }
        if let Some((name, value)) = manifest.malformed() {
            return Err(format!(
                "is not a manifest: its field `{name}` has the value {}",
                quote(value)
            ));
        }
        let mut seen = HashSet::from([FILE.to_owned(), marker::FILE.to_owned()]);
        for path in manifest.signed() {
            seen.extend(manifest.signatures_of(path));
        }
        for file in &manifest.files {
            if !stays_inside(&file.path) || !seen.insert(file.path.clone()) {
                return Err(format!(
                    "is not a manifest: it must not list the path {}",
                    quote(&file.path)
                ));
            }
            // Clients look for a signature next to every JSON file.
            let is_named_json = Path::new(&file.path).extension() == Some("json".as_ref());
            if is_named_json != file.is_json() {
                return Err(format!(
                    "is not a manifest: {} has the wrong media type",
                    quote(&file.path)
                ));
            }
        }
        Ok(manifest)
    }

    /// A field that violates the schema. Programs show and compare these fields.
    fn malformed(&self) -> Option<(&'static str, &String)> {
        if self.time.parse::<Timestamp>().is_err() {
            return Some(("time", &self.time));
        }
        if let Some(commit) = &self.commit
            && !is_commit_id(commit)
        {
            return Some(("commit", commit));
        }
        for fingerprint in &self.keys {
            if !is_fingerprint(fingerprint) {
                return Some(("keys", fingerprint));
            }
        }
        for (name, text) in [
            ("tool", &self.tool.name),
            ("tool", &self.tool.version),
            ("$schema", &self.schema),
        ] {
            if text.contains(char::is_control) {
                return Some((name, text));
            }
        }
        None
    }
}

fn is_commit_id(text: &str) -> bool {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    matches!(text.len(), 40..=64) && text.bytes().all(is_digit)
}

fn is_fingerprint(text: &str) -> bool {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F');
    text.len() == 40 && text.bytes().all(is_digit)
}

fn is_extension(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    matches!(text.len(), 1..=8) && text.bytes().all(is_plain)
}

fn stays_inside(path: &str) -> bool {
    // A control character could end a line of the list in the folder.
    let is_bad = |char: char| char == '\\' || char.is_control();
    let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains(is_bad);
    let is_normal = |component| matches!(component, Component::Normal(_));
    path.split('/').all(is_plain) && Path::new(path).components().all(is_normal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::artifact::{Artifact, MediaType};
    use crate::directory::Settings;
    use crate::json_text::{Style, write};
    use crate::publish::manifest::Source;

    #[test]
    fn a_manifest_with_paths_outside_its_folder_is_refused() {
        let file = Artifact::new("a.json", MediaType::Json, "", b"[]".to_vec());
        let manifest = Manifest::of(&Settings::default(), &[file], vec![], &Source::default());
        let manifest = manifest.unwrap();
        for path in [
            "../x",
            "/etc/passwd",
            "a/../../x",
            "",
            "a\\b",
            "./a.json",
            "a//b",
            "a/",
        ] {
            let mut manifest = manifest.clone();
            manifest.files[0].path = path.to_owned();
            let bytes = write(&manifest, Style::Compact).unwrap();
            assert!(Manifest::parse(&bytes).is_err(), "{path}");
        }
        let mut twice = manifest.clone();
        twice.files.push(manifest.files[0].clone());
        assert!(Manifest::parse(&write(&twice, Style::Compact).unwrap()).is_err());
    }
}
