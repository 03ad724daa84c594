//! Rules about fields that only repeat the domain.

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::Verb;
use crate::text::quote;

rule! {
    /// Finds a `url` that only repeats the domain.
    ///
    /// ## Why
    ///
    /// Without `url`, websites link to `https://` and the domain. When the domain changes, a `url` that
    /// repeats it is easily forgotten.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "url": "https://example.com/", … } }
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
    /// Removes the field, also from version 3. In an entry that is not published yet, `--fix` does this;
    /// elsewhere `--unsafe-fixes`.
    REDUNDANT_URL = "redundant-url", Error, Review, fix: Unsafe, Entry(|context| check(context, "url", |url| {
        let host = url.strip_prefix("https://")?;
        Some(host.strip_suffix('/').unwrap_or(host))
    }))
}

rule! {
    /// Finds an `img` that only repeats the domain.
    ///
    /// ## Why
    ///
    /// Without `img`, the icon is the domain followed by `.svg`. When the domain changes, an `img` that
    /// repeats it is easily forgotten.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "img": "example.com.svg", … } }
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
    /// Removes the field, also from version 3. In an entry that is not published yet, `--fix` does this;
    /// elsewhere `--unsafe-fixes`.
    REDUNDANT_IMG = "redundant-img", Error, Review, fix: Unsafe,
    Entry(|context| check(context, "img", |img| img.strip_suffix(".svg")))
}

/// `domain_in` is the domain that a value repeats.
fn check(
    context: &EntryContext<'_>,
    field: &str,
    domain_in: impl Fn(&str) -> Option<&str>,
) -> Vec<Problem> {
    let Some(value) = context.entry.text(field) else {
        return Vec::new();
    };
    if context.domain().is_none() || domain_in(value) != context.domain() {
        return Vec::new();
    }
    let message = format!("`{field}` only repeats the domain: {}", quote(value));
    let without = match field {
        "url" => "Without it, websites link to `https://` and the domain.",
        _ => "Without it, the icon is the domain followed by `.svg`.",
    };
    let help = format!("Remove `{field}`. {without}");
    let problem = Problem::new(context.name_of(field), message, help);
    let title = Verb::Remove.title(format!("`{field}`"));
    let change = Change::Remove(context.entry.pointer_to(field));
    vec![match context.is_valid {
        true => problem.fix_that_alters_output(title, change),
        false => problem.fix(title, change),
    }]
}
