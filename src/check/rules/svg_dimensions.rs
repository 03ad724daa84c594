use roxmltree::{Attribute, Document};

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{document, removal};
use crate::finding::Change;
use crate::source::Location;

rule! {
    /// Finds SVG icons whose outermost element has a `width` or a `height`.
    ///
    /// ## Why
    ///
    /// Readers show icons in a size of their own. For that an icon needs a `viewBox`, which says what
    /// part of the plane it draws on; a width and a height besides say the same a second time, and
    /// without a `viewBox` the icon is cut off instead of made smaller.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><path d="M0 0h8v8z"/></svg>
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
    /// Where there is a `viewBox`, `width` and `height` are removed. Where there is none, they are
    /// replaced by one, as far as both are numbers, or numbers with `px`.
    SVG_DIMENSIONS = "svg-dimensions", Warning, Review, fixable: true, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(context) else {
        return Vec::new();
    };
    let root = document.root_element();
    let (width, height) = (root.attribute_node("width"), root.attribute_node("height"));
    let (first, named) = match (&width, &height) {
        (Some(width), Some(_)) => (width, "`width` and `height`"),
        (Some(width), None) => (width, "`width`"),
        (None, Some(height)) => (height, "`height`"),
        (None, None) => return Vec::new(),
    };
    let has_view_box = root.has_attribute("viewBox");
    let (message, help) = if has_view_box {
        let message = format!("the `svg` element has {named} besides its `viewBox`");
        (message, format!("Remove {named}: the `viewBox` is enough."))
    } else {
        let message = format!("the `svg` element has {named}, but no `viewBox`");
        let help = "Write `viewBox=\"0 0 width height\"` instead, with the two numbers.";
        (message, help.to_owned())
    };
    let problem = Problem::new(Location::Bytes(first.range()), message, help);
    let change = match (has_view_box, &width, &height) {
        (true, ..) => {
            let removed = [&width, &height].into_iter().flatten();
            let removed = removed.map(|it| (removal(document, it), String::new()));
            Some(("remove it", removed.collect()))
        }
        (false, Some(width), Some(height)) => {
            view_box(document, width, height).map(|it| ("say it in a `viewBox`", it))
        }
        (false, ..) => None,
    };
    vec![match change {
        Some((title, replacements)) => problem.fix(title, Change::Replace(replacements)),
        None => problem,
    }]
}

/// What turns a width and a height into a `viewBox`, where both are in its unit.
fn view_box(
    document: &Document<'_>,
    width: &Attribute<'_, '_>,
    height: &Attribute<'_, '_>,
) -> Option<Vec<(std::ops::Range<usize>, String)>> {
    let view_box =
        format!("viewBox=\"0 0 {} {}\"", number(width.value())?, number(height.value())?);
    Some(vec![(width.range(), view_box), (removal(document, height), String::new())])
}

/// The number of a length in pixels, where it is plain and greater than 0.
fn number(length: &str) -> Option<&str> {
    let length = length.trim();
    let number = length.strip_suffix("px").unwrap_or(length);
    let is_plain = number.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let value: f64 = number.parse().ok()?;
    (is_plain && value.is_finite() && value > 0.0).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::{fixed, problems};

    fn svg(attributes: &str) -> String {
        format!("<svg xmlns='http://www.w3.org/2000/svg'{attributes}/>")
    }

    #[test]
    fn a_view_box_is_made_of_plain_numbers() {
        let text = svg(" width='8.5px' id='a' height=\"16\"");
        assert_eq!(fixed(&SVG_DIMENSIONS, &text), svg(" viewBox=\"0 0 8.5 16\" id='a'"));
        let text = svg(" height='16'\n width='8'");
        assert_eq!(fixed(&SVG_DIMENSIONS, &text), svg("\n viewBox=\"0 0 8 16\""));
    }

    #[test]
    fn besides_a_view_box_both_are_removed() {
        let text = svg(" width='1em' viewBox='0 0 8 8' height='100%'");
        assert_eq!(fixed(&SVG_DIMENSIONS, &text), svg(" viewBox='0 0 8 8'"));
        assert_eq!(fixed(&SVG_DIMENSIONS, &svg(" height='8' viewBox=''")), svg(" viewBox=''"));
    }

    #[test]
    fn what_cannot_be_said_in_a_view_box_stays() {
        for attributes in [
            " width='8'",
            " width='8' height='1em'",
            " width='0' height='8'",
            " width='' height='.'",
        ] {
            let text = svg(attributes);
            assert_eq!(problems(&SVG_DIMENSIONS, &text).len(), 1);
            assert_eq!(fixed(&SVG_DIMENSIONS, &text), text);
        }
    }
}
