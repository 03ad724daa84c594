use roxmltree::{Attribute, Document, Node};

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{is_named, name_of, of_elements, squeezed, start_of};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds programs in SVG icons, and what can bring some in: `script`, attributes such as `onload`,
    /// addresses that begin with `javascript:`, `foreignObject`, and animations of such attributes
    /// and of links.
    ///
    /// ## Why
    ///
    /// Whoever opens the icon by itself runs the program, on the site that serves the icons.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" onload="alert(1)">
    ///   <path d="M0 0h8v8z"/>
    /// </svg>
    /// ```
    ///
    /// ## Good
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
    /// ```
    SVG_SCRIPT = "svg-script", Error, Output, fixable: false, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    of_elements(context, |document, element, problems| {
        problems.extend(of_element(element));
        let of_attribute = |attribute| of_attribute(document, element, &attribute);
        problems.extend(element.attributes().filter_map(of_attribute));
    })
}

fn of_element(element: &Node<'_, '_>) -> Option<Problem> {
    let location = Location::Bytes(start_of(element));
    if is_named(element, &["script"]) {
        let help = "Remove the `script` element: an icon is a drawing, and needs no program.";
        Some(Problem::new(location, "this icon has a program in it", help))
    } else if is_named(element, &["foreignObject"]) {
        let help = "Remove the `foreignObject` element, and draw what it shows with paths.";
        Some(Problem::new(location, "this icon has a piece of a web page in it", help))
    } else {
        None
    }
}

fn of_attribute(
    document: &Document<'_>,
    element: &Node<'_, '_>,
    attribute: &Attribute<'_, '_>,
) -> Option<Problem> {
    let shown = || quote(name_of(document, attribute));
    let (message, help) = if is_handler(attribute.name()) {
        (format!("{} runs a program", shown()), format!("Remove {}.", shown()))
    } else if attribute.value().contains(':') && squeezed(attribute.value()).contains("javascript:")
    {
        (format!("{} holds a program", shown()), format!("Remove {}.", shown()))
    } else if attribute.name() == "attributeName" && is_dangerous(attribute.value()) {
        let value = quote(attribute.value());
        let element = quote(element.tag_name().name());
        let help = format!("Remove the {element} element.");
        (format!("{element} changes {value} while the icon is shown"), help)
    } else {
        return None;
    };
    Some(Problem::new(Location::Bytes(attribute.range()), message, help))
}

/// Whether an attribute's value is a program by its name.
fn is_handler(name: &str) -> bool {
    name.len() > 2 && name.as_bytes().get(..2).is_some_and(|it| it.eq_ignore_ascii_case(b"on"))
}

/// Whether an animation of this attribute can bring in a program.
fn is_dangerous(name: &str) -> bool {
    let name = name.trim();
    let name = name.rsplit_once(':').map_or(name, |(_, name)| name);
    name.eq_ignore_ascii_case("href") || is_handler(name)
}
