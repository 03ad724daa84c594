use serde_json::{Map, Value};

use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::source::document::escape;
use crate::text::enumerate;

rule! {
    /// Finds files that hold no site, or several.
    ///
    /// ## Why
    ///
    /// The file's name says which site is in it; that is how people and programs find an entry.
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

/// Whether a file begins with the fields of an entry, where the site's name should be. What else is
/// wrong with it cannot be said before the name is there.
pub(crate) fn is_nameless(sites: &Map<String, Value>) -> bool {
    sites.get("domain").is_some_and(|it| it.as_str().is_some())
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let Some(Value::Object(sites)) = context.value() else {
        return Vec::new();
    };
    if is_nameless(sites) {
        return vec![Problem::new(
            Location::Name("/domain".to_owned()),
            "this entry has no site's name around it",
            "Put the whole entry in braces behind the name: `{ \"Example\": { \"domain\": … } }`.",
        )];
    }
    let names = || sites.keys().map(String::as_str);
    let problem = match (names().next(), names().nth(1)) {
        (None, _) => Problem::new(
            Location::File,
            "this file holds no site",
            "Write the site's name and entry into it, or remove the file.",
        ),
        (_, Some(second)) => Problem::new(
            Location::Name(format!("/{}", escape(second))),
            format!("this file holds several sites: {}", enumerate(names(), "and")),
            "Give each site a file of its own, named after its domain. Should these be fields of \
             one entry, then a closing brace stands too early.",
        ),
        _ => return Vec::new(),
    };
    vec![problem]
}
