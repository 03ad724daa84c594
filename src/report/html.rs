//! Findings as a page, shown instead of the pages that cannot be built.

use std::path::Path;

use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, HtmlEscape, Value};
use serde_json::json;

use super::{Located, Position, Tally, located_of, location_text};
use crate::finding::{Finding, Severity, Texts};
use crate::text::{visible, visible_lines};

/// Renders a page that says why there is no build: the findings, the most severe first, or another
/// `reason`. Nothing in an entry becomes markup.
pub(crate) fn render(
    findings: &[Finding],
    texts: &dyn Texts,
    reason: Option<&str>,
) -> Result<String, minijinja::Error> {
    let located = Severity::ALL
        .into_iter()
        .flat_map(|severity| located_of(findings, severity, texts));
    let shown: Vec<_> = located.map(|located| shown(&located)).collect();
    let page = json!({
        "tally": Tally::of(findings).to_string(),
        "findings": shown,
        "reason": reason,
    });
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_filter("code", |text: &str| {
        Value::from_safe_string(with_code(text).replace('\n', "<br>"))
    });
    environment
        .template_from_named_str(
            "findings.html",
            include_str!("../../templates/serve/findings.html"),
        )?
        .render(Serde(&page))
}

/// A finding for the template.
fn shown(located: &Located<'_>) -> serde_json::Value {
    let finding = located.finding;
    let mut related = Vec::new();
    for (location, position) in &located.related {
        related.push(json!({
            "location": text_of(&location.path, position.as_ref()),
            "message": visible(&location.message),
        }));
    }
    json!({
        "severity": finding.severity.name(),
        "location": text_of(&finding.path, located.position.as_ref()),
        "message": visible(&finding.message),
        "rule": finding.rule,
        "help": finding.help.as_deref().map(visible_lines),
        "related": related,
    })
}

fn text_of(path: &Path, position: Option<&Position>) -> String {
    location_text(Path::new(""), path, position)
}

/// A text as HTML, with text between backticks as code.
fn with_code(text: &str) -> String {
    let escaped = HtmlEscape(text).to_string();
    let mut html = String::new();
    let mut rest = escaped.as_str();
    while let Some((before, behind)) = rest.split_once('`')
        && let Some((code, after)) = behind.split_once('`')
    {
        html.extend([before, "<code>", code, "</code>"]);
        rest = after;
    }
    html + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_between_backticks_is_code_and_nothing_is_markup() {
        assert_eq!(
            with_code("`<a>` & `b`"),
            "<code>&lt;a&gt;</code> &amp; <code>b</code>"
        );
        assert_eq!(with_code("one ` is left"), "one ` is left");
        assert_eq!(with_code("`a``<b>"), "<code>a</code>`&lt;b&gt;");
    }
}
