//! What changed: in the API, from `templates/changes.toml` and the settings; and in the data, from
//! `changes.json`.

use minijinja::{Value, context};
use serde::{Deserialize, Serialize};

use super::context::SiteContext;
use super::environment::Templates;
use crate::api::{CHANGES_FILE, ChangeKind, ChangesFile, MAX_CHANGES, SiteChange};
use crate::directory::{Settings, VersionSettings};
use crate::failure::Result;
use crate::source::Location;
use crate::text::{quote, visible};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApiChange {
    /// A day or a month: `2024-07-31` or `2024-07`.
    date: String,
    /// The version that changed, if only one did.
    version: Option<u64>,
    /// What changed, in Markdown.
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiChangesFile {
    #[serde(default)]
    change: Vec<ApiChange>,
}

const NAME: &str = "changes.toml";

/// All changes, newest first: those in the file, and the ends of versions from the settings.
///
/// # Errors
///
/// The error has the location in the file.
pub(crate) fn changes(site: &SiteContext<'_>, templates: &Templates<'_>) -> Result<Vec<ApiChange>> {
    // The built-in list is the history of the 2FA Directory.
    let is_its_own = templates.replaces(NAME) || *site.settings().api == *Settings::default().api;
    let text = if is_its_own { templates.text(NAME) } else { "" };
    let mut changes = match toml::from_str::<ApiChangesFile>(text) {
        Ok(file) => file.change,
        Err(error) => {
            let location = error.span().map_or(Location::File, Location::Bytes);
            let reason = error.message().trim();
            let message = format!("this list of changes is not valid: {reason}");
            return Err(templates.invalid(NAME, location, message, HELP));
        }
    };
    if let Some(change) = changes.iter().find(|change| !is_date(&change.date)) {
        let message = format!("{} is not a day or month", quote(&change.date));
        return Err(templates.invalid(NAME, Location::File, message, HELP));
    }
    let versions = &site.settings().versions;
    changes.extend(versions.iter().filter_map(last_day));
    changes.sort_by(|a, b| b.date.cmp(&a.date));
    Ok(changes)
}

/// The last day of a version, if the settings name one.
fn last_day(version: &VersionSettings) -> Option<ApiChange> {
    let number = version.number;
    let (date, text) = match (&version.ended, &version.ends) {
        (Some(date), _) => (
            date,
            format!("The last day of version {number}. Its files are no longer published."),
        ),
        (None, Some(date)) => (date, format!("The last day of version {number}.")),
        (None, None) => return None,
    };
    Some(ApiChange {
        date: date.clone(),
        version: None,
        text,
    })
}

const HELP: &str = "Write each change as a table `[[change]]` with a `date` in quotes, such as \
                    \"2024-07-31\" or \"2024-07\", a `text`, and a `version` if only one changed.";

fn is_date(text: &str) -> bool {
    let form: String = text
        .chars()
        .map(|char| if char.is_ascii_digit() { '0' } else { char })
        .collect();
    form == "0000-00-00" || form == "0000-00"
}

/// How many changes of sites the page shows.
const MAX_SHOWN: usize = 30;

/// The changes of sites that the build publishes; `None` without a feed.
fn published(site: &SiteContext<'_>) -> Option<Vec<SiteChange>> {
    let file = site.file(CHANGES_FILE)?;
    serde_json::from_slice(&file.bytes)
        .ok()
        .map(|ChangesFile { changes }| changes)
}

/// The newest changes of sites, newest first; `None` without a feed.
pub(crate) fn sites(site: &SiteContext<'_>) -> Option<Vec<Value>> {
    let changes = published(site)?;
    Some(changes.iter().take(MAX_SHOWN).map(row).collect())
}

/// The entries of the feed: one for each commit, newest first; `None` without a feed.
///
/// They depend on `changes.json` only, so that they can continue a published feed. If it is full, the
/// changes of its last commit may be incomplete, and an entry must not change later: it is left out,
/// unless it is the only one.
pub(crate) fn commits(site: &SiteContext<'_>) -> Option<Vec<Value>> {
    let changes = published(site)?;
    let is_full = changes.len() >= MAX_CHANGES;
    let mut commits: Vec<_> = changes.chunk_by(|a, b| a.commit == b.commit).collect();
    if is_full && commits.len() > 1 {
        commits.pop();
    }
    commits.iter().map(|commit| entry(site, commit)).collect()
}

/// The entry of the feed for one commit.
fn entry(site: &SiteContext<'_>, changes: &[SiteChange]) -> Option<Value> {
    let first = changes.first()?;
    let host = tag_authority(&site.settings().api);
    Some(context! {
        id => format!("tag:{host},{}:{}", first.time.get(..10)?, first.commit),
        time => &*first.time,
        link => link(site, &first.commit),
        title => match changes.len() {
            1 => format!("{}: {}", title(&first.name, &first.domain), what(first)),
            MAX_CHANGES.. => format!("{MAX_CHANGES} sites or more: {}", names(changes)),
            number => format!("{number} sites: {}", names(changes)),
        },
        changes => changes.iter().map(row).collect::<Vec<_>>(),
    })
}

/// The host of a URL as the authority of a tag URI (RFC 4151): letters, digits, hyphens and dots.
fn tag_authority(url: &str) -> &str {
    let address = url.split("://").nth(1).unwrap_or_default();
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '.';
    address
        .split(|char| !is_name(char))
        .next()
        .unwrap_or_default()
}

/// Where to read about a commit: on GitHub, or else on the page of changes.
fn link(site: &SiteContext<'_>, commit: &str) -> String {
    match site.github() {
        Some(repository) => format!("{repository}/commit/{commit}"),
        None => format!("{}changes/", site.settings().api),
    }
}

/// A change of a site as the page and the feed show it.
fn row(change: &SiteChange) -> Value {
    context! {
        day => change.time.get(..10),
        time => &*change.time,
        title => title(&change.name, &change.domain),
        what => what(change),
        url => change.url.as_deref(),
        documentation => change.documentation.as_deref(),
    }
}

/// The names of the first sites.
fn names(changes: &[SiteChange]) -> String {
    let names: Vec<String> = changes
        .iter()
        .take(3)
        .map(|change| visible(&change.name))
        .collect();
    let more = if changes.len() > names.len() {
        ", …"
    } else {
        ""
    };
    format!("{}{more}", names.join(", "))
}

/// A site: `Example (example.com)`.
fn title(name: &str, domain: &str) -> String {
    visible(&format!("{name} ({domain})"))
}

/// What happened to a site, in a few words.
fn what(change: &SiteChange) -> String {
    let gained = change.gained.iter().map(|method| format!("+{method}"));
    let lost = change.lost.iter().map(|method| format!("−{method}"));
    let others = change
        .fields
        .iter()
        .filter(|field| *field != "tfa")
        .cloned();
    let mut details: Vec<String> = gained.chain(lost).chain(others).collect();
    if details.is_empty() && !change.fields.is_empty() {
        details.push("another order of methods".to_owned());
    }
    let text = match change.kind {
        ChangeKind::Added if change.gained.is_empty() => "added, no 2FA".to_owned(),
        ChangeKind::Added => format!("added with {}", change.gained.join(", ")),
        ChangeKind::Removed => "removed".to_owned(),
        ChangeKind::Changed => format!("changed: {}", details.join(", ")),
        ChangeKind::Renamed => {
            let was = change.was.as_ref().map(|was| title(&was.name, &was.domain));
            let was = format!("renamed, was {}", was.unwrap_or_default());
            if details.is_empty() {
                was
            } else {
                format!("{was}; {}", details.join(", "))
            }
        }
    };
    visible(&text)
}
