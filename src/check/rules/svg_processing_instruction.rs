use roxmltree::{Document, Node};

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{MAX_PROBLEMS, document};
use crate::finding::Change;
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds `<?xml …?>` and all else of the form `<?…?>` in SVG icons.
    ///
    /// ## Why
    ///
    /// `<?xml …?>` says nothing of a file in UTF-8. Others have something fetched or done that an
    /// icon does not need, such as a style sheet from another site.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <?xml version="1.0" encoding="UTF-8"?>
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
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
    /// `<?xml …?>` is removed where it names no encoding but UTF-8. Others are left.
    SVG_PROCESSING_INSTRUCTION = "svg-processing-instruction", Error, Review, fixable: true, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(context) else {
        return Vec::new();
    };
    let mut problems: Vec<Problem> = of_declaration(document).into_iter().collect();
    for instruction in document.descendants().filter(Node::is_pi) {
        let Some(target) = instruction.pi().map(|it| it.target) else { continue };
        if problems.len() == MAX_PROBLEMS {
            break;
        }
        if target == "xml" {
            // The parser takes it for one of those if a line break follows the name.
            continue;
        }
        let name = quote(&format!("<?{target} …?>"));
        let location = Location::Bytes(instruction.range());
        let message = format!("this icon has {name}, an instruction to the program that reads it");
        let help =
            "Remove it. Where the icon looks different afterwards, save it again as plain SVG.";
        problems.push(Problem::new(location, message, help));
    }
    problems
}

fn of_declaration(document: &Document<'_>) -> Option<Problem> {
    let text = document.input_text();
    let inside = text.strip_prefix("<?xml").filter(|it| it.starts_with(char::is_whitespace))?;
    let inside = inside.get(..inside.find("?>")?)?;
    let end = "<?xml?>".len() + inside.len();
    let problem =
        |help| Problem::new(Location::Bytes(0..end), "this icon begins with `<?xml`", help);
    if !names_no_other_encoding(inside) {
        let help = "Remove it, and see whether all letters are right: this file is written in UTF-8, but \
                    says that it is not.";
        return Some(problem(help));
    }
    let behind = text.get(end..).unwrap_or_default();
    let gap = behind.len() - behind.trim_ascii_start().len();
    let change = Change::Replace(vec![(0..end + gap, String::new())]);
    Some(problem("Remove it: an icon is written in UTF-8 without it.").fix("remove it", change))
}

/// Whether the inside of `<?xml …?>` says UTF-8 or nothing of the encoding.
fn names_no_other_encoding(inside: &str) -> bool {
    let Some((_, value)) = inside.split_once("encoding") else {
        return true;
    };
    let value = value.trim_start().trim_start_matches('=').trim_start();
    let named = value.split(['"', '\'']).nth(1).unwrap_or_default();
    named.eq_ignore_ascii_case("utf-8")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::{fixed, problems};

    const ICON: &str = "<svg xmlns='http://www.w3.org/2000/svg'/>";

    #[test]
    fn a_declaration_goes_with_the_line_break_behind_it() {
        for start in [
            "<?xml version='1.0'?>\r\n",
            "<?xml version=\"1.0\" encoding = 'utf-8' ?>",
            "<?xml\nversion='1.0'?>\n",
        ] {
            assert_eq!(fixed(&SVG_PROCESSING_INSTRUCTION, &format!("{start}{ICON}")), ICON);
        }
    }

    #[test]
    fn what_changes_the_look_or_the_encoding_stays() {
        for start in ["<?xml-stylesheet href='a'?>", "<?xml version='1.0' encoding='latin1'?>"] {
            let text = format!("{start}{ICON}");
            assert_eq!(problems(&SVG_PROCESSING_INSTRUCTION, &text).len(), 1);
            assert_eq!(fixed(&SVG_PROCESSING_INSTRUCTION, &text), text);
        }
    }
}
