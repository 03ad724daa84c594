use std::cell::LazyCell;
use std::collections::HashSet;
use std::iter;
use std::ops::Range;

use roxmltree::{Document, NS_XML_URI, Node};

use super::part::{MAX_PROBLEMS, Part, document, has_element, parts, removed};
use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{SVG, XLINK};
use crate::finding::Change;
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds attributes of SVG icons that do not change how the icon looks: `version`,
    /// `baseProfile`, `enable-background`, `data-…`, `class` in an icon without CSS, default values
    /// of `fill` and `fill-rule`, attributes of drawing programs such as `inkscape:label`, and
    /// `xmlns:…` of unused prefixes. Also finds `fill-opacity`, which can be part of the color.
    ///
    /// ## Why
    ///
    /// Browsers download these attributes but do not draw them.
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
    ///
    /// ## Fix
    ///
    /// Removes the attribute, unless it is `fill-opacity`, or the icon has CSS or scripts that may
    /// depend on the attribute.
    SVG_SUPERFLUOUS_ATTRIBUTE = "svg-superfluous-attribute", Warning, Review, fixable: true, Icon(check)
}

/// Inherited attributes and their default values.
const DEFAULTS: [(&str, &[&str]); 2] = [
    ("fill", &["#000", "#000000", "black"]),
    ("fill-rule", &["nonzero"]),
];

fn check(icon: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(icon) else {
        return Vec::new();
    };
    // Most icons have no such attributes, so these searches are rare.
    let is_observed = LazyCell::new(|| {
        has_element(document, &["style", "script"]) || document.descendants().any(|it| it.is_pi())
    });
    let is_redrawn =
        LazyCell::new(|| has_element(document, &["use", "set", "animate", "animateColor"]));
    // The ends of the elements that set other values, in bytes. Their inner elements come first.
    let mut inherited = DEFAULTS.map(|_| 0);
    let mut problems = Vec::new();
    for node in document.descendants().filter(Node::is_element) {
        if problems.len() >= MAX_PROBLEMS {
            break;
        }
        let is_default = |attribute: &str, value: &str| {
            let is =
                |(name, values): &(&str, &[&str])| *name == attribute && values.contains(&value);
            let is_free = |at: usize| {
                inherited
                    .get(at)
                    .is_some_and(|it| *it <= node.range().start)
            };
            let is_timing = attribute == "fill" && is_animation(&node);
            DEFAULTS.iter().position(is).is_some_and(is_free)
                && !is_timing
                && !*is_observed
                && !*is_redrawn
        };
        let drawn = node
            .attributes()
            .filter(|_| node.tag_name().namespace() == Some(SVG));
        for attribute in drawn {
            let message = match (attribute.namespace(), attribute.name()) {
                (Some(XLINK | NS_XML_URI), _) => continue,
                (Some(_), _) => "{name} is only used by drawing programs",
                (None, "class") if !*is_observed => {
                    "{name} has no effect without a `style` element"
                }
                (None, "fill-opacity") => "{name} can be part of the color",
                (None, "version" | "baseProfile" | "enable-background") => "{name} has no effect",
                (None, name) if name.starts_with("data-") => "{name} has no effect",
                (None, name) if is_default(name, attribute.value().trim()) => {
                    "{name} is {value}, which is the default"
                }
                _ => continue,
            };
            let part = Part {
                node,
                attribute: Some(attribute),
            };
            problems.push(if attribute.name() == "fill-opacity" {
                part.problem(message, OPACITY)
            } else if *is_observed {
                part.problem(message, "Remove it.")
            } else {
                part.problem(message, "Remove it.")
                    .fix(part.removal_title(), part.removal())
            });
        }
        for ((name, values), end) in DEFAULTS.iter().zip(&mut inherited) {
            let is_set = node.attributes().any(|it| match it.name() {
                "style" => it.value().contains(name),
                other => other == *name && !values.contains(&it.value().trim()),
            });
            *end = if is_set {
                node.range().end.max(*end)
            } else {
                *end
            };
        }
    }
    problems.extend(unused_prefixes(document));
    problems.truncate(MAX_PROBLEMS);
    problems
}

const OPACITY: &str = "Make it part of `fill`: half-transparent `#000` is `#00000080`. If it is 1, \
                       remove it.";

/// Whether `fill` sets what happens at the end of an animation.
fn is_animation(node: &Node<'_, '_>) -> bool {
    node.tag_name().name().starts_with("animate") || node.tag_name().name() == "set"
}

/// The namespace declarations of the root element whose prefixes are not used.
fn unused_prefixes(document: &Document<'_>) -> Vec<Problem> {
    let text = document.input_text();
    let used = LazyCell::new(|| {
        let names = parts(document).filter_map(|part| part.name().split_once(':'));
        names.map(|(prefix, _)| prefix).collect::<HashSet<&str>>()
    });
    let attributes = attributes(text, document.root_element().range().start);
    let unused = attributes.into_iter().filter_map(|range| {
        let declaration = text.get(range.clone())?.strip_prefix("xmlns:")?;
        let ends = |it: char| it == '=' || it.is_ascii_whitespace();
        let prefix = declaration
            .split(ends)
            .next()
            .filter(|it| !used.contains(it))?;
        let name = quote(&format!("xmlns:{prefix}"));
        let message = format!("{name} has no effect: its prefix is not used");
        let change = Change::Replace(vec![removed(text, range.clone())]);
        let title = format!("remove {name}");
        Some(Problem::new(Location::Bytes(range), message, "Remove it.").fix(title, change))
    });
    unused.collect()
}

/// The attributes of the tag at an offset, in bytes, with the declarations that the parser omits.
fn attributes(text: &str, tag: usize) -> Vec<Range<usize>> {
    let mut at = tag;
    let next = || {
        let (name, value) = text
            .get(at..)?
            .split_once('=')
            .filter(|(it, _)| !it.contains('>'))?;
        let start = at
            + name
                .trim_ascii_end()
                .rfind(|it: char| it.is_ascii_whitespace())?
            + 1;
        let value = value.trim_ascii_start();
        let length = value.get(1..)?.find(value.chars().next()?)? + 2;
        at = text.len() - value.len() + length;
        Some(start..at)
    };
    iter::from_fn(next).collect()
}
