use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{MAX_PROBLEMS, document, elements, start_of};
use crate::source::Location;

rule! {
    /// Finds style sheets in SVG icons: `style` elements and `style` attributes.
    ///
    /// ## Why
    ///
    /// Where a page holds the icons themselves, a `style` element changes the page and the other
    /// icons too. Pages that forbid styles of their own show the icon without them.
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
    SVG_STYLE = "svg-style", Warning, Review, fixable: false, Icon(check)
}

const HELP: &str = "Write each style as an attribute of its own: `fill=\"#06c\"` instead of \
                    `fill:#06c`.";

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(context) else {
        return Vec::new();
    };
    let problems = elements(document).filter_map(|element| {
        let (range, message) = if element.tag_name().name() == "style" {
            (start_of(&element), "this icon has a `style` element")
        } else {
            (element.attribute_node("style")?.range(), "this element has a `style` attribute")
        };
        Some(Problem::new(Location::Bytes(range), message, HELP))
    });
    problems.take(MAX_PROBLEMS).collect()
}
