//! Modules import only from lower layers, according to their `use crate::…` lines and paths.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::common::project;

/// The layers from the lowest to the highest. A module imports from lower layers and from its own
/// folder, but not from other modules in its layer.
const LAYERS: &[&[&str]] = &[
    &["failure", "unicode"],
    &[
        "exit_code",
        "json_text",
        "limits",
        "process",
        "staging",
        "text",
    ],
    &["address", "artifact", "git", "source"],
    &["finding"],
    &["schema"],
    &["directory", "openpgp"],
    &["check", "discovery", "hosting", "publish"],
    &["fix"],
    &["api", "report", "verify"],
    &["state"],
    &["diff"],
    &["history"],
    &["site"],
    &["cli"],
    &["session"],
    &["signing"],
    &["lint"],
    &["build"],
    &["command"],
    &["fuzz"],
];

/// The code of a file in `src/` without its tests and comments.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// All files in `src/` except `main.rs`, `lib.rs` and those that only tests use.
fn sources() -> Vec<PathBuf> {
    let is_apart = |path: &PathBuf| {
        ["main.rs", "lib.rs", "toy.rs", "samples.rs", "work.rs"]
            .iter()
            .any(|name| path.ends_with(name))
            && !path.ends_with("site/samples.rs")
    };
    let mut files = walk(&project().join("src"));
    files.retain(|path| !is_apart(path));
    files
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(folder)
        .unwrap()
        .map(|item| item.unwrap().path());
    items
        .flat_map(|path| {
            if path.is_dir() {
                walk(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// The top-level module of a file: `check` for `src/check/rules/schema.rs`.
fn top(path: &Path) -> String {
    let relative = path.strip_prefix(project().join("src")).unwrap();
    relative
        .iter()
        .next()
        .unwrap()
        .to_str()
        .unwrap()
        .trim_end_matches(".rs")
        .to_owned()
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|it: char| !it.is_alphanumeric() && it != '_')
        .filter(|word| !word.is_empty())
}

/// The files that a file imports with `use`, except its ancestors, which declare it.
fn imported(path: &Path) -> BTreeSet<PathBuf> {
    let folder = path.parent().unwrap();
    let is_module = path.ends_with("mod.rs");
    let code = code(path);
    let mut imported = BTreeSet::new();
    for start in code.match_indices("use ").map(|(at, _)| at + "use ".len()) {
        let statement = code[start..].split(';').next().unwrap();
        let mut base = match words(statement).next() {
            Some("crate") => project().join("src"),
            Some("super") if is_module => folder.parent().unwrap().to_owned(),
            Some("super" | "self") => folder.to_owned(),
            _ => continue,
        };
        for word in words(statement).skip(1) {
            match word {
                "super" => base = base.parent().unwrap().to_owned(),
                word if base.join(word).is_dir() => {
                    base = base.join(word);
                    imported.insert(base.join("mod.rs"));
                }
                word if base.join(word).with_extension("rs").is_file() => {
                    imported.insert(base.join(word).with_extension("rs"));
                }
                _ => {}
            }
        }
    }
    imported.retain(|it| {
        it != path && !(it.ends_with("mod.rs") && path.starts_with(it.parent().unwrap()))
    });
    imported
}

#[test]
fn modules_import_downwards_only() {
    let layer = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    for path in sources() {
        let module = top(&path);
        let own = layer(&module).unwrap_or_else(|| panic!("`{module}` is in no layer"));
        for (at, _) in code(&path).match_indices("crate::") {
            let name = words(&code(&path)[at..]).nth(1).unwrap().to_owned();
            let other = layer(&name).unwrap_or_else(|| panic!("`{name}` is in no layer"));
            assert!(
                name == module || other < own,
                "{}: `{name}` is not below",
                path.display()
            );
        }
    }
}

#[test]
fn no_file_imports_itself_through_others() {
    let graph: BTreeMap<PathBuf, BTreeSet<PathBuf>> = sources()
        .into_iter()
        .map(|path| (path.clone(), imported(&path)))
        .collect();
    for start in graph.keys() {
        let mut seen: Vec<(&Path, Vec<&Path>)> = vec![(start, vec![])];
        let mut known = BTreeSet::new();
        while let Some((path, way)) = seen.pop() {
            for next in graph.get(path).into_iter().flatten() {
                assert!(next != start, "{} → {way:?} → itself", start.display());
                if known.insert(next) {
                    seen.push((next, [way.clone(), vec![next.as_path()]].concat()));
                }
            }
        }
    }
}

#[test]
fn every_layer_exists() {
    let modules: BTreeSet<String> = sources().iter().map(|path| top(path)).collect();
    let listed: BTreeSet<String> = LAYERS.concat().into_iter().map(str::to_owned).collect();
    assert_eq!(modules, listed);
}
