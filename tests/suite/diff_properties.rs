//! What holds for every diff, tried on many pairs of states.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

use crate::common::Directory;
use crate::diff::{diff, parsed};

/// Sites by domain: name and fields.
type Sites = BTreeMap<String, (String, Map<String, Value>)>;

/// Any sites at four domains, with names that move between them.
fn sites() -> impl Strategy<Value = Sites> {
    let site = (
        any::<bool>(),
        subsequence(vec!["sms", "totp", "u2f"], 0..=3),
        proptest::option::of(select(vec!["Short note", "Another note"])),
        subsequence(vec!["us", "de"], 0..=2),
        any::<bool>(),
    );
    let names = Just(vec!["Anna", "Berta", "Cäsar", "Dora", "Emil"]).prop_shuffle();
    (proptest::collection::vec(site, 4), names)
        .prop_map(|(sites, names)| {
            let sites = sites.into_iter().enumerate().filter(|(_, site)| site.0);
            sites
                .map(|(index, (_, tfa, notes, regions, is_reversed))| {
                    let domain = format!("{}.example", ["a", "b", "c", "d"][index]);
                    let mut fields =
                        vec![("domain", json!(domain)), ("categories", json!(["email"]))];
                    fields.extend(Some(("tfa", json!(tfa))).filter(|_| !tfa.is_empty()));
                    fields.extend(notes.map(|notes| ("notes", json!(notes))));
                    fields
                        .extend(Some(("regions", json!(regions))).filter(|_| !regions.is_empty()));
                    if is_reversed {
                        fields.reverse();
                    }
                    let fields = fields
                        .into_iter()
                        .map(|(name, value)| (name.to_owned(), value));
                    (domain, (names[index].to_owned(), fields.collect()))
                })
                .collect()
        })
        .prop_filter("a root has entries", |sites: &Sites| !sites.is_empty())
}

fn written(sites: &Sites) -> Directory {
    sites
        .iter()
        .fold(Directory::empty(), |root, (domain, (name, fields))| {
            root.file(
                &format!("entries/{domain}.json"),
                json!({ name: fields }).to_string(),
            )
        })
}

/// What the schema says how to apply a diff.
fn apply(mut sites: Sites, diff: &Value) -> Sites {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let list = |name: &str| diff[name].as_array().unwrap().iter();
    let taken: Vec<_> = list("renamed")
        .map(|it| sites.remove(&text(&it["was"]["domain"])).unwrap())
        .collect();
    for (it, (_, mut fields)) in list("renamed").zip(taken) {
        fields["domain"] = it["domain"].clone();
        assert!(
            sites
                .insert(text(&it["domain"]), (text(&it["name"]), fields))
                .is_none()
        );
    }
    for it in list("removed") {
        sites.remove(&text(&it["domain"])).unwrap();
    }
    for it in list("added") {
        let entry = it["entry"].as_object().unwrap().clone();
        assert!(
            sites
                .insert(text(&it["domain"]), (text(&it["name"]), entry))
                .is_none()
        );
    }
    for it in list("changed") {
        let (_, fields) = sites.get_mut(&text(&it["domain"])).unwrap();
        for (name, values) in it["fields"].as_object().unwrap() {
            let before = fields.shift_remove(name).unwrap_or_default();
            assert_eq!(before, values["before"]);
            if !values["after"].is_null() {
                fields.insert(name.clone(), values["after"].clone());
            }
        }
    }
    sites
}

/// The search index of some sites, by object.
fn index(sites: &Sites) -> BTreeMap<String, Value> {
    let object = |(domain, (name, fields)): (&String, &(String, Map<String, Value>))| {
        let mut object = json!({ "objectID": domain, "name": name });
        for (name, value) in fields {
            let name = match name.as_str() {
                "tfa" => "2fa",
                "categories" => "category",
                name => name,
            };
            object[name] = value.clone();
        }
        (domain.clone(), object)
    };
    sites.iter().map(object).collect()
}

fn update(mut index: BTreeMap<String, Value>, body: &Value) -> BTreeMap<String, Value> {
    for request in body["requests"].as_array().unwrap() {
        let id = request["body"]["objectID"].as_str().unwrap().to_owned();
        match request["action"].as_str().unwrap() {
            "deleteObject" => drop(index.remove(&id)),
            "addObject" => drop(index.insert(id, request["body"].clone())),
            other => panic!("{other}"),
        }
    }
    index
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_diff_applied_to_one_state_gives_the_other(from in sites(), to in sites()) {
        let folders = (written(&from), written(&to));
        let run = |args: &[&str]| parsed(&diff(&folders.0, &folders.1, args).ends_with(0).stdout);
        prop_assert_eq!(apply(from.clone(), &run(&["--format", "json"])), to.clone());
        let body = run(&["--format", "algolia"]);
        prop_assert_eq!(update(index(&from), &body), index(&to));
        let body = run(&["--format", "algolia", "--all"]);
        prop_assert_eq!(update(BTreeMap::new(), &body), index(&to));
    }
}
