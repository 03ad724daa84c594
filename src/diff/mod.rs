//! What differs between two states of a directory, as data.

pub(crate) mod algolia;
mod files;
pub(crate) mod human;
pub(crate) mod json;
pub(crate) mod lines;
pub(crate) mod markdown;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::Value;

use crate::check::OutputRules;
use crate::source::Entry;
use crate::state::State;
use crate::text::{count, join, visible};

pub(crate) use files::{FileDifference, published};

/// The differences between two states, each list by domain in byte order.
#[derive(Debug, Clone)]
pub(crate) struct Diff<'s> {
    pub(crate) added: Vec<&'s Entry>,
    pub(crate) removed: Vec<&'s Entry>,
    /// Sites with another name at the same domain, with another domain under the same name, or with both
    /// and a trace of the old entry.
    pub(crate) renamed: Vec<Pair<'s>>,
    /// Sites with other fields. One that was renamed too is in both lists.
    pub(crate) changed: Vec<Pair<'s>>,
    /// What differs in the published files.
    pub(crate) files: Vec<FileDifference>,
    /// Sites that did not change, where they are wanted.
    pub(crate) unchanged: Vec<&'s Entry>,
    /// The domains of those of the sites above that a build would refuse, before or after the change.
    pub(crate) refused: BTreeSet<&'s str>,
}

/// One site in both states.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair<'s> {
    pub(crate) was: &'s Entry,
    pub(crate) is: &'s Entry,
}

/// A field before and after; `None` where the site does not have it.
type FieldChange<'s> = (&'s str, Option<&'s Value>, Option<&'s Value>);

impl<'s> Diff<'s> {
    pub(crate) fn of(from: &'s State, to: &'s State) -> Self {
        let mut old: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in &from.entries {
            old.insert(entry.domain(), entry);
        }
        let mut pairs = Vec::new();
        let mut added = Vec::new();
        for is in &to.entries {
            match old.remove(is.domain()) {
                Some(was) => pairs.push(Pair { was, is }),
                None => added.push(is),
            }
        }
        let mut removed: Vec<&Entry> = old.into_values().collect();
        pair_moved(&mut pairs, &mut removed, &mut added, name, name);
        pair_moved(&mut pairs, &mut removed, &mut added, traces, origins);
        pairs.sort_by_key(|pair| pair.is.domain());

        let mut diff = Self {
            added,
            removed,
            renamed: Vec::new(),
            changed: Vec::new(),
            files: Vec::new(),
            unchanged: Vec::new(),
            refused: BTreeSet::new(),
        };
        for pair in pairs {
            let is_changed = !pair.fields().is_empty();
            if pair.is_renamed() {
                diff.renamed.push(pair);
            }
            if is_changed {
                diff.changed.push(pair);
            }
            if !is_changed && !pair.is_renamed() {
                diff.unchanged.push(pair.is);
            }
        }
        diff
    }

    /// Finds the sites that a build would refuse.
    pub(crate) fn judge(&mut self, rules: &OutputRules) {
        for entry in self.added.iter().chain(&self.removed) {
            if !rules.accept(entry) {
                self.refused.insert(entry.domain());
            }
        }
        for Pair { was, is } in self.renamed.iter().chain(&self.changed) {
            if !rules.accept(was) || !rules.accept(is) {
                self.refused.insert(is.domain());
            }
        }
    }

    /// The differences between sites that a build would publish.
    fn without_refused(&self) -> Self {
        let is_fine = |entry: &Entry| !self.refused.contains(entry.domain());
        let mut diff = self.clone();
        diff.added.retain(|entry| is_fine(entry));
        diff.removed.retain(|entry| is_fine(entry));
        diff.renamed.retain(|pair| is_fine(pair.is));
        diff.changed.retain(|pair| is_fine(pair.is));
        diff
    }

    /// Whether both states say the same.
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.renamed.is_empty()
            && self.changed.is_empty()
    }

    /// How many sites changed in which way: `1 site added and 2 sites changed`.
    pub(crate) fn summary(&self) -> String {
        let numbers = [
            (self.added.len(), "added"),
            (self.removed.len(), "removed"),
            (self.renamed.len(), "renamed"),
            (self.changed.len(), "changed"),
        ];
        let mut parts = Vec::new();
        for (number, how) in numbers {
            if number > 0 {
                parts.push(format!("{} {how}", count(number, "site", "sites")));
            }
        }
        if parts.is_empty() {
            "no site changed".to_owned()
        } else {
            join(&parts, "and")
        }
    }
}

/// Pairs removed with added sites that share a key.
fn pair_moved<'s>(
    pairs: &mut Vec<Pair<'s>>,
    removed: &mut Vec<&'s Entry>,
    added: &mut Vec<&'s Entry>,
    old_keys: fn(&Entry) -> Vec<String>,
    new_keys: fn(&Entry) -> Vec<String>,
) {
    let mut by_key: HashMap<String, &Entry> = HashMap::new();
    for was in removed.iter() {
        for key in old_keys(was) {
            by_key.entry(key).or_insert(was);
        }
    }
    let mut moved = HashSet::new();
    let mut left = Vec::new();
    for is in added.drain(..) {
        let keys = new_keys(is);
        let mut candidates = keys.iter().filter_map(|key| by_key.get(key));
        match candidates.find(|was| !moved.contains(was.domain())) {
            Some(was) => {
                moved.insert(was.domain());
                pairs.push(Pair { was, is });
            }
            None => left.push(is),
        }
    }
    *added = left;
    removed.retain(|was| !moved.contains(was.domain()));
}

fn name(entry: &Entry) -> Vec<String> {
    vec![entry.name.clone()]
}

/// What a site leaves in its new entry if it gets another name and domain at once: the old domain, as
/// an additional one, or the pages of its own.
fn traces(entry: &Entry) -> Vec<String> {
    let mut traces = vec![entry.domain().to_owned()];
    traces.extend(pages(entry));
    traces
}

/// Where a new entry may come from; see [`traces`].
fn origins(entry: &Entry) -> Vec<String> {
    let mut origins: Vec<String> = entry
        .domains()
        .map(|domain| domain.name.to_owned())
        .collect();
    origins.extend(pages(entry));
    origins
}

fn pages(entry: &Entry) -> impl Iterator<Item = String> {
    let fields = ["documentation", "recovery"].into_iter();
    fields.filter_map(|field| entry.text(field).map(str::to_owned))
}

impl<'s> Pair<'s> {
    pub(crate) fn is_renamed(&self) -> bool {
        self.was.domain() != self.is.domain() || self.was.name != self.is.name
    }

    /// The fields that differ, methods first, without the domain.
    pub(crate) fn fields(&self) -> Vec<FieldChange<'s>> {
        let Pair { was, is } = *self;
        let lost = was
            .fields
            .keys()
            .filter(|name| !is.fields.contains_key(*name));
        let mut fields = Vec::new();
        for name in is.fields.keys().chain(lost) {
            let (before, after) = (was.fields.get(name), is.fields.get(name));
            if name != "domain" && before != after {
                fields.push((name.as_str(), before, after));
            }
        }
        fields.sort_by_key(|(name, ..)| {
            !matches!(*name, "tfa" | "custom-software" | "custom-hardware")
        });
        fields
    }
}

/// A change of a field in a few words: what an array gained and lost, or both values.
fn in_words((name, before, after): FieldChange<'_>) -> String {
    let whole = match (before.map(shown), after.map(shown)) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (Some(before), None) => format!("−{before}"),
        (None, after) => format!("+{}", after.unwrap_or_default()),
    };
    let words = match (elements(before), elements(after)) {
        (Some(before), Some(after)) => {
            let was: HashSet<&String> = before.iter().collect();
            let is: HashSet<&String> = after.iter().collect();
            let mut words = Vec::new();
            for element in after.iter().filter(|element| !was.contains(element)) {
                words.push(format!("+{element}"));
            }
            for element in before.iter().filter(|element| !is.contains(element)) {
                words.push(format!("−{element}"));
            }
            match words.as_slice() {
                // The same elements in another number, or a list that appears or disappears.
                [] if before.len() != after.len() || before.is_empty() => whole,
                [] => "another order".to_owned(),
                words => words.join(" "),
            }
        }
        _ => whole,
    };
    format!("{name}: {words}")
}

/// A string without quotation marks, or another value as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The elements of an array, which may be missing; `None` for another value.
fn elements(value: Option<&Value>) -> Option<Vec<String>> {
    match value {
        None => Some(Vec::new()),
        Some(value) => Some(value.as_array()?.iter().map(shown).collect()),
    }
}

/// Longer addresses are not linked.
const MAX_URL_BYTES: usize = 2048;

/// Whether a text is a web address that can be linked.
pub(crate) fn is_web_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && !text.contains(char::is_whitespace)
        && visible(text) == text
        && text.len() <= MAX_URL_BYTES
}

/// A site in a list: `Example (example.com)`.
fn title(entry: &Entry) -> String {
    format!("{} ({})", entry.name, entry.domain())
}

/// The methods of a site in a few words.
fn methods(entry: &Entry) -> String {
    let methods: Vec<&str> = entry
        .array("tfa")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    if methods.is_empty() {
        "no 2FA".to_owned()
    } else {
        methods.join(", ")
    }
}
