//! The rules about SVG icons.
//!
//! Rules about unwanted elements or attributes are in this file: their documentation, and which
//! parts of an icon they report. Rules that need an algorithm have their own files.

pub(super) mod dimensions;
pub(super) mod external_reference;
pub(super) mod invalid;
pub(super) mod multiple_lines;
mod part;
pub(super) mod superfluous_attribute;
#[cfg(test)]
mod tests;

use roxmltree::NS_XML_URI;

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::{Location, Verb};
use crate::text::thousands;
use part::Unwanted::{Manual, Removable};
use part::{MAX_PROBLEMS, Part, document, find, has_element, is_named, squeezed};

/// The recommended maximum size of an SVG icon, in bytes.
pub(crate) const MAX_SIZE: usize = 5 * 1024;

rule! {
    /// Finds comments in SVG icons.
    ///
    /// ## Why
    ///
    /// Browsers download comments but do not draw them. Most of them only name the program that
    /// exported the icon.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <!-- Made with Draw 3 --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
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
    /// Removes the comment.
    SVG_COMMENT = "svg-comment", Warning, Review, fix: Unsafe, Icon(|icon| find(icon, &[
        Removable(|part| part.node.is_comment(), "this SVG contains a comment", "Remove it."),
    ]))
}

rule! {
    /// Finds embedded images and files in SVG icons: `image` and `feImage` elements, and `data:`
    /// URLs.
    ///
    /// ## Why
    ///
    /// A bitmap in an SVG file is large, and it is blurred when it is scaled up. Reviewers cannot
    /// see the content of a `data:` URL.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">
    ///   <image width="8" height="8" href="data:image/png;base64,iVBORw0KGgo…"/>
    /// </svg>
    /// ```
    ///
    /// ## Good
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
    /// ```
    SVG_EMBEDDED_IMAGE = "svg-embedded-image", Error, Review, fix: None, Icon(|icon| find(icon, &[
        Manual(|part| part.is_element(IMAGES), "the {name} element embeds another image", DRAW_IT),
        Manual(has_data_url, "{name} contains a `data:` URL, which embeds a file", DRAW_IT),
    ]))
}

const IMAGES: &[&str] = &["image", "feImage"];
const DRAW_IT: &str = "Draw the icon with paths. If you only have a bitmap, save it as a PNG icon.";

rule! {
    /// Finds SVG icons larger than 5 KiB (5,120 bytes).
    ///
    /// ## Why
    ///
    /// A page shows hundreds of small icons. Most of them need about 1 KiB; a larger file contains
    /// details that are too small to see.
    ///
    /// ## Bad
    ///
    /// A file of 20,000 bytes.
    ///
    /// ## Good
    ///
    /// A file of 1,200 bytes.
    SVG_FILE_SIZE = "svg-file-size", Warning, Review, fix: None, Icon(|icon| {
        let size = icon.file.text.len();
        if size <= MAX_SIZE || document(icon).is_none() {
            return Vec::new();
        }
        let message = format!("this SVG has {} bytes, more than {}", thousands(size), thousands(MAX_SIZE));
        let help = "Minify it, for example with SVGO, or use a simpler version of the logo.";
        vec![Problem::new(Location::File, message, help)]
    })
}

rule! {
    /// Finds XML declarations (`<?xml …?>`) and processing instructions (`<?…?>`) in SVG icons.
    ///
    /// ## Why
    ///
    /// A file in UTF-8 needs no XML declaration. A processing instruction can load or run something
    /// that an icon does not need, such as a style sheet from another site.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <?xml version="1.0" encoding="UTF-8"?>
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
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
    /// Removes an XML declaration, unless it declares an encoding other than UTF-8. Processing
    /// instructions stay.
    SVG_PROCESSING_INSTRUCTION = "svg-processing-instruction", Error, Review, fix: Safe, Icon(|icon| {
        let instructions = find(icon, &[
            // The parser treats a declaration as an instruction if a line break follows its name.
            Manual(|part| part.node.pi().is_some_and(|instruction| instruction.target != "xml"), "this SVG contains the processing instruction {name}",
                "Remove it. If the icon looks different afterwards, export it again as plain SVG."),
        ]);
        xml_declaration(icon).into_iter().chain(instructions).take(MAX_PROBLEMS).collect()
    })
}

rule! {
    /// Finds SVG icons with an `id` on the root element.
    ///
    /// ## Why
    ///
    /// Drawing programs write an `id` that nothing refers to, such as `Layer_1`. If a page embeds
    /// several icons, the same `id` occurs twice.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" id="Layer_1" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
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
    /// Removes the `id`, unless the icon refers to it.
    SVG_ROOT_ID = "svg-root-id", Warning, Review, fix: Unsafe, Icon(|icon| find(icon, &[
        Manual(|part| is_root_id(part) && is_used(part), "the `svg` element has the `id` {value}, which is used in the icon",
            "Move the `id` to an inner element and update the references to it."),
        Removable(is_root_id, "the `svg` element has the `id` {value}", "Remove the `id`."),
    ]))
}

rule! {
    /// Finds scripts in SVG icons, and what can run one: `script`, event handlers such as `onload`,
    /// `javascript:` URLs, `foreignObject`, and animations of event handlers and links.
    ///
    /// ## Why
    ///
    /// A script runs when someone opens the icon on its own, with the rights of the site that serves
    /// the icons.
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
    SVG_SCRIPT = "svg-script", Error, Output, fix: None, Icon(|icon| find(icon, &[
        Manual(|part| part.is_element(&["script"]), "this SVG contains a script", "Remove the {name} element: an icon needs no script."),
        Manual(|part| part.is_element(&["foreignObject"]), "this SVG contains part of a web page",
            "Remove the {name} element and draw its content with paths."),
        Manual(|part| is_handler(part.attribute_name()), "{name} runs a script", "Remove {name}."),
        Manual(has_script_url, "{name} contains a script", "Remove {name}."),
        Manual(animates_script, "{element} changes {value} while the icon is shown", "Remove the {element} element."),
    ]))
}

rule! {
    /// Finds `style` attributes in SVG icons. Only the first one of an icon is reported.
    ///
    /// ## Why
    ///
    /// Pages with a security policy that forbids inline styles show the icon without its colours.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path style="fill:#06c" d="M0 0h8v8z"/></svg>
    /// ```
    ///
    /// ## Good
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path fill="#06c" d="M0 0h8v8z"/></svg>
    /// ```
    SVG_STYLE = "svg-style", Warning, Review, fix: None, Icon(|icon| {
        let help = "Use attributes instead: `fill=\"#06c\"` instead of `fill:#06c`.";
        let styles = [Manual(|part| part.is_attribute(None, "style"), "this SVG uses `style` attributes", help)];
        find(icon, &styles).into_iter().take(1).collect()
    })
}

rule! {
    /// Finds `xml:space` in SVG icons.
    ///
    /// ## Why
    ///
    /// `xml:space` sets how white space in text is drawn, and is deprecated. Icons use paths instead
    /// of text, because fonts differ between devices.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" xml:space="preserve"><path d="M0 0h8v8z"/></svg>
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
    /// Removes `xml:space` from an icon without text.
    SVG_XML_SPACE = "svg-xml-space", Warning, Review, fix: Unsafe, Icon(|icon| find(icon, &[
        Manual(|part| part.is_attribute(Some(NS_XML_URI), "space") && has_element(part.node.document(), TEXTS),
            "`xml:space` is deprecated", "Convert the text to paths and remove `xml:space`."),
        Removable(|part| part.is_attribute(Some(NS_XML_URI), "space"), "`xml:space` is deprecated",
            "Remove it: this SVG has no text."),
    ]))
}

const TEXTS: &[&str] = &["text", "tspan", "textPath", "foreignObject"];

/// Whether an attribute or a `style` element contains a `data:` URL.
fn has_data_url(part: &Part<'_>) -> bool {
    // Descriptions for screen readers can contain any text.
    let is_read = part.attribute.is_some() && !part.attribute_name().starts_with("aria-");
    let is_css = part.is_element(&["style"]);
    let syntax = if is_css || part.attribute_name() == "style" {
        Syntax::Css
    } else {
        Syntax::Attribute
    };
    (is_css || (is_read && !is_named(&part.node, IMAGES)))
        && contains_data_url(&part.value(), syntax)
}

/// Where a text contains URLs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Syntax {
    /// After a bracket or quote.
    Css,
    /// Also as the value, or in a list of values.
    Attribute,
}

/// Whether a text contains a `data:` URL.
fn contains_data_url(text: &str, syntax: Syntax) -> bool {
    if !text.contains(':') {
        return false;
    }
    let text = squeezed(text);
    text.match_indices("data:").any(|(at, _)| {
        match text.get(..at).and_then(|before| before.chars().next_back()) {
            Some('(' | '"' | '\'') => true,
            None | Some(';' | ',') => syntax == Syntax::Attribute,
            Some(_) => false,
        }
    })
}

/// An XML declaration at the start of an icon.
fn xml_declaration(icon: &IconContext<'_>) -> Option<Problem> {
    let text = document(icon)?.input_text();
    let inside = text
        .strip_prefix("<?xml")
        .filter(|rest| rest.starts_with(char::is_whitespace))?;
    let (inside, after) = inside.split_once("?>")?;
    let end = text.len() - after.len();
    let problem = |help| {
        Problem::new(
            Location::Bytes(0..end),
            "this SVG has an XML declaration",
            help,
        )
    };
    let encoding = inside
        .split_once("encoding")
        .map(|(_, rest)| rest.split(['"', '\'']).nth(1));
    if !encoding
        .unwrap_or(Some("utf-8"))
        .is_some_and(|name| name.eq_ignore_ascii_case("utf-8"))
    {
        let help = "Remove it, and check all letters: the file is in UTF-8 but declares another \
                    encoding.";
        return Some(problem(help));
    }
    let end = text.len() - after.trim_ascii_start().len();
    let change = Change::Replace(vec![(0..end, String::new())]);
    Some(
        problem("Remove it: a file in UTF-8 needs none.")
            .fix(Verb::Remove.title("the XML declaration"), change),
    )
}

fn is_root_id(part: &Part<'_>) -> bool {
    part.is_attribute(None, "id") && part.node.parent().is_some_and(|parent| parent.is_root())
}

/// Whether an icon may refer to an `id`: as `#id`, or, in an animation, as `id.click`.
fn is_used(id: &Part<'_>) -> bool {
    let (text, id) = (id.node.document().input_text(), id.value());
    text.match_indices(&*id).any(|(at, _)| {
        let (before, after) = text.split_at(at);
        let is_object = after
            .strip_prefix(&*id)
            .is_some_and(|rest| rest.starts_with('.'));
        before.ends_with('#') || (is_object && !id.is_empty())
    })
}

/// Whether the value of an attribute with this name is a script.
fn is_handler(name: &str) -> bool {
    name.len() > 2
        && name
            .as_bytes()
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case(b"on"))
}

fn has_script_url(part: &Part<'_>) -> bool {
    let is_script = |value: &str| value.contains(':') && squeezed(value).contains("javascript:");
    part.attribute
        .is_some_and(|attribute| is_script(attribute.value()))
}

/// Whether a part animates an attribute that can run a script.
fn animates_script(part: &Part<'_>) -> bool {
    let animated = part
        .attribute
        .filter(|attribute| attribute.name() == "attributeName");
    let name = animated
        .and_then(|attribute| attribute.value().rsplit(':').next())
        .unwrap_or_default()
        .trim();
    name.eq_ignore_ascii_case("href") || is_handler(name)
}
