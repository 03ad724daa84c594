use serde_json::{Map, Value};

use super::json_syntax::ENTRY_FILE;
use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::document::escape;
use crate::source::syntax;
use crate::source::{Location, Verb};
use crate::text::{enumerate, visible};

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
    ///
    /// ## Fix
    ///
    /// Moves a closing brace that ends the entry before its last field.
    ONE_SITE_PER_FILE = "one-site-per-file", Error, Output, fix: Safe, File(check)
}

/// How a file groups its fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grouping {
    /// By the names of sites.
    Sites,
    /// Not at all: the site's name is missing.
    Nameless,
    /// Some fields are outside the entry, which ends too early.
    EarlyEnd,
}

impl Grouping {
    pub(crate) fn of(sites: &Map<String, Value>) -> Self {
        let fields = sites.iter().filter(is_field).count();
        if fields == 0 {
            Self::Sites
        } else if fields == sites.len() {
            Self::Nameless
        } else {
            Self::EarlyEnd
        }
    }
}

/// Whether a site is a field of an entry instead.
fn is_field((name, value): &(&String, &Value)) -> bool {
    let is_single = value.is_string() || value.is_array();
    is_single || name.as_str() == "contact" && value.is_object()
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let problem = match context.value() {
        None => None,
        Some(Value::Object(sites)) => match Grouping::of(sites) {
            Grouping::Nameless => nameless(sites),
            Grouping::EarlyEnd => Some(early_end(context, sites)),
            Grouping::Sites => of_sites(sites),
        },
        Some(other) => Some(not_an_object(other)),
    };
    problem.into_iter().collect()
}

fn not_an_object(value: &Value) -> Problem {
    let kind = match value {
        Value::Array(_) => "an array",
        Value::String(_) => "a string",
        _ => "a single value",
    };
    let message = format!("this file contains {kind}, not an object");
    let help = "An entry file looks like this: `{ \"Example\": { \"domain\": … } }`.";
    Problem::new(Location::Value(String::new()), message, help)
}

fn nameless(fields: &Map<String, Value>) -> Option<Problem> {
    let (first, _) = fields.iter().next()?;
    let (message, help) = match fields.get("name").and_then(Value::as_str) {
        Some(name) => (
            "the site's name is inside its entry",
            format!(
                "Write `{{ {}:` before the first brace and `}}` after the last one, and remove the field `name`.",
                visible(&Value::from(name).to_string())
            ),
        ),
        None => (
            "the site's name is missing around this entry",
            "Write `{ \"Example\":` before the first brace, with the site's name instead of Example, and `}` after the \
             last one."
                .to_owned(),
        ),
    };
    let location = Location::Name(format!("/{}", escape(first)));
    Some(Problem::new(location, message, help))
}

fn early_end(context: &FileContext<'_>, sites: &Map<String, Value>) -> Problem {
    let outside: Vec<&str> = sites
        .iter()
        .filter(is_field)
        .map(|(name, _)| name.as_str())
        .collect();
    let location = Location::Name(format!("/{}", escape(outside[0])));
    let is_or_are = if outside.len() == 1 { "is" } else { "are" };
    let names = enumerate(outside, "and");
    let message = format!("{names} {is_or_are} outside the entry");
    let help = "A closing brace comes too early. Move it after the last field of the entry.";
    let problem = Problem::new(location, message, help);
    match syntax::repair(&context.file.text, &ENTRY_FILE) {
        Some(repair) if repair.is_correctable => {
            let edits = repair
                .errors
                .into_iter()
                .flat_map(|error| error.edits)
                .collect();
            problem.fix(
                Verb::Move.title("the closing brace"),
                Change::Replace(edits),
            )
        }
        _ => problem,
    }
}

fn of_sites(sites: &Map<String, Value>) -> Option<Problem> {
    let mut names = sites.keys();
    match (names.next(), names.next()) {
        (None, _) => Some(Problem::of_file(
            "this file contains no site",
            "Add the site's name and entry, or remove the file.",
        )),
        (_, Some(second)) => Some(Problem::new(
            Location::Name(format!("/{}", escape(second))),
            format!(
                "this file contains several sites: {}",
                enumerate(sites.keys().map(String::as_str), "and")
            ),
            "Give each site its own file, named after its domain.",
        )),
        _ => None,
    }
}
