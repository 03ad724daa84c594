use std::borrow::Cow;
use std::ops::Range;

use roxmltree::{Attribute, Document, NS_XML_URI, Node};

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{
    contains, css_of, is_named, name_of, of_elements, squeezed, start_of, urls,
};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds references of SVG icons to anything but their own parts: in `href` and `src`, in
    /// `url(…)`, and in `@import` in styles. Links for people are no exception.
    ///
    /// ## Why
    ///
    /// What another site serves can change or disappear, and that site learns who looks at the icon.
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
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">
    ///   <path id="a" d="M0 0h4v4z"/><use href="#a" x="4"/>
    /// </svg>
    /// ```
    SVG_EXTERNAL_REFERENCE = "svg-external-reference", Error, Output, fixable: false, Icon(check)
}

/// The attributes in which a style sheet's way to write a character is understood.
const STYLES: [&str; 11] = [
    "style",
    "fill",
    "stroke",
    "filter",
    "mask",
    "clip-path",
    "marker",
    "marker-start",
    "marker-mid",
    "marker-end",
    "cursor",
];

const HELP: &str = "Put what is needed into the icon itself, and refer to it as `#` and its `id`; or \
                    remove the reference.";

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    of_elements(context, |document, element, problems| {
        if is_named(element, &["style"]) {
            problems.extend(of_styles(document, element));
        }
        let of_attribute = |attribute| of_attribute(document, element, &attribute);
        problems.extend(element.attributes().filter_map(of_attribute));
    })
}

fn of_attribute(
    document: &Document<'_>,
    element: &Node<'_, '_>,
    attribute: &Attribute<'_, '_>,
) -> Option<Problem> {
    let (name, value) = (attribute.name(), attribute.value());
    let problem = |message: String, help: &str| {
        Some(Problem::new(Location::Bytes(attribute.range()), message, help))
    };
    let shown = || quote(name_of(document, attribute));
    if ["href", "src"].iter().any(|it| name.eq_ignore_ascii_case(it)) {
        if !is_elsewhere(value.trim(), true) {
            return None;
        }
        if is_named(element, &["a"]) {
            let message = format!("this icon has a link to {}", quote(value));
            return problem(
                message,
                "Remove the link, and leave what is in it: an icon is not clicked.",
            );
        }
        return problem(
            format!("{} refers to {}, outside of the icon", shown(), quote(value)),
            HELP,
        );
    }
    if attribute.namespace() == Some(NS_XML_URI) && name == "base" {
        let message = format!("`xml:base` has every reference begin with {}", quote(value));
        return problem(message, "Remove `xml:base`.");
    }
    let is_style = STYLES.contains(&name);
    if is_style && value.contains('\\') {
        let message = format!("{} has a `\\`, which can hide a reference", shown());
        return problem(message, "Write the characters themselves.");
    }
    // Nearly all values end here.
    if !value.contains('(') {
        return None;
    }
    let target = match urls(value).find(|url| is_elsewhere(url, true)) {
        Some(url) => target_of(url),
        None if is_style && contains(value, "image-set(") => "image-set(…)",
        None => return None,
    };
    problem(format!("{} refers to {}, outside of the icon", shown(), quote(target)), HELP)
}

fn of_styles(document: &Document<'_>, element: &Node<'_, '_>) -> Option<Problem> {
    let css = css_of(element);
    let (found, message, help) = if contains(&css, "@import") {
        ("@import", Cow::from("`@import` fetches styles from elsewhere"), "Remove it.")
    } else if css.contains('\\') {
        let message = Cow::from("these styles have a `\\`, which can hide a reference");
        ("\\", message, "Write the characters themselves.")
    } else if let Some(url) = urls(&css).find(|url| is_elsewhere(url, false)) {
        let target = target_of(url);
        let message = format!("these styles refer to {}, outside of the icon", quote(target));
        (target, message.into(), HELP)
    } else if contains(&css, "image-set(") {
        ("image-set(", Cow::from("`image-set(…)` refers to pictures outside of the icon"), HELP)
    } else {
        return None;
    };
    let location = Location::Bytes(find(document, element, found));
    Some(Problem::new(location, message, help))
}

/// Whether an address leads out of the icon. What holds a whole file or, in attributes, a program
/// is the business of other rules.
fn is_elsewhere(address: &str, is_attribute: bool) -> bool {
    if address.starts_with('#') {
        return false;
    }
    let end = address.floor_char_boundary(64);
    let start = squeezed(address.get(..end).unwrap_or_default());
    let is_program = is_attribute && start.starts_with("javascript:");
    !is_program && !start.starts_with("data:")
}

/// The address alone, of what stands behind `url(`.
fn target_of(url: &str) -> &str {
    let is_end = |it: char| matches!(it, ')' | '"' | '\'') || it.is_ascii_whitespace();
    url.split(is_end).next().unwrap_or_default()
}

/// Where an element says something, in bytes; its name where that is not to be found as it is.
fn find(document: &Document<'_>, element: &Node<'_, '_>, what: &str) -> Range<usize> {
    let range = element.range();
    let text = document.input_text().get(range.clone()).unwrap_or_default();
    match text.find(what) {
        Some(at) if !what.is_empty() => range.start + at..range.start + at + what.len(),
        _ => start_of(element),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::problems;

    fn count(inside: &str) -> usize {
        let text = format!("<svg xmlns='http://www.w3.org/2000/svg'>{inside}</svg>");
        problems(&SVG_EXTERNAL_REFERENCE, &text).len()
    }

    #[test]
    fn a_reference_is_found_however_it_is_written() {
        for inside in [
            "<use href=' a.svg#a'/>",
            "<use href='//a'/>",
            "<a href='https://a'/>",
            "<g fill='URL( \"a#b\" )'/>",
            "<g fill='url(#a) url(b)'/>",
            "<g fill='u\\72l(b)'/>",
            "<g style='a:image-set(\"b\" 1x)'/>",
            "<style>@im<!-- -->port 'a'</style>",
            "<style>a{b:url(<![CDATA[https:]]>//c)}</style>",
            "<style>a{b:url(javascript:c)}</style>",
            "<set to='url(//a)'/>",
            "<g xml:base='//a'/>",
        ] {
            assert_eq!(count(inside), 1, "{inside}");
        }
    }

    #[test]
    fn a_reference_to_a_part_of_the_icon_is_fine() {
        for inside in [
            "<use href='#a'/>",
            "<g fill='url(#a)'/>",
            "<g fill='url( \"#a\" )' transform='scale(2)'/>",
            "<style>a{b:url('#c')}</style>",
            "<image href='data:,'/>",
            "<a href='javascript:'/>",
        ] {
            assert_eq!(count(inside), 0, "{inside}");
        }
    }
}
