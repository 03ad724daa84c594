use serde_json::Value;

use super::entry_path::misspelled;
use super::one_site_per_file::Grouping;
use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::schema::Violation;
use crate::source::Location;

/// Definitions of the entry schema that other rules report.
const REPORTED_ELSEWHERE: [&str; 8] = [
    "tfa-or-contact",
    "needs-tfa",
    "custom-method-list",
    "custom-software-list",
    "custom-hardware-list",
    "mixed-regions",
    "category",
    "text",
];

rule! {
    /// Finds unknown fields, missing fields, and invalid values.
    ///
    /// ## Why
    ///
    /// Many programs parse the published files strictly. One invalid value, and a password manager
    /// shows nothing.
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
    /// { "Example": { "domain": "example.com", "tfa": ["totp"], "categories": ["email"], … } }
    /// ```
    SCHEMA = "schema", Error, Output, fix: Safe, File(check)
}

rule! {
    /// Finds categories that the directory does not have. The built-in categories are those of the 2FA
    /// Directory. To replace them, write `schemas/categories.json` in the directory's folder, with
    /// items such as `"email": { "title": "Email" }`.
    ///
    /// ## Why
    ///
    /// Websites show sites by category. A site with an unknown category is shown nowhere.
    ///
    /// ## Bad
    ///
    /// ```json
    /// "categories": ["emails"]
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// "categories": ["email"]
    /// ```
    UNKNOWN_CATEGORY = "unknown-category", Error, Output, fix: Safe, File(|file| {
        let violations = file.violations.iter();
        violations.filter(|violation| violation.definition == "category").map(Problem::from).collect()
    })
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let sites = context.value().and_then(Value::as_object);
    if sites.is_some_and(|sites| Grouping::of(sites) != Grouping::Sites) {
        return Vec::new();
    }
    let is_reported_elsewhere = |definition: &str| match definition {
        // The number of sites.
        "" => true,
        _ => REPORTED_ELSEWHERE.contains(&definition),
    };
    let violations = context.violations.iter();
    violations
        .filter(|violation| !is_reported_elsewhere(&violation.definition))
        .filter(|violation| !is_about_url(context, violation))
        .map(|violation| misspelled_domain(context, violation).unwrap_or_else(|| violation.into()))
        .collect()
}

/// The problem of a domain that the name of the file shows how to correct.
fn misspelled_domain(context: &FileContext<'_>, violation: &Violation) -> Option<Problem> {
    let Location::Value(pointer) = &violation.location else {
        return None;
    };
    let is_main = violation.definition == "domain" && pointer.ends_with("/domain");
    if !is_main || violation.fix.is_some() {
        return None;
    }
    let domain = context.value()?.pointer(pointer)?.as_str()?;
    misspelled(&context.file.path, domain, violation.location.clone())
}

/// Whether `invalid-url` reports a violation, because the value is a string.
fn is_about_url(context: &FileContext<'_>, violation: &Violation) -> bool {
    let Location::Value(pointer) = &violation.location else {
        return false;
    };
    let value = context.value().and_then(|value| value.pointer(pointer));
    violation.definition == "address" && value.is_some_and(Value::is_string)
}
