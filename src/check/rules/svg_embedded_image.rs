use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{css_of, is_named, name_of, of_elements, squeezed, start_of};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds other pictures and files inside of SVG icons: the elements `image` and `feImage`, and
    /// addresses that begin with `data:`.
    ///
    /// ## Why
    ///
    /// A picture of pixels in an SVG file is large, and blurred where it is shown larger than it is.
    /// Nobody sees in a review what such an address holds.
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
    SVG_EMBEDDED_IMAGE = "svg-embedded-image", Error, Review, fixable: false, Icon(check)
}

const HELP: &str =
    "Draw the icon with paths. Without a drawing, save the picture itself as a PNG icon.";

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    of_elements(context, |document, element, problems| {
        if is_named(element, &["image", "feImage"]) {
            let name = quote(element.tag_name().name());
            let message = format!("this icon shows another picture, with the element {name}");
            problems.push(Problem::new(Location::Bytes(start_of(element)), message, HELP));
            return;
        }
        if is_named(element, &["style"]) && has_data_address(&css_of(element), true) {
            let message = "these styles hold a whole file, in an address that begins with `data:`";
            problems.push(Problem::new(Location::Bytes(start_of(element)), message, HELP));
        }
        for attribute in element.attributes() {
            let name = attribute.name();
            // A description for people may say anything.
            let is_spoken = name.starts_with("aria-");
            if !is_spoken && has_data_address(attribute.value(), name == "style") {
                let name = quote(name_of(document, &attribute));
                let message =
                    format!("{name} holds a whole file, in an address that begins with `data:`");
                problems.push(Problem::new(Location::Bytes(attribute.range()), message, HELP));
            }
        }
    })
}

/// Whether there is an address that begins with `data:` in a text. In styles it has a bracket or a
/// quote before it; elsewhere it may be all of a value, or one in a list of values.
fn has_data_address(text: &str, is_css: bool) -> bool {
    if !text.contains(':') {
        return false;
    }
    let text = squeezed(text);
    text.match_indices("data:").any(|(at, _)| {
        match text.get(..at).and_then(|before| before.chars().next_back()) {
            Some('(' | '"' | '\'') => true,
            None | Some(';' | ',') => !is_css,
            Some(_) => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_however_it_is_written() {
        for value in
            ["data:,", " da\nta:,", "DATA:,", "url(data:,)", "url( 'data:,')", "#a; data:,"]
        {
            assert!(has_data_address(value, false), "{value}");
        }
        assert!(has_data_address("fill: url( \"data:,\")", true));
    }

    #[test]
    fn a_word_that_ends_alike_is_no_address() {
        assert!(!has_data_address("metadata:a", false));
        assert!(!has_data_address("a{b:c}.data:hover{d:e}", true));
    }
}
