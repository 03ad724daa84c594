use std::ops::Range;

use roxmltree::{Document, Error};

use super::json_encoding::of_encoding;
use crate::check::context::{IconContext, Image};
use crate::check::rule::{Problem, rule};
use crate::check::svg::{MAX_ATTRIBUTES, MAX_DECLARATIONS, SVG, XLINK, start_of};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds SVG icons that are no SVG: files that are not written in UTF-8, break the rules of XML,
    /// bring a document type, or whose outermost element is not `svg` in the namespace of SVG.
    ///
    /// ## Why
    ///
    /// Browsers show nothing at all of such a file. A document type can also make a few bytes grow
    /// into gigabytes, or have other files read.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg viewBox="0 0 8 8"><path d="M0 0h8v8z"></svg>
    /// ```
    ///
    /// ## Good
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
    /// ```
    SVG_INVALID = "svg-invalid", Error, Output, fixable: false, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let text = &context.file.text;
    let problem = match (&context.image, &context.file.problem) {
        (_, Some(problem)) => of_encoding(problem),
        (Image::Svg(Ok(document)), None) => of_root(document),
        (Image::Svg(Err(error)), None) => Some(of_error(text, error)),
        (Image::Png | Image::Unread, None) => None,
    };
    problem.into_iter().collect()
}

fn of_root(document: &Document<'_>) -> Option<Problem> {
    let root = document.root_element();
    let name = root.tag_name();
    let location = Location::Bytes(start_of(&root));
    if name.name() != "svg" {
        let message = format!("the outermost element is {}, not `svg`", quote(name.name()));
        let help = "This is another kind of file: save the icon itself as SVG.";
        return Some(Problem::new(location, message, help));
    }
    let declaration = format!("`xmlns=\"{SVG}\"`");
    match name.namespace() {
        Some(SVG) => None,
        None => {
            let help = format!("Write {declaration} behind `<svg`.");
            Some(Problem::new(location, "the `svg` element does not say `xmlns`", help))
        }
        Some(other) => {
            let message = format!("the `svg` element says {}, which is not SVG", quote(other));
            let help = format!("Write {declaration} there.");
            Some(Problem::new(location, message, help))
        }
    }
}

fn of_error(text: &str, error: &Error) -> Problem {
    let location = Location::Bytes(location_of(text, error));
    match error {
        Error::DtdDetected => Problem::new(
            location,
            "`<!DOCTYPE` is not allowed in an icon",
            "Remove it and all up to the `>` that belongs to it: an SVG file needs none, and \
             one can do harm.",
        ),
        Error::AttributesLimitReached => Problem::new(
            location,
            format!("a tag has more than {MAX_ATTRIBUTES} attributes"),
            "Remove what is not needed; the icon is not looked at before.",
        ),
        Error::NamespacesLimitReached => Problem::new(
            location,
            format!("`xmlns` stands here more than {MAX_DECLARATIONS} times"),
            "Say `xmlns` once, in the `<svg` tag; the icon is not looked at before.",
        ),
        _ => {
            let (message, help) = of_syntax(error);
            Problem::new(location, message, help)
        }
    }
}

/// What is wrong with a text that is no XML, and the way out.
fn of_syntax(error: &Error) -> (String, String) {
    let (message, help) = match error {
        Error::UnexpectedCloseTag(expected, actual, _) => {
            let message = format!(
                "{} closes an element here, but {} is the one that is still open",
                quote(&format!("</{actual}>")),
                quote(&format!("<{expected}>")),
            );
            let help = format!("Write {} before it.", quote(&format!("</{expected}>")));
            return (message, help);
        }
        Error::UnknownNamespace(prefix, _) => return of_prefix(prefix),
        Error::UnknownEntityReference(name, _) => {
            let message = format!("XML knows no {}", quote(&format!("&{name};")));
            (message, "Write the character itself.")
        }
        Error::DuplicatedAttribute(name, _) => {
            (format!("this tag has the attribute {} twice", quote(name)), "Remove one of them.")
        }
        Error::DuplicatedNamespace(name, _) => {
            let message = format!("this tag has {} twice", quote(&format!("xmlns:{name}")));
            (message, "Remove one of them.")
        }
        Error::NonXmlChar(..) => {
            ("this invisible character is not allowed in XML".to_owned(), "Remove it.")
        }
        Error::InvalidString(expected, _) => {
            let message =
                format!("there is no {} here, where there has to be one", quote(expected));
            (message, "Write it, or save the icon again with a drawing program.")
        }
        _ => {
            let (message, help) = of_plain_syntax(error);
            (message.to_owned(), help)
        }
    };
    (message, help.to_owned())
}

fn of_plain_syntax(error: &Error) -> (&'static str, &'static str) {
    match error {
        Error::MalformedEntityReference(_) => {
            ("`&` begins a code here that does not end", "For the sign itself write `&amp;`.")
        }
        Error::InvalidChar2("a quote", ..) => (
            "there has to be a quote here",
            "Write the value of each attribute in quotes: `x=\"1\"`.",
        ),
        Error::InvalidAttributeValue(_) => {
            ("`<` is not allowed between quotes", "Write `&lt;`, or close the quotes before it.")
        }
        Error::NoRootNode => {
            ("there is no `<svg>` in this file", "Save the icon again; something went wrong.")
        }
        Error::UnclosedRootNode => (
            "an element is not closed at the end of the file",
            "Add what is missing: it ends with `</svg>`.",
        ),
        Error::UnexpectedEndOfStream => (
            "this file ends in the middle of something",
            "Save the icon again: a part of the file is missing.",
        ),
        Error::UnexpectedDeclaration(_) => {
            ("`<?xml` may stand only at the very start of a file", "Remove it: it is not needed.")
        }
        Error::InvalidComment(_) => {
            ("this comment holds `--`, which is not allowed within it", "Remove the comment.")
        }
        Error::InvalidCharacterData(_) => ("`]]>` is not allowed here", "Write `]]&gt;`."),
        _ => (
            "this is no well-formed XML: something else is expected here",
            "Look for a missing quote, `=`, `<` or `>` here or before, or save the icon again with a \
             drawing program.",
        ),
    }
}

fn of_prefix(prefix: &str) -> (String, String) {
    let message = format!("nothing says what {} stands for", quote(&format!("{prefix}:")));
    let help = match prefix {
        "xlink" => format!("Add `xmlns:xlink=\"{XLINK}\"` to the `<svg` tag."),
        _ => "Remove what begins with it: it is of use to a drawing program only.".to_owned(),
    };
    (message, help)
}

/// Where an error is, in bytes.
fn location_of(text: &str, error: &Error) -> Range<usize> {
    let end = text.trim_end().len();
    match error {
        Error::DtdDetected => {
            let doctype = "<!DOCTYPE";
            let start = text.find(doctype).unwrap_or_default();
            return start..start + doctype.len();
        }
        Error::UnclosedRootNode | Error::UnexpectedEndOfStream => {
            let last = text.get(..end).and_then(|it| it.chars().next_back());
            return end - last.map_or(0, char::len_utf8)..end;
        }
        _ => {}
    }
    let position = error.pos();
    let (row, column) = (position.row as usize, position.col as usize);
    let before: usize = text.split_inclusive('\n').take(row.saturating_sub(1)).map(str::len).sum();
    let line = text.get(before..).unwrap_or_default();
    let mut behind = line.char_indices().skip(column.saturating_sub(1));
    match behind.next() {
        Some((at, char)) => before + at..before + at + char.len_utf8(),
        None => text.len()..text.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::problems;

    #[test]
    fn every_fault_of_xml_has_a_place_in_the_text() {
        for text in [
            "",
            " ",
            "\n",
            "é",
            "<",
            "<svg",
            "<svg>",
            "<svg>\n</g>\n",
            "<svg a>",
            "<svg a=b/>",
            "<svg a='<'/>",
            "<svg>&a;</svg>",
            "<svg>&</svg>",
            "<svg>é\u{1}</svg>",
            "<a:svg/>",
            "<svg a='' a=''/>",
            "<!DOCTYPE svg><svg/>",
            "\n<?xml version='1.0'?><svg/>",
            "<?xml ?>",
            "<svg/>x",
            "<svg>]]></svg>",
            "<svg><!-- -- --></svg>",
            "<svg><!--",
            "<svg/><svg/>",
            "<1/>",
            "</svg>",
            "<svg xmlns:a='' xmlns:a=''/>",
        ] {
            let found = problems(&SVG_INVALID, text);
            let [problem] = found.as_slice() else { panic!("{text}: {found:?}") };
            let Location::Bytes(range) = &problem.location else { panic!("{text}") };
            assert!(text.get(range.clone()).is_some(), "{text}: {range:?}");
        }
    }
}
