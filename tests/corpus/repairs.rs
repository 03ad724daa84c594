//! Typing errors in real entries: what `check --fix` restores, and what it leaves alone.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Map, Value};

use crate::common::{Tfadir, files};
use crate::root;

const ENTRIES: usize = 500;
const SEED: u64 = 20_251_129;

/// A typing error at a place, given by a random number.
type Mistake = fn(&[char], &mut Random) -> String;

const MISTAKES: [(&str, Mistake); 6] = [
    ("deletion", deletion),
    ("deletion of punctuation", deletion_of_punctuation),
    ("insertion", insertion),
    ("swap", swap),
    ("swap of punctuation", swap_of_punctuation),
    ("exchange of a bracket", exchange),
];

/// The generator `SplitMix64`, so that each run makes the same mistakes.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) >> 8).unwrap() % end
    }

    fn one_of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// The places of the characters that the syntax consists of.
fn punctuation(text: &[char]) -> Vec<usize> {
    let places = 0..text.len() - 1;
    places.filter(|at| "{}[]\",:".contains(text[*at])).collect()
}

fn without(text: &[char], at: usize) -> String {
    text[..at].iter().chain(&text[at + 1..]).collect()
}

fn swapped(text: &[char], at: usize) -> String {
    let mut swapped = text.to_vec();
    swapped.swap(at, at + 1);
    swapped.into_iter().collect()
}

fn deletion(text: &[char], random: &mut Random) -> String {
    without(text, random.below(text.len()))
}

fn deletion_of_punctuation(text: &[char], random: &mut Random) -> String {
    without(text, random.one_of(&punctuation(text)))
}

fn insertion(text: &[char], random: &mut Random) -> String {
    let at = random.below(text.len());
    let inserted = random.one_of(&['"', ',', ':', '{', '}', '[', ']', 'a', '\\', '\'', ';', ' ']);
    let (before, after) = text.split_at(at);
    before.iter().chain([&inserted]).chain(after).collect()
}

fn swap(text: &[char], random: &mut Random) -> String {
    swapped(text, random.below(text.len() - 1))
}

fn swap_of_punctuation(text: &[char], random: &mut Random) -> String {
    swapped(text, random.one_of(&punctuation(text)))
}

fn exchange(text: &[char], random: &mut Random) -> String {
    let places = punctuation(text);
    let is_bracket = |at: &&usize| "{}[]".contains(text[**at]);
    let brackets: Vec<usize> = places.iter().filter(is_bracket).copied().collect();
    let mut exchanged = text.to_vec();
    exchanged[random.one_of(&brackets)] = random.one_of(&['{', '}', '[', ']', '(', ')']);
    exchanged.into_iter().collect()
}

/// Whether a text is one site with known fields of the right types.
fn is_entry(text: &str) -> bool {
    const ARRAYS: [&str; 6] = [
        "additional-domains",
        "tfa",
        "custom-software",
        "custom-hardware",
        "categories",
        "regions",
    ];
    const STRINGS: [&str; 6] = ["domain", "url", "img", "documentation", "recovery", "notes"];
    let Ok(Value::Object(sites)) = serde_json::from_str(text) else {
        return false;
    };
    let is_field = |(name, value): (&String, &Value)| match value {
        Value::Array(items) => {
            ARRAYS.contains(&name.as_str()) && items.iter().all(Value::is_string)
        }
        Value::String(_) => STRINGS.contains(&name.as_str()),
        Value::Object(contact) => name == "contact" && contact.values().all(Value::is_string),
        _ => false,
    };
    let is_site = |entry: &Value| {
        entry
            .as_object()
            .is_some_and(|entry| entry.iter().all(is_field))
    };
    sites.len() == 1 && sites.values().all(is_site)
}

/// `check --fix` never leaves a changed file that is not an entry, and restores three of four files
/// that a mistake makes unreadable.
pub(crate) fn typing_errors_are_restored_or_left_alone() {
    let mut random = Random(SEED);
    let entries = files(&root().join("entries"));
    let step = entries.len() / ENTRIES;
    let chosen: Vec<(&String, &Vec<u8>)> = entries.iter().step_by(step).take(ENTRIES).collect();
    let (mut broken, mut restored) = (0, 0);
    for (kind, mistake) in MISTAKES {
        let folder = tempfile::tempdir().unwrap();
        let mut wrong = BTreeMap::new();
        for (path, bytes) in &chosen {
            let text: Vec<char> = std::str::from_utf8(bytes).unwrap().chars().collect();
            let text = mistake(&text, &mut random);
            if serde_json::from_str::<Value>(&text).is_err() {
                let file = folder.path().join("entries").join(path);
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, &text).unwrap();
                wrong.insert(*path, text);
            }
        }
        let args = ["check", "--fix", "--root", folder.path().to_str().unwrap()];
        Tfadir::new(&args).run();
        let after = files(&folder.path().join("entries"));
        let mut exact = 0;
        for (path, text) in &wrong {
            let fixed = std::str::from_utf8(&after[*path]).unwrap();
            let original: Map<String, Value> = serde_json::from_slice(&entries[*path]).unwrap();
            let is_restored =
                serde_json::from_str(fixed).is_ok_and(|fixed: Map<_, _>| fixed == original);
            exact += usize::from(is_restored);
            assert!(
                fixed == text || is_entry(fixed),
                "{kind} in {path}:\n{text}\n\n{fixed}"
            );
        }
        eprintln!("{kind}: {exact} of {}", wrong.len());
        broken += wrong.len();
        restored += exact;
    }
    eprintln!("restored: {restored} of {broken}");
    assert!(restored * 4 > broken * 3, "{restored} of {broken}");
}
