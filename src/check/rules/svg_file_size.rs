use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::document;
use crate::source::Location;
use crate::text::thousands;

/// The most bytes that an SVG icon should have.
const MOST: usize = 5 * 1024;

rule! {
    /// Finds SVG icons of more than 5 KiB (5,120 bytes).
    ///
    /// ## Why
    ///
    /// A page shows hundreds of icons, each in a small size. Most need about 1 KiB; a larger one has
    /// details that nobody sees there.
    ///
    /// ## Bad
    ///
    /// A file of 20,000 bytes.
    ///
    /// ## Good
    ///
    /// A file of 1,200 bytes.
    SVG_FILE_SIZE = "svg-file-size", Warning, Review, fixable: false, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let size = context.file.text.len();
    if size <= MOST || document(context).is_none() {
        return Vec::new();
    }
    let message =
        format!("this icon is {} bytes long, more than {}", thousands(size), thousands(MOST));
    let help = "Run a program that makes SVG files smaller, or take a simpler version of the logo.";
    vec![Problem::new(Location::File, message, help)]
}
