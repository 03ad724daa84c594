use std::collections::HashSet;

use roxmltree::{Document, NS_XML_URI, Namespace, Node};

use super::part::{MAX_PROBLEMS, Part, document, has_element, parts};
use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{SVG, XLINK};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds attributes of SVG icons that do not change how the icon looks: `version`,
    /// `baseProfile`, `enable-background`, `data-…`, `class` in an icon without CSS, default values
    /// of `fill` and `fill-rule`, attributes of drawing programs such as `inkscape:label`, and
    /// `xmlns:…` of unused prefixes. Also finds `fill-opacity`, which can be part of the colour.
    ///
    /// ## Why
    ///
    /// Browsers download these attributes but do not draw them. A program that minifies SVG, such as
    /// SVGO, removes them where that does not change the icon.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" version="1.1" viewBox="0 0 8 8"><path fill="#000" d="M0 0h8v8z"/></svg>
    /// ```
    ///
    /// ## Good
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
    /// ```
    SVG_SUPERFLUOUS_ATTRIBUTE = "svg-superfluous-attribute", Warning, Review, fix: None, Icon(check)
}

/// Presentation attributes with their default values.
const DEFAULTS: [(&str, &[&str]); 2] = [
    ("fill", &["#000", "#000000", "black"]),
    ("fill-rule", &["nonzero"]),
];

fn check(icon: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(icon) else {
        return Vec::new();
    };
    let has_css = has_element(document, &["style", "script"]);
    parts(document)
        .filter(|part| !(has_css && part.is_attribute(None, "class")))
        .filter_map(|part| superfluous(&part))
        .chain(unused_prefixes(document))
        .take(MAX_PROBLEMS)
        .collect()
}

fn superfluous(part: &Part<'_>) -> Option<Problem> {
    let attribute = part.attribute?;
    if part.node.tag_name().namespace() != Some(SVG) {
        return None;
    }
    let (message, help) = match (attribute.namespace(), attribute.name()) {
        (Some(XLINK | NS_XML_URI), _) => return None,
        (Some(_), _) => ("{name} is only used by drawing programs", "Remove it."),
        (None, "class") => (
            "{name} has no effect without a `style` element",
            "Remove it.",
        ),
        (None, "fill-opacity") => ("{name} can be part of the colour", OPACITY),
        (None, "version" | "baseProfile" | "enable-background") => {
            ("{name} has no effect", "Remove it.")
        }
        (None, name) if name.starts_with("data-") => ("{name} has no effect", "Remove it."),
        (None, name) if is_default(name, attribute.value().trim()) && !is_animation(&part.node) => {
            ("{name} is {value}, which is the default", OVERRIDE)
        }
        _ => return None,
    };
    Some(part.problem(message, help))
}

const OPACITY: &str = "Make it part of `fill`: half-transparent `#000` is `#00000080`. If it is 1, \
                       remove it.";

const OVERRIDE: &str = "Remove it, unless it overrides the value of an element around it.";

fn is_default(attribute: &str, value: &str) -> bool {
    DEFAULTS
        .iter()
        .any(|(name, values)| *name == attribute && values.contains(&value))
}

/// Whether `fill` sets what happens at the end of an animation.
fn is_animation(node: &Node<'_, '_>) -> bool {
    node.tag_name().name().starts_with("animate") || node.tag_name().name() == "set"
}

/// The namespace declarations of the root element whose prefixes are not used.
fn unused_prefixes(document: &Document<'_>) -> Vec<Problem> {
    let declared = document.root_element().namespaces();
    let mut unused: HashSet<&str> = declared.filter_map(Namespace::name).collect();
    if unused.is_empty() {
        return Vec::new();
    }
    for part in parts(document) {
        if let Some((prefix, _)) = part.name().split_once(':') {
            unused.remove(prefix);
        }
    }
    let text = document.input_text();
    let mut problems = Vec::new();
    for (start, _) in text.match_indices("xmlns:") {
        let declaration = text.get(start..).unwrap_or_default();
        let end = declaration.find(|char: char| char == '=' || char.is_ascii_whitespace());
        let name = &declaration[..end.unwrap_or(declaration.len())];
        if unused.remove(&name["xmlns:".len()..]) {
            let message = format!("{} has no effect: its prefix is not used", quote(name));
            let location = Location::Bytes(start..start + name.len());
            problems.push(Problem::new(location, message, "Remove it."));
        }
    }
    problems
}
