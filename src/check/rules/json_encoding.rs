use crate::check::context::FileContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::{self, Location, Verb, syntax};

rule! {
    /// Finds entry files that are not UTF-8, or that start with a byte-order mark.
    ///
    /// ## Why
    ///
    /// JSON is UTF-8 without a byte-order mark (RFC 8259, section 8.1). Parsers refuse anything else,
    /// or garble it.
    ///
    /// ## Bad
    ///
    /// A file saved as "UTF-8 with BOM", "UTF-16" or "Windows-1252".
    ///
    /// ## Good
    ///
    /// A file saved as "UTF-8".
    ///
    /// ## Fix
    ///
    /// Saves a file that has a byte-order mark as UTF-8 without it.
    JSON_ENCODING = "json-encoding", Error, Output, fix: Safe, File(check)
}

fn check(context: &FileContext<'_>) -> Vec<Problem> {
    // `svg-invalid` reports icons.
    if context.is_icon() {
        return Vec::new();
    }
    let problem = context.unread().and_then(|unread| of_file(context, unread));
    problem.into_iter().collect()
}

fn of_file(context: &FileContext<'_>, unread: &source::FileProblem) -> Option<Problem> {
    let text = &context.file.text;
    if matches!(unread, source::FileProblem::NotUtf8 { .. })
        && let Some(foreign) = syntax::foreign(text)
    {
        return Some(Problem::of_file(foreign.message, foreign.help));
    }
    let problem = of_encoding(unread)?;
    // What is not UTF-16 either would lose characters.
    if problem.location == Location::File && !text.contains(char::REPLACEMENT_CHARACTER) {
        return Some(problem.fix(Verb::Convert.title("it to UTF-8"), Change::Encode));
    }
    Some(problem)
}

/// The problem with the encoding of a file, if that is why it could not be read.
pub(super) fn of_encoding(problem: &source::FileProblem) -> Option<Problem> {
    match problem {
        source::FileProblem::NotUtf8 { at } => Some(Problem::new(
            Location::Bytes(*at..at + 1),
            "this file is not UTF-8",
            "Save the file again with the encoding \"UTF-8\". The first wrong character is here.",
        )),
        source::FileProblem::ByteOrderMark => Some(Problem::of_file(
            "this file starts with a byte-order mark",
            "Save the file again with the encoding \"UTF-8\", not \"UTF-8 with BOM\" or \"UTF-16\".",
        )),
        _ => None,
    }
}
