use std::path::PathBuf;

use super::entry_path::is_registrable;
use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::{self, Kind, SourceFile, Verb};
use crate::staging::is_leftover;
use crate::text::quote;

rule! {
    /// Finds files in `entries/` without the extension `.json`, and files in `img/` without `.svg` or
    /// `.png`. Hidden files (names that start with a dot) are not checked, except those that an
    /// interrupted run of tfadir left.
    ///
    /// ## Why
    ///
    /// tfadir only reads files with these extensions. A site saved as `example.com.json.txt` would be
    /// missing.
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
    /// Changes an upper-case extension to lower case, removes a `.txt` that follows the right one, and
    /// adds `.json` to a file that is named after a domain and contains an object.
    FILE_TYPE = "file-type", Error, Review, fix: Safe, File(|file| Vec::from_iter(check(file)))
}

/// The path of a file that lacks only its extension: it is named after a domain, and contains an
/// object.
fn path_of_entry(file: &SourceFile) -> Option<PathBuf> {
    let name = file.path.file_name()?.to_str()?;
    let is_entry = file.kind == Kind::Entry
        && is_registrable(name)
        && file.bytes.trim_ascii_start().starts_with(b"{");
    is_entry.then(|| file.path.with_file_name(format!("{name}.json")))
}

fn check(context: &FileContext<'_>) -> Option<Problem> {
    let source::FileProblem::OtherKind = context.unread()? else {
        return None;
    };
    let name = context.file.path.file_name().unwrap_or_default();
    if is_leftover(&name.to_string_lossy()) {
        return Some(Problem::of_file(
            "a run of tfadir that was stopped left this file",
            "Remove it; the file that it was to replace has not changed.",
        ));
    }
    let problem = match context.file.kind {
        Kind::Entry => Problem::of_file(
            "this is not an entry: its name does not end in `.json`",
            "Name it after the site's domain, with `.json` at the end, or remove it.",
        ),
        Kind::Icon => Problem::of_file(
            "this is not an icon: its name does not end in `.svg` or `.png`",
            match context.file.path.extension() {
                Some(extension) if extension == "json" => {
                    "If it is an entry, move it to the folder of entries: `entries/e/example.com.json`."
                }
                _ => "Save the icon as SVG or PNG, or remove it.",
            },
        ),
    };
    let intended = context.file.kind.intended(&context.file.path);
    let Some(path) = intended.or_else(|| path_of_entry(context.file)) else {
        return Some(problem);
    };
    let title = Verb::Name.title(format!("it {}", quote(&path.to_string_lossy())));
    Some(problem.fix(title, Change::Move(path)))
}
