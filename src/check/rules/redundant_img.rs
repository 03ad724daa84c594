use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::text::quote;

rule! {
    /// Finds an `img` that says no more than the domain does.
    ///
    /// ## Why
    ///
    /// Without `img`, the icon is the domain and `.svg`. What is written twice is one day corrected
    /// in one location only.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "img": "example.com.svg", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", … } }
    /// ```
    ///
    /// ## Fix
    ///
    /// The field is removed, and with it `img` in version 3.
    REDUNDANT_IMG = "redundant-img", Error, Review, fixable: true, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let (Some(img), Some(domain)) = (context.entry.text("img"), context.domain()) else {
        return Vec::new();
    };
    if img.strip_suffix(".svg") != Some(domain) {
        return Vec::new();
    }
    let message = format!("`img` says no more than the domain: {}", quote(img));
    let help = "Remove `img`. Without it, readers take the domain and `.svg`.";
    let problem = Problem::new(context.name_of("img"), message, help);
    let change = Change::Remove(context.entry.pointer_to("img"));
    vec![problem.fix_that_alters_output("remove `img`", change)]
}
