use roxmltree::Attribute;

use super::part::{document, removed};
use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::{Location, Verb};
use crate::text::enumerate;

rule! {
    /// Finds SVG icons with a `width` or a `height` on the root element.
    ///
    /// ## Why
    ///
    /// Apps show icons in different sizes. An icon with a `viewBox` is scaled to that size; without
    /// one it is cropped. With a `viewBox`, `width` and `height` are not needed.
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
    /// Removes `width` and `height` if there is a `viewBox` of the same aspect ratio. If there is no
    /// `viewBox`, replaces them with one if both are in pixels.
    SVG_DIMENSIONS = "svg-dimensions", Warning, Review, fix: Unsafe, Icon(check)
}

fn check(icon: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(icon) else {
        return Vec::new();
    };
    let (root, text) = (document.root_element(), document.input_text());
    let width_and_height = ["width", "height"].map(|name| root.attribute_node(name));
    let sides: Vec<Attribute<'_, '_>> = width_and_height.into_iter().flatten().collect();
    let Some(first) = sides.first() else {
        return Vec::new();
    };
    let named = enumerate(sides.iter().map(Attribute::name), "and");
    let (what, help, fix) = match root.attribute("viewBox") {
        Some(view_box) if is_same_shape(&sides, view_box) => {
            let removed = sides
                .iter()
                .map(|side| removed(text, side.range()))
                .collect();
            let help = format!("Remove {named}: the `viewBox` is enough.");
            (
                "as well as a `viewBox`",
                help,
                Some((Verb::Remove.title(&named), Change::Replace(removed))),
            )
        }
        Some(_) => {
            let help = format!("Change the `viewBox` to the area to show, then remove {named}.");
            (
                "that do not match the aspect ratio of its `viewBox`",
                help,
                None,
            )
        }
        None => {
            let help = "Write `viewBox=\"0 0 WIDTH HEIGHT\"` instead, with the two numbers.";
            let fix = view_box(text, &sides).map(|change| {
                (
                    Verb::Replace.title(format!("{named} with a `viewBox`")),
                    change,
                )
            });
            ("but no `viewBox`", help.to_owned(), fix)
        }
    };
    let message = format!("the `svg` element has {named} {what}");
    let problem = Problem::new(Location::Bytes(first.range()), message, help);
    vec![match fix {
        Some((title, change)) => problem.fix(title, change),
        None => problem,
    }]
}

/// Whether an icon keeps its shape without its width and height.
fn is_same_shape(sides: &[Attribute<'_, '_>], view_box: &str) -> bool {
    let [width, height] = sides else { return true };
    let is_separator = |char: char| char == ',' || char.is_ascii_whitespace();
    let numbers = view_box
        .split(is_separator)
        .filter_map(|number| number.parse().ok());
    let [_, _, box_width, box_height] = numbers.collect::<Vec<f64>>()[..] else {
        return false;
    };
    let (Some(width), Some(height)) = (length(width), length(height)) else {
        return false;
    };
    let is_full = |(number, unit): (&str, &str)| (number, unit) == ("100", "%");
    let ratio = value(width.0) / value(height.0) * box_height / box_width;
    (is_full(width) && is_full(height)) || (width.1 == height.1 && (ratio - 1.0).abs() < 0.01)
}

/// A change that turns a width and a height in pixels into a `viewBox`.
fn view_box(text: &str, sides: &[Attribute<'_, '_>]) -> Option<Change> {
    let [width, height] = sides else { return None };
    let ((w, "px"), (h, "px")) = (length(width)?, length(height)?) else {
        return None;
    };
    let view_box = (width.range(), format!("viewBox=\"0 0 {w} {h}\""));
    Some(Change::Replace(vec![
        view_box,
        removed(text, height.range()),
    ]))
}

/// A positive length: its number as it is written, and its unit.
fn length<'a>(side: &Attribute<'a, '_>) -> Option<(&'a str, &'a str)> {
    let length = side.value().trim();
    let end = length
        .find(|char: char| !char.is_ascii_digit() && char != '.')
        .unwrap_or(length.len());
    let (number, unit) = length.split_at(end);
    value(number)
        .is_normal()
        .then_some((number, if unit.is_empty() { "px" } else { unit }))
}

fn value(number: &str) -> f64 {
    number.parse().unwrap_or(f64::NAN)
}
