//! A full checkout: the corpus with its categories and an icon for every entry, without settings.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::common::{Tfadir, files};
use crate::{object, root};

/// Icons like those of two real entries since 2021: on several lines, and with an XML declaration.
const SEVERAL_LINES: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\">\n  \
                             <path d=\"M0 0h8v8z\"/>\n</svg>\n";
const DECLARED: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
                        <svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"/>";
const PLAIN: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"/>";

/// The checkout, and its icons by their paths in `dist/`.
fn checkout() -> (TempDir, BTreeMap<String, Vec<u8>>) {
    let checkout = tempfile::tempdir().unwrap();
    let write = |path: &str, bytes: &[u8]| {
        let path = checkout.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    };
    let categories = fs::read(root().join("categories.json")).unwrap();
    write("schemas/categories.json", &categories);
    let mut icons = BTreeMap::new();
    for (number, (path, bytes)) in files(&root().join("entries")).into_iter().enumerate() {
        write(&format!("entries/{path}"), &bytes);
        let entry = object(&bytes).into_values().next().unwrap();
        let own = format!("{}.svg", entry["domain"].as_str().unwrap());
        let name = entry["img"].as_str().unwrap_or(&own);
        let icon = match number {
            0 => SEVERAL_LINES,
            1 => DECLARED,
            _ => PLAIN,
        };
        let icon = if name.ends_with(".png") {
            png()
        } else {
            icon.as_bytes().to_vec()
        };
        let path = format!("{}/{name}", &name[..1]);
        write(&format!("img/{path}"), &icon);
        icons.insert(format!("icons/{path}"), icon);
    }
    (checkout, icons)
}

fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = png::Encoder::new(&mut bytes, 16, 16)
        .write_header()
        .unwrap();
    writer.write_image_data(&[7; 256]).unwrap();
    writer.finish().unwrap();
    bytes
}

fn build(checkout: &Path) -> BTreeMap<String, Vec<u8>> {
    let root = checkout.to_str().unwrap();
    Tfadir::new(&["build", "--unsigned", "--root", root])
        .run()
        .ends_with(0);
    files(&checkout.join("dist"))
}

/// The existing directory has no settings; everything that its host serves must be built.
pub(crate) fn everything_is_published_without_settings() {
    let (checkout, icons) = checkout();
    let built = build(checkout.path());
    for (path, bytes) in &icons {
        assert!(built.get(path) == Some(bytes), "{path}");
    }
    assert_eq!(
        built
            .keys()
            .filter(|path| path.starts_with("icons/"))
            .count(),
        icons.len()
    );
    let robots = String::from_utf8(built["robots.txt"].clone()).unwrap();
    assert!(robots.contains("\nDisallow: /icons/\n"), "{robots}");
    let manifest = object(&built["manifest.json"]);
    let listed = manifest["files"].as_array().unwrap();
    let described = |path: &str| listed.iter().find(|file| file["path"] == path).unwrap();
    assert_eq!(described("v3/all.json").get("signed"), None);
    assert_eq!(described("frontend/v1/regions.json")["signed"], false);
    let svg = icons.keys().find(|path| path.ends_with(".svg")).unwrap();
    assert_eq!(described(svg)["media_type"], "image/svg+xml");
    frontend_is_what_it_was(&built);
}

/// Compares every file of `/frontend/v1/` by its hash without the `url` that we add.
fn frontend_is_what_it_was(built: &BTreeMap<String, Vec<u8>>) {
    let list = fs::read_to_string(root().join("expected/frontend-v1.sha256")).unwrap();
    let expected: BTreeMap<String, &str> = list
        .lines()
        .map(|line| line.split_once("  ").unwrap())
        .map(|(hash, path)| (format!("frontend/v1/{path}"), hash))
        .collect();
    let ours = built.keys().filter(|path| path.starts_with("frontend/"));
    assert!(ours.eq(expected.keys()), "other files");
    let mut urls = 0;
    for (path, hash) in expected {
        let mut file: Map<String, Value> = object(&built[&path]);
        if path.matches('/').count() == 3 && !path.ends_with("/categories.json") {
            let items = file.values_mut().map(|item| item.as_object_mut().unwrap());
            urls += items.filter_map(|item| item.shift_remove("url")).count();
        }
        let bytes = serde_json::to_vec(&file).unwrap();
        let found = data_encoding::HEXLOWER.encode(&Sha256::digest(bytes));
        assert_eq!(found, hash, "{path}");
    }
    assert!(urls > 600, "{urls}");
}
