//! Properties of every tree, tested on random trees.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tfadir::api::{self, Style, Validators};
use tfadir::check::{self, Checker, Results, Selection};
use tfadir::finding::{Finding, Severity};
use tfadir::fix;
use tfadir::session;

use crate::common::{Directory, temporary_folder};

/// One entry file with any fixable problems.
#[derive(Debug, Clone)]
struct Written {
    domain: String,
    path: String,
    text: String,
}

/// How an entry is formatted.
#[derive(Debug, Clone, Copy)]
enum Layout {
    Canonical,
    OneLine,
    Windows,
    Tabs,
    NoFinalLineEnd,
    Escaped,
}

fn entry(number: usize) -> impl Strategy<Value = Written> {
    use Layout::{Canonical, Escaped, NoFinalLineEnd, OneLine, Tabs, Windows};
    let domain = format!("site{number}.example");
    let additional: Vec<String> = ["", "www.", "a.b.", "my", "other", "x.other"]
        .iter()
        .map(|prefix| format!("{prefix}{domain}"))
        .collect();
    let urls = [
        "https://DOMAIN",
        "https://DOMAIN/",
        "https://DOMAIN/x",
        "http://DOMAIN",
    ];
    let images = ["DOMAIN.svg", "DOMAIN.png"];
    let folders = ["s", "x", "s/deeper", "."];
    let stems = ["DOMAIN", "site", "DOMAIN.old"];
    let layouts = vec![Canonical, OneLine, Windows, Tabs, NoFinalLineEnd, Escaped];
    (
        proptest::option::of(select(urls.to_vec())),
        proptest::option::of(select(images.to_vec())),
        subsequence(additional, 0..=6),
        select(folders.to_vec()),
        select(stems.to_vec()),
        select(layouts),
        Just((0..7).collect::<Vec<usize>>()).prop_shuffle(),
        any::<bool>(),
    )
        .prop_map(
            move |(url, img, additional, folder, stem, layout, order, is_shuffled)| {
                let fill = |text: &str| Value::from(text.replace("DOMAIN", &domain));
                let mut fields = vec![
                    ("domain", json!(domain)),
                    ("url", url.map_or(Value::Null, fill)),
                    ("img", img.map_or(Value::Null, fill)),
                    ("tfa", json!(["totp", "sms"])),
                    ("documentation", json!(format!("https://{domain}/2fa"))),
                    ("categories", json!(["email"])),
                    ("additional-domains", json!(additional)),
                ];
                if is_shuffled {
                    fields = order
                        .into_iter()
                        .map(|index| fields[index].clone())
                        .collect();
                }
                fields.retain(|(_, value)| !value.is_null() && *value != json!([]));
                let fields: Map<String, Value> = fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect();
                let text = written(&json!({ format!("Sité {number}"): fields }), layout);
                let path = format!("entries/{folder}/{}.json", stem.replace("DOMAIN", &domain));
                Written {
                    domain: domain.clone(),
                    path: path.replace("/./", "/"),
                    text,
                }
            },
        )
}

fn written(value: &Value, layout: Layout) -> String {
    let canonical = serde_json::to_string_pretty(value).unwrap() + "\n";
    match layout {
        Layout::Canonical => canonical,
        Layout::OneLine => value.to_string(),
        Layout::Windows => canonical.replace('\n', "\r\n"),
        Layout::Tabs => canonical.replace("  ", "\t"),
        Layout::NoFinalLineEnd => canonical.trim_end().to_owned(),
        Layout::Escaped => canonical.replace('é', "\\u00e9"),
    }
}

fn tree() -> impl Strategy<Value = Vec<Written>> {
    (entry(0), entry(1), entry(2)).prop_map(|(a, b, c)| {
        let mut files = vec![a, b, c];
        let mut paths = std::collections::HashSet::new();
        files.retain(|file| paths.insert(file.path.clone()));
        files
    })
}

fn write(files: &[Written]) -> TempDir {
    let root = temporary_folder();
    for file in files {
        let path = root.path().join(&file.path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &file.text).unwrap();
    }
    root
}

/// Compiled once, because all roots have the same settings.
static VALIDATORS: LazyLock<Validators> = LazyLock::new(|| {
    let directory = session::open(Some(Directory::new().path())).unwrap();
    Validators::new(&directory).unwrap()
});

fn findings(root: &Path) -> Vec<Finding> {
    let directory = session::open(Some(root)).unwrap();
    let tree = directory.load().unwrap();
    check::check(&directory, &tree, &VALIDATORS.entry, Selection::Enabled).findings
}

/// Everything that would be published, by path.
fn published(root: &Path) -> Vec<(String, Vec<u8>)> {
    let directory = session::open(Some(root)).unwrap();
    let tree = directory.load().unwrap();
    let entries = check::check(&directory, &tree, &VALIDATORS.entry, Selection::Errors).entries;
    let artifacts = api::artifacts(&directory, &entries, &VALIDATORS, Style::Compact).unwrap();
    artifacts
        .into_iter()
        .map(|it| (it.path, it.bytes))
        .collect()
}

/// Applies the selected fixes and writes the result.
fn fix_all(root: &Path, is_wanted: &dyn Fn(&Finding) -> bool) {
    let directory = session::open(Some(root)).unwrap();
    let checker = Checker::new(&directory, &VALIDATORS.entry, Selection::Enabled);
    let tree = directory.load().unwrap();
    let mut results = Results::default();
    let found = checker.update(&tree, &mut results);
    let outcome = fix::fix(&checker, &mut results, tree, found, is_wanted);
    fix::write(root, &outcome.fixed).unwrap();
    // What the engine says without reading the files again is what a new check says.
    let mut left = findings(root);
    fix::withdraw_impossible(&directory.load().unwrap(), &mut left);
    assert_eq!(outcome.findings, left);
}

/// A field of an entry with a value of any type, usually invalid.
fn any_field() -> impl Strategy<Value = (String, Value)> {
    let names = [
        "domain",
        "url",
        "img",
        "tfa",
        "custom-software",
        "custom-hardware",
        "documentation",
        "recovery",
        "notes",
        "categories",
        "regions",
        "additional-domains",
        "contact",
        "else",
    ];
    let values = [
        json!(null),
        json!(1.5),
        json!({}),
        json!([]),
        json!(""),
        json!("site.example"),
        json!("https://site.example/"),
        json!(["custom-software", "custom-hardware"]),
        json!(["totp", "totp"]),
        json!(["us", "-ca", "uk", 7]),
        json!(["other"]),
        json!(["site.example", "a.site.example"]),
        json!({ "language": "jp", "email": "a@site.example", "form": "javascript:x" }),
        json!({ "twitter": "site", "language": "de" }),
    ];
    (select(names.to_vec()), select(values.to_vec()))
        .prop_map(|(name, value)| (name.to_owned(), value))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn after_fixing_no_fixable_finding_is_left(files in tree()) {
        let root = write(&files);
        fix_all(root.path(), &|_| true);
        for finding in findings(root.path()) {
            prop_assert!(finding.fix.is_none(), "{finding:?}");
        }
        for file in &files {
            let home = root.path().join(format!("entries/s/{}.json", file.domain));
            prop_assert!(home.is_file(), "{}", home.display());
        }
    }

    #[test]
    fn an_entry_that_cannot_be_published_is_an_error(
        fields in proptest::collection::vec(any_field(), 0..12),
        is_whole in any::<bool>(),
    ) {
        let mut entry = Map::new();
        if is_whole {
            let good = json!({ "domain": "site.example", "tfa": ["totp"], "categories": ["email"] });
            entry.extend(good.as_object().unwrap().clone());
        }
        entry.extend(fields);
        let text = json!({ "Site": entry }).to_string();
        let path = "entries/s/site.example.json".to_owned();
        let root = write(&[Written { domain: String::new(), path, text }]);

        let directory = session::open(Some(root.path())).unwrap();
        let tree = directory.load().unwrap();
        let checked = check::check(&directory, &tree, &VALIDATORS.entry, Selection::Errors);
        let is_error = checked.findings.iter().any(|it| it.severity == Severity::Error);
        prop_assert!(is_error || !checked.entries.is_empty());
        prop_assert!(checked.findings.iter().all(|it| it.rule != check::INTERNAL_ERROR));
    }

    #[test]
    fn a_fix_changes_published_files_only_if_it_says_so(files in tree()) {
        let root = write(&files);
        let before = published(root.path());
        fix_all(root.path(), &|finding| finding.fix.as_ref().is_some_and(|fix| !fix.alters_output));
        prop_assert!(published(root.path()) == before);
    }
}
