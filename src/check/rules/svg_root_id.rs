use crate::check::context::IconContext;
use crate::check::rule::{Problem, rule};
use crate::check::svg::{document, removal};
use crate::finding::Change;
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds SVG icons whose outermost element has an `id`.
    ///
    /// ## Why
    ///
    /// Drawing programs write one that nothing refers to, such as `Layer_1`. Where a page holds the
    /// icons themselves, the same `id` comes twice.
    ///
    /// ## Bad
    ///
    /// ```xml
    /// <svg xmlns="http://www.w3.org/2000/svg" id="Layer_1" viewBox="0 0 8 8"><path d="M0 0h8v8z"/></svg>
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
    /// The `id` is removed, unless the icon refers to it.
    SVG_ROOT_ID = "svg-root-id", Warning, Review, fixable: true, Icon(check)
}

fn check(context: &IconContext<'_>) -> Vec<Problem> {
    let Some(document) = document(context) else {
        return Vec::new();
    };
    let Some(id) = document.root_element().attribute_node("id") else {
        return Vec::new();
    };
    let message = format!("the `svg` element has the `id` {}", quote(id.value()));
    let location = Location::Bytes(id.range());
    if is_used(document.input_text(), id.value()) {
        let help = "Give the `id` to an element within, and have what refers to it refer to that.";
        return vec![Problem::new(location, message, help)];
    }
    let change = Change::Replace(vec![(removal(document, &id), String::new())]);
    vec![Problem::new(location, message, "Remove the `id`.").fix("remove it", change)]
}

/// Whether a text may refer to an `id`: as `#id`, or, in an animation, as `id.click`.
fn is_used(text: &str, id: &str) -> bool {
    text.match_indices(id).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let behind = text.get(at + id.len()..).unwrap_or_default();
        before.ends_with('#') || (behind.starts_with('.') && !id.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::svg::fixed;

    #[test]
    fn an_id_is_removed_unless_the_icon_refers_to_it() {
        let text = "<svg id=\"a\" xmlns='http://www.w3.org/2000/svg'><g fill='#b'/></svg>";
        let expected = "<svg xmlns='http://www.w3.org/2000/svg'><g fill='#b'/></svg>";
        assert_eq!(fixed(&SVG_ROOT_ID, text), expected);
        for used in ["<use href='#a'/>", "<g mask='url(#a)'/>", "<set begin='a.click'/>"] {
            let text = text.replace("<g fill='#b'/>", used);
            assert_eq!(fixed(&SVG_ROOT_ID, &text), text);
        }
    }
}
