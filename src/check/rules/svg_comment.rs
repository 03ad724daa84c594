use roxmltree::Node;

use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{MAX_PROBLEMS, document};
use crate::finding::Change;
use crate::source::Location;

rule! {
    /// Finds comments in SVG icons.
    ///
    /// ## Why
    ///
    /// They are not drawn, but are loaded by everybody. Most only name the program that made the
    /// icon.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <!-- Made with Draw 3 --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
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
    /// The comment is removed.
    SVG_COMMENT = "svg-comment", Warning, Review, fixable: true, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(context) else {
        return Vec::new();
    };
    let comments = document.descendants().filter(Node::is_comment).take(MAX_PROBLEMS);
    let problems = comments.map(|comment| {
        let range = comment.range();
        let change = Change::Replace(vec![(range.clone(), String::new())]);
        Problem::new(Location::Bytes(range), "this icon has a comment in it", "Remove it.")
            .fix("remove it", change)
    });
    problems.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::fixed;

    #[test]
    fn every_comment_is_removed_and_nothing_else() {
        let text = "<!-- a --><svg xmlns='http://www.w3.org/2000/svg'><!----><g id='<!-'/></svg><!-- b -->\n";
        let expected = "<svg xmlns='http://www.w3.org/2000/svg'><g id='&lt;!-'/></svg>\n";
        assert_eq!(fixed(&SVG_COMMENT, &text.replace("'<!-'", "'&lt;!-'")), expected);
    }
}
