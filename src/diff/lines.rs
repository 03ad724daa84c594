//! The URLs that the later state adds, one a line, for a link checker.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::{Diff, Pair};
use crate::source::Entry;
use crate::text::visible;

/// A line for each URL that an added or changed site has now and did not have before.
pub(crate) fn render(diff: &Diff<'_>) -> String {
    let mut lines = String::new();
    for url in added_urls(diff) {
        lines.push_str(&visible(&url));
        lines.push('\n');
    }
    lines
}

/// These URLs in byte order.
pub(super) fn added_urls<'s>(diff: &Diff<'s>) -> BTreeSet<Cow<'s, str>> {
    let mut added: BTreeSet<Cow<'s, str>> = BTreeSet::new();
    for entry in &diff.added {
        added.extend(urls(entry));
    }
    for Pair { was, is } in diff.renamed.iter().chain(&diff.changed) {
        let known: BTreeSet<_> = urls(was).collect();
        added.extend(urls(is).filter(|url| !known.contains(url)));
    }
    added
}

fn urls(entry: &Entry) -> impl Iterator<Item = Cow<'_, str>> {
    entry.addresses().into_iter().map(|(_, url)| url)
}
