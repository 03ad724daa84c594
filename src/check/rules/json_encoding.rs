use crate::check::rule::{Problem, rule};
use crate::check::subject::CheckedFile;
use crate::source::{self, Place};

rule! {
    /// Finds files that are not written in UTF-8, or that begin with a byte-order mark.
    ///
    /// ## Why
    ///
    /// JSON is UTF-8 without a byte-order mark (RFC 8259, section 8.1); parsers refuse anything
    /// else, or turn it into other characters.
    ///
    /// ## Bad
    ///
    /// A file saved as "UTF-8 with BOM", "UTF-16" or "Windows-1252".
    ///
    /// ## Good
    ///
    /// A file saved as "UTF-8".
    JSON_ENCODING = "json-encoding", Required, File(check)
}

fn check(checked: &CheckedFile<'_>) -> Vec<Problem> {
    if checked.is_icon() {
        return Vec::new();
    }
    let problem = match checked.unread() {
        Some(source::Problem::NotUtf8 { at }) => Problem::new(
            Place::Bytes(*at..at + 1),
            "this file is not written in UTF-8",
            "Save the file again with the encoding UTF-8; the marked character is the first that \
             is not.",
        ),
        Some(source::Problem::ByteOrderMark) => Problem::new(
            Place::File,
            "this file begins with a byte-order mark",
            "Save the file again with the encoding \"UTF-8\", not \"UTF-8 with BOM\" or \"UTF-16\".",
        ),
        _ => return Vec::new(),
    };
    vec![problem]
}
