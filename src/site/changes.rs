//! What changed in the API, from `templates/changes.toml` and the settings.

use serde::{Deserialize, Serialize};

use super::context::SiteContext;
use super::environment::Templates;
use crate::failure::Result;
use crate::source::Location;
use crate::text::quote;

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    /// A day or a month: `2024-07-31` or `2024-07`.
    date: String,
    /// The version that changed, if only one did.
    version: Option<u64>,
    /// What changed, in Markdown.
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    change: Vec<Change>,
}

const NAME: &str = "changes.toml";

/// All changes, newest first: those in the file, and the ends of versions from the settings.
///
/// # Errors
///
/// The error has the location in the file.
pub(crate) fn changes(site: &SiteContext<'_>, templates: &Templates<'_>) -> Result<Vec<Change>> {
    let invalid = |location, message| templates.invalid(NAME, location, message, HELP);
    let file: File = toml::from_str(templates.text(NAME)).map_err(|error| {
        let location = error.span().map_or(Location::File, Location::Bytes);
        invalid(location, format!("this list of changes is not valid: {}", error.message().trim()))
    })?;
    let mut changes = file.change;
    if let Some(Change { date, .. }) = changes.iter().find(|change| !is_date(&change.date)) {
        return Err(invalid(Location::File, format!("{} is not a day or month", quote(date))));
    }
    changes.extend(site.settings().versions.iter().filter_map(|version| {
        let number = version.number;
        let (date, text) = match (&version.ended, &version.ends) {
            (Some(date), _) => {
                (date, format!("Version {number} ended. Its files are no longer published."))
            }
            (None, Some(date)) => (date, format!("Version {number} ends.")),
            (None, None) => return None,
        };
        Some(Change { date: date.clone(), version: Some(number), text })
    }));
    changes.sort_by(|a, b| b.date.cmp(&a.date));
    Ok(changes)
}

const HELP: &str = "Write each change as a table `[[change]]` with a `date` in quotes, such as \
                    \"2024-07-31\" or \"2024-07\", a `text`, and a `version` if only one changed.";

fn is_date(text: &str) -> bool {
    let form: String = text.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
    form == "0000-00-00" || form == "0000-00"
}
