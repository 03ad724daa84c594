use serde_json::Value;

use super::one_site_per_file::is_nameless;
use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};

/// Parts of the entry schema that have a rule of their own.
const RULED_ELSEWHERE: [&str; 7] = [
    "tfa-or-contact",
    "needs-tfa",
    "custom-method-list",
    "custom-software-list",
    "custom-hardware-list",
    "mixed-regions",
    "category",
];

rule! {
    /// Finds fields that an entry does not have, that are missing, or whose values are not of the
    /// right form.
    ///
    /// ## Why
    ///
    /// Programs read the published files with strict parsers: one value of another form, and a
    /// password manager shows nothing at all.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domian": "Example.com", "tfa": "topt", "categories": [] } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["totp"], "categories": ["email"] } }
    /// ```
    SCHEMA = "schema", Error, Output, fixable: false, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    if let Some(Value::Object(sites)) = context.value()
        && is_nameless(sites)
    {
        return Vec::new();
    }
    let is_site_count = |definition: &str| {
        definition.is_empty() && matches!(context.value(), Some(Value::Object(_)))
    };
    context
        .violations
        .iter()
        .filter(|it| !RULED_ELSEWHERE.contains(&it.definition.as_str()))
        .filter(|it| !is_site_count(&it.definition))
        .map(Problem::from)
        .collect()
}
