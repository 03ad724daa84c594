use serde_json::{Map, Value};

use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::source::document::escape;
use crate::text::enumerate;

rule! {
    /// Finds files that contain no site, or several.
    ///
    /// ## Why
    ///
    /// People and programs find an entry by its file name, which can only name one site.
    ///
    /// ## Bad
    ///
    /// ```json
    /// {
    ///   "Example": { "domain": "example.com", … },
    ///   "Example Bank": { "domain": "bank.example", … }
    /// }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", … } }
    /// ```
    ONE_SITE_PER_FILE = "one-site-per-file", Error, Output, fixable: false, File(check)
}

/// Whether a file starts with the fields of an entry instead of the site's name. Other problems
/// cannot be told before the name is there.
pub(crate) fn is_nameless(sites: &Map<String, Value>) -> bool {
    sites
        .get("domain")
        .is_some_and(|domain| domain.as_str().is_some())
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let sites = match context.value() {
        None => return Vec::new(),
        Some(Value::Object(sites)) => sites,
        Some(other) => {
            let kind = match other {
                Value::Array(_) => "an array",
                Value::String(_) => "a string",
                _ => "a single value",
            };
            let message = format!("this file contains {kind}, not an object");
            let help = "An entry file looks like this: `{ \"Example\": { \"domain\": … } }`.";
            return vec![Problem::new(Location::Value(String::new()), message, help)];
        }
    };
    if is_nameless(sites) {
        return vec![Problem::new(
            Location::Name("/domain".to_owned()),
            "the site's name is missing around this entry",
            "Put the whole entry in braces after the name: `{ \"Example\": { \"domain\": … } }`.",
        )];
    }
    let mut names = sites.iter().map(|(name, _)| name.as_str());
    let problem = match (names.next(), names.next()) {
        (None, _) => Problem::of_file(
            "this file contains no site",
            "Add the site's name and entry, or remove the file.",
        ),
        (_, Some(second)) => Problem::new(
            Location::Name(format!("/{}", escape(second))),
            format!(
                "this file contains several sites: {}",
                enumerate(sites.iter().map(|(name, _)| name.as_str()), "and")
            ),
            "Give each site its own file, named after its domain. If these are fields of one entry, a \
             closing brace comes too early.",
        ),
        _ => return Vec::new(),
    };
    vec![problem]
}
