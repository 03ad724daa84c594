//! Differences as Markdown, for a comment on a pull request.

use std::fmt::Write;

use super::lines::added_urls;
use super::{Diff, in_words, is_web_address, json, methods, title};
use crate::report::inline::{cell, code, truncated};
use crate::source::Entry;
use crate::text::{count, visible};

/// What GitHub accepts as a comment is 65,536 characters; the rest is for the workflow.
const MAX_BYTES: usize = 60_000;

/// How much of it the table may take.
const MAX_TABLE_BYTES: usize = 40_000;

/// How much of it the table and the list of added links may take.
const MAX_LINKS_BYTES: usize = 50_000;

/// A table of the sites, the published files, and the JSON form. Nothing that an entry holds becomes
/// Markdown or HTML, except the targets of links. Entries that a build would refuse are left out, because
/// their links can be harmful.
pub(crate) fn render(all: &Diff<'_>) -> String {
    if all.is_empty() {
        return "## What changes\n\nNo site changes.\n".to_owned();
    }
    let diff = &all.without_refused();
    let mut page = "## What changes\n".to_owned();
    if !diff.is_empty() {
        // Writing into a string does not fail.
        let _ = writeln!(page, "\n{}.", diff.summary());
    }
    if !all.refused.is_empty() {
        let sites = count(all.refused.len(), "site is", "sites are");
        let _ = writeln!(
            page,
            "\n{sites} not shown, because a build refuses an entry: run `tfadir check`."
        );
    }
    let rows = rows(diff);
    if !rows.is_empty() {
        page.push_str("\n| Site | Change | Evidence |\n| --- | --- | --- |\n");
    }
    let mut shown = 0;
    for row in &rows {
        if page.len() + row.len() > MAX_TABLE_BYTES {
            break;
        }
        page.push_str(row);
        shown += 1;
    }
    if shown < rows.len() {
        let more = count(rows.len() - shown, "more change", "more changes");
        let _ = writeln!(page, "\n{more}: run `tfadir diff` to see them.");
    }
    push_added_links(&mut page, diff);
    if !diff.files.is_empty() {
        page.push_str("\nPublished files:\n\n");
    }
    for file in &diff.files {
        let _ = writeln!(page, "- `{file}`");
    }
    // In this form of JSON, no line begins with a backtick, so nothing ends the block early.
    let data = format!("{:#}", json::fields(diff));
    let lines: Vec<String> = data.lines().map(visible).collect();
    let details = format!(
        "\n<details><summary>JSON, before and after</summary>\n\n```json\n{}\n```\n\n</details>\n",
        lines.join("\n")
    );
    if page.len() + details.len() > MAX_BYTES {
        page.push_str("\nFor the JSON, run `tfadir diff --format json`.\n");
    } else {
        page.push_str(&details);
    }
    page
}

/// The URLs that are added, as text: reviewers see where the links lead before they open one.
fn push_added_links(page: &mut String, diff: &Diff<'_>) {
    let urls = added_urls(diff);
    if urls.is_empty() {
        return;
    }
    page.push_str("\nAdded links:\n\n");
    for (index, url) in urls.iter().enumerate() {
        let line = format!("- {}\n", code(&truncated(&visible(url))));
        if page.len() + line.len() > MAX_LINKS_BYTES {
            let more = count(urls.len() - index, "more link", "more links");
            let _ = writeln!(
                page,
                "- {more}: run `tfadir diff --format lines` to see them."
            );
            break;
        }
        page.push_str(&line);
    }
}

fn rows(diff: &Diff<'_>) -> Vec<String> {
    let mut rows = Vec::new();
    for entry in &diff.added {
        rows.push(row(entry, &[format!("added: {}", methods(entry))]));
    }
    for entry in &diff.removed {
        rows.push(row(entry, &[format!("removed: {}", methods(entry))]));
    }
    for pair in &diff.renamed {
        rows.push(row(pair.is, &[format!("renamed, was {}", title(pair.was))]));
    }
    for pair in &diff.changed {
        let changes: Vec<String> = pair.fields().into_iter().map(in_words).collect();
        rows.push(row(pair.is, &changes));
    }
    rows
}

fn row(entry: &Entry, changes: &[String]) -> String {
    let cells: Vec<String> = changes.iter().map(|change| cell(change)).collect();
    format!(
        "| {} | {} | {} |\n",
        cell(&title(entry)),
        cells.join("<br>"),
        evidence(entry)
    )
}

/// Links to the documentation and the site itself.
fn evidence(entry: &Entry) -> String {
    let home = format!("https://{}", entry.domain());
    let site = link("site", entry.text("url").unwrap_or(&home));
    let documentation = entry
        .text("documentation")
        .and_then(|url| link("documentation", url));
    let links: Vec<String> = documentation.into_iter().chain(site).collect();
    links.join(" ")
}

/// A link to a web address; `None` for any other text.
fn link(title: &str, url: &str) -> Option<String> {
    if !is_web_address(url) {
        return None;
    }
    let mut target = String::new();
    for char in url.chars() {
        match char {
            // GitHub would look for a mention.
            '@' => target.push_str("%40"),
            _ if char.is_ascii_punctuation() => {
                let _ = write!(target, "&#{};", u32::from(char));
            }
            _ => target.push(char),
        }
    }
    // Without angle brackets, which the workflow that posts the comment escapes.
    Some(format!("[{title}]({target})"))
}
