use roxmltree::NS_XML_URI;

use super::part::{Part, contains, each_part, is_named, squeezed, urls};
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds references in SVG icons to anything outside the icon: in `href` and `src`, in `url(…)`,
    /// and in `@import`. Links that users click are not allowed either.
    ///
    /// ## Why
    ///
    /// Another site can change or delete what it serves, and it learns who looks at the icon.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">
    ///   <use href="https://example.com/icons.svg#logo"/>
    /// </svg>
    /// ```
    ///
    /// ## Good
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path id="a" d="M0 0h4v4z"/><use href="#a" x="4"/></svg>
    /// ```
    SVG_EXTERNAL_REFERENCE = "svg-external-reference", Error, Output, fix: None,
        Icon(|icon| each_part(icon, check))
}

/// The attributes in which CSS escapes are interpreted.
#[rustfmt::skip]
const CSS: [&str; 11] = [
    "style", "fill", "stroke", "filter", "mask", "clip-path",
    "marker", "marker-start", "marker-mid", "marker-end", "cursor",
];

const HELP: &str = "Move the content into the icon and refer to it by `#` and its `id`, or remove \
                    the reference.";

fn check(part: &Part<'_>) -> Option<Problem> {
    let (name, is_sheet) = (part.attribute_name(), part.is_element(&["style"]));
    if part.attribute.is_none() && !is_sheet {
        return None;
    }
    let value = part.value();
    if ["href", "src"]
        .iter()
        .any(|link| name.eq_ignore_ascii_case(link))
    {
        let (message, help) = match is_named(&part.node, &["a"]) {
            true => (
                "this SVG links to {value}",
                "Remove the link but keep its content.",
            ),
            false => ("{name} refers to {value}, outside the icon", HELP),
        };
        let url = value.trim();
        return (is_external(url) && !is_script(url)).then(|| part.problem(message, help));
    }
    if part.is_attribute(Some(NS_XML_URI), "base") {
        let message = "`xml:base` makes every reference relative to {value}";
        return Some(part.problem(message, "Remove `xml:base`."));
    }
    let is_css = is_sheet || CSS.contains(&name);
    let (found, message, help) = if is_sheet && contains(&value, "@import") {
        (
            "@import",
            "`@import` loads CSS from outside the icon",
            "Remove it.",
        )
    } else if is_css && value.contains('\\') {
        let message = "{name} contains a `\\`, which can hide a reference";
        (
            "\\",
            message,
            "Write the character itself instead of its escape.",
        )
    } else if let Some(url) =
        urls(&value).find(|url| is_external(url) && (is_sheet || !is_script(url)))
    {
        let is_end = |char: char| matches!(char, ')' | '"' | '\'') || char.is_ascii_whitespace();
        let target = url.split(is_end).next().unwrap_or_default();
        (target, "{name} refers to {target}, outside the icon", HELP)
    } else if is_css && contains(&value, "image-set(") {
        (
            "image-set(",
            "{name} refers to images outside the icon with `image-set(…)`",
            HELP,
        )
    } else {
        return None;
    };
    let mut problem = part.problem(message, help);
    problem.message = problem.message.replace("{target}", &quote(found));
    if is_sheet && !found.is_empty() {
        let range = part.node.range();
        let text = part
            .node
            .document()
            .input_text()
            .get(range.clone())
            .unwrap_or_default();
        if let Some(at) = text.find(found) {
            let start = range.start + at;
            problem.location = Location::Bytes(start..start + found.len());
        }
    }
    Some(problem)
}

/// Whether a URL leads out of the icon. `data:` URLs have their own rule.
fn is_external(url: &str) -> bool {
    !url.starts_with('#') && !start(url).starts_with("data:")
}

/// Whether a URL is a script, which has its own rule in attributes.
fn is_script(url: &str) -> bool {
    start(url).starts_with("javascript:")
}

/// The start of a URL, which contains its scheme.
fn start(url: &str) -> String {
    squeezed(url.get(..url.floor_char_boundary(64)).unwrap_or_default())
}
