//! What changed in the API, from `templates/changes.toml` and the settings.

use serde::{Deserialize, Serialize};

use super::context::SiteContext;
use super::environment::{SiteError, Templates};
use crate::source::Location;

/// One change.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// The day or month, as `2024-07-31` or `2024-07`.
    date: String,
    /// The version that it is about, if it is about one.
    version: Option<u64>,
    /// What changed, in Markdown.
    text: String,
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    change: Vec<Change>,
}

const NAME: &str = "changes.toml";

/// All changes, the latest first: those of the file, and the ends of versions, which the settings
/// know.
///
/// # Errors
///
/// [`SiteError`] with the location where the file is not what it should be.
pub(crate) fn changes(
    site: &SiteContext<'_>,
    templates: &Templates<'_>,
) -> Result<Vec<Change>, SiteError> {
    let file: File = toml::from_str(templates.text(NAME)).map_err(|error| {
        let location = error.span().map_or(Location::File, Location::Bytes);
        let message = format!("this is no list of changes: {}", error.message().trim());
        templates.fault(NAME, location, message, HELP)
    })?;
    if let Some(change) = file.change.iter().find(|change| !is_date(&change.date)) {
        let message = format!("{} is no day or month", crate::text::quote(&change.date));
        return Err(templates.fault(NAME, Location::File, message, HELP));
    }
    let ends = site.settings().versions.iter().filter_map(|version| {
        let text = format!("Version {} ended. Its files are no longer published.", version.number);
        Some(Change { date: version.ended.clone()?, version: Some(version.number), text })
    });
    let mut changes = file.change;
    changes.extend(ends);
    changes.sort_by(|a, b| b.date.cmp(&a.date));
    Ok(changes)
}

const HELP: &str = "A change is written as a table `[[change]]` with a `date` in quotes, such as \
                    \"2024-07-31\" or \"2024-07\", a `version` if it is about one, and a `text`.";

fn is_date(text: &str) -> bool {
    let form: String = text.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
    form == "0000-00-00" || form == "0000-00"
}
