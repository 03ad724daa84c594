use roxmltree::NS_XML_URI;

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{MAX_PROBLEMS, attributes, document, has_element, removal};
use crate::finding::Change;
use crate::source::Location;

rule! {
    /// Finds `xml:space` in SVG icons.
    ///
    /// ## Why
    ///
    /// It says what becomes of spaces in written text, and is outdated. An icon has paths in location
    /// of text: fonts differ from one reader to the next.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8" xml:space="preserve"><path d="M0 0h8v8z"/></svg>
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
    /// It is removed where the icon has no text.
    SVG_XML_SPACE = "svg-xml-space", Warning, Review, fixable: true, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(context) else {
        return Vec::new();
    };
    let is_space = |namespace, name| namespace == Some(NS_XML_URI) && name == "space";
    let mut found =
        attributes(document).filter(|it| is_space(it.namespace(), it.name())).peekable();
    if found.peek().is_none() {
        return Vec::new();
    }
    let has_text = has_element(document, &["text", "tspan", "textPath", "foreignObject"]);
    let problems = found.take(MAX_PROBLEMS).map(|attribute| {
        let message = "`xml:space` is outdated";
        let help = if has_text {
            "Draw the text with paths, and remove `xml:space`."
        } else {
            "Remove it: this icon has no text for it to change."
        };
        let problem = Problem::new(Location::Bytes(attribute.range()), message, help);
        if has_text {
            return problem;
        }
        let change = Change::Replace(vec![(removal(document, &attribute), String::new())]);
        problem.fix("remove it", change)
    });
    problems.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::fixed;

    #[test]
    fn it_is_removed_where_there_is_no_text() {
        let text = "<svg xmlns='http://www.w3.org/2000/svg' xml:space='preserve'\n xml:lang='en'/>";
        let expected = "<svg xmlns='http://www.w3.org/2000/svg'\n xml:lang='en'/>";
        assert_eq!(fixed(&SVG_XML_SPACE, text), expected);
        let text = text.replace("/>", "><text> a </text></svg>");
        assert_eq!(fixed(&SVG_XML_SPACE, &text), text);
    }
}
