use serde_json::Value;

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};

rule! {
    /// Finds entries that list both included and excluded regions.
    ///
    /// ## Why
    ///
    /// "Only in these countries" and "everywhere except these countries" contradict each other.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "regions": ["us", "-ca"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "regions": ["us"]
    /// ```
    MIXED_REGIONS = "mixed-regions", Error, Output, fix: None, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let regions = context.entry.array("regions");
    let texts = regions.iter().filter_map(Value::as_str);
    let excluded = texts.filter(|region| region.starts_with('-')).count();
    if excluded == 0 || excluded == regions.len() {
        return Vec::new();
    }
    let help = "List the regions that the site serves, or, with a minus sign, those that it does not \
                serve.";
    let message = "`regions` mixes included and excluded regions";
    vec![Problem::new(context.name_of("regions"), message, help)]
}
