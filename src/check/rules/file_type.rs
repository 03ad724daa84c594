use std::path::PathBuf;

use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::{self, Kind, Location};
use crate::text::quote;

rule! {
    /// Finds files below `entries/` whose names do not end in `.json`, and files below `img/` whose
    /// names do not end in `.svg` or `.png`. Hidden files, whose names begin with a dot, are left
    /// alone.
    ///
    /// ## Why
    ///
    /// Only `.json` files are entries, only `.svg` and `.png` files icons. One that an editor saved as `example.com.json.txt` would be
    /// passed over in silence, and its site be missing.
    ///
    /// ## Bad
    ///
    /// `entries/e/example.com.json.txt`, `entries/e/example.com.JSON`, `img/e/example.com.gif`
    ///
    /// ## Good
    ///
    /// `entries/e/example.com.json`, `img/e/example.com.svg`
    ///
    /// ## Fix
    ///
    /// An ending that is right but for its case is written in lower case.
    FILE_TYPE = "file-type", Error, Review, fixable: true, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    let Some(source::Problem::OtherKind) = context.unread() else {
        return Vec::new();
    };
    let (message, help) = match context.file.kind {
        Kind::Entry => (
            "this is no entry: its name does not end in `.json`",
            "Name it after the site's domain and `.json`, or remove it.",
        ),
        Kind::Icon => (
            "this is no icon: its name ends neither in `.svg` nor in `.png`",
            "Save the icon as an SVG file, or as a PNG file, or remove it.",
        ),
    };
    let problem = Problem::new(Location::File, message, help);
    vec![match in_lower_case(context) {
        Some(path) => {
            let title = format!("name it {}", quote(&path.to_string_lossy()));
            problem.fix_that_alters_output(title, Change::Move(path))
        }
        None => problem,
    }]
}

/// The path with its ending in lower case, where that is all that is wrong with it.
fn in_lower_case(context: &FileContext<'_>) -> Option<PathBuf> {
    let path = &context.file.path;
    let ending = path.extension()?.to_str()?.to_lowercase();
    let is_right = context.file.kind.endings().contains(&ending.as_str());
    is_right.then(|| path.with_extension(ending))
}
