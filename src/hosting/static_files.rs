//! The files in the root's `static/` folder, published unchanged.

use std::ffi::OsStr;
use std::path::Path;

use serde::de::IgnoredAny;
use walkdir::WalkDir;

use crate::artifact::{Artifact, MediaType};
use crate::directory::Directory;
use crate::failure::{Failure, Result, fail, failure};
use crate::limits::{self, ReadError};
use crate::text::quote;

/// The maximum size of a static file, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Generated files that a static file replaces.
const REPLACEABLE: [&str; 4] = [
    "robots.txt",
    "404.html",
    "CNAME",
    ".well-known/security.txt",
];

/// Adds the static files of a root to a build; they replace some generated files.
pub(crate) fn add_static_files(directory: &Directory, artifacts: &mut Vec<Artifact>) -> Result<()> {
    let [detached, inline] = directory.settings.signatures.pair();
    let added = [detached, inline, "gz", "br"];
    for file in read(directory)? {
        if REPLACEABLE.contains(&file.path.as_str()) {
            artifacts.retain(|artifact| artifact.path != file.path);
        } else if artifacts
            .iter()
            .any(|artifact| clash(&artifact.path, &file.path, &added))
        {
            fail!(
                "the static file {} has the name of something that the build publishes", quote(&file.path);
                help: "rename it; static files replace only robots.txt, 404.html, CNAME and \
                       .well-known/security.txt"
            );
        }
        artifacts.push(file);
    }
    Ok(())
}

/// Whether two files cannot coexist: their paths are equal, one path is a parent folder of the other,
/// or the static file has the name of what is added to the other one, with one of these extensions.
/// tfadir's own files begin with `.tfadir`.
fn clash(published: &str, file: &str, extensions: &[&str]) -> bool {
    let extension = file
        .strip_prefix(published)
        .and_then(|rest| rest.strip_prefix('.'));
    published == file
        || contains(published, file)
        || contains(file, published)
        || extension.is_some_and(|extension| extensions.contains(&extension))
        || file.starts_with("manifest.json")
        || file.starts_with(".tfadir")
}

/// Whether a path is that of a folder above another path.
fn contains(folder: &str, path: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

fn read(directory: &Directory) -> Result<Vec<Artifact>> {
    let name = &directory.settings.paths.static_files;
    let folder = directory.root.join(name);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    // A link could publish any folder of this machine.
    let is_link = match (folder.canonicalize(), directory.root.canonicalize()) {
        (Ok(target), Ok(root)) => target != root.join(name),
        _ => true,
    };
    if is_link {
        return Err(not_publishable(&folder).into());
    }
    let mut files = Vec::new();
    for item in WalkDir::new(&folder).min_depth(1).sort_by_file_name() {
        let item = item.map_err(|error| ReadError::of_walk(&folder, error))?;
        if item.file_type().is_dir() {
            continue;
        }
        let (true, Some(path)) = (
            item.file_type().is_file(),
            published_path(item.path(), &folder),
        ) else {
            return Err(not_publishable(item.path()).into());
        };
        let bytes = limits::read_regular(item.path(), MAX_BYTES)?;
        if media_type(&path) == MediaType::Json
            && let Err(error) = serde_json::from_slice::<IgnoredAny>(&bytes)
        {
            fail!(
                "{} is not JSON: {error}", quote(&item.path().to_string_lossy());
                help: "correct it, or change its file extension"
            );
        }
        files.push(Artifact::new(
            &*path,
            media_type(&path),
            "A static file.",
            bytes,
        ));
    }
    Ok(files)
}

fn not_publishable(path: &Path) -> Failure {
    failure!(
        "`{}` is not a regular file with a plain name", path.display();
        help: "publish regular files only; links, devices and names with control characters or \
               backslashes are refused"
    )
}

/// The path of a file in `dist/`, if it can have one.
fn published_path(path: &Path, folder: &Path) -> Option<String> {
    let mut names = Vec::new();
    for part in path.strip_prefix(folder).ok()? {
        let name = part.to_str()?;
        if name.contains('\\') || name.contains(char::is_control) {
            return None;
        }
        names.push(name);
    }
    Some(names.join("/"))
}

fn media_type(path: &str) -> MediaType {
    match Path::new(path).extension().and_then(OsStr::to_str) {
        Some("json") => MediaType::Json,
        Some("html") => MediaType::Html,
        Some("css") => MediaType::Css,
        Some("txt") => MediaType::Text,
        Some("js") => MediaType::JavaScript,
        Some("xml") => MediaType::Xml,
        Some("svg") => MediaType::Svg,
        Some("png") => MediaType::Png,
        _ if path == "CNAME" => MediaType::Text,
        _ => MediaType::Binary,
    }
}

#[cfg(test)]
mod tests {
    use super::clash;

    #[test]
    fn paths_that_cannot_coexist_clash() {
        for (published, added) in [
            ("v3/all.json", "v3/all.json"),
            ("v3/all.json", "v3/all.json.sig"),
            ("v3/all.json", "v3"),
            ("_headers", "_headers/x"),
            ("x", "manifest.json"),
            ("x", "manifest.json.sig"),
            ("x", ".tfadir-dist"),
        ] {
            assert!(
                clash(published, added, &["sig", "gpg"]),
                "{published} {added}"
            );
        }
        for (published, added) in [("v3/all.json", "v3/about.txt"), ("LICENSE", "LICENSE.md")] {
            assert!(
                !clash(published, added, &["sig", "gpg"]),
                "{published} {added}"
            );
        }
    }
}
