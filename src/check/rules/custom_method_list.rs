use serde_json::{Value, json};

use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::{Location, METHODS};

rule! {
    /// Finds the methods `custom-software` and `custom-hardware` without the array of the same name, and
    /// such arrays without the method.
    ///
    /// ## Why
    ///
    /// The method alone does not say which app or device a user needs.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["custom-software"], … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// {
    ///   "Example": {
    ///     "domain": "example.com",
    ///     "tfa": ["custom-software"],
    ///     "custom-software": ["Example App"],
    ///     …
    ///   }
    /// }
    /// ```
    CUSTOM_METHOD_LIST = "custom-method-list", Error, Output, fix: None, Entry(check)
}

const LISTS: [(&str, &str); 2] = [("custom-software", "app"), ("custom-hardware", "device")];

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let tfa = context.entry.fields.get("tfa");
    let mut problems = Vec::new();
    for (method, product) in LISTS {
        let mut methods = context.entry.array("tfa").iter();
        let index = methods.position(|listed| listed.as_str() == Some(method));
        match (index, context.entry.fields.get(method)) {
            (Some(index), None) => problems.push(Problem::new(
                Location::Value(format!("{}/{index}", context.entry.pointer_to("tfa"))),
                format!("`tfa` lists `{method}`, but the {product} is not named"),
                format!(
                    "Add this line below the end of `tfa`, with the name that the site uses: \
                     `\"{method}\": [\"Name of the {product}\"],`"
                ),
            )),
            // `schema` reports an empty array.
            (None, Some(products)) if *products != json!([]) && are_known(tfa) => {
                problems.push(Problem::new(
                    context.name_of(method),
                    format!("`{method}` names products, but `tfa` does not list that method"),
                    format!("Add `\"{method}\"` to `tfa`, or remove the field `{method}`."),
                ));
            }
            _ => {}
        }
    }
    problems
}

/// Whether all methods in `tfa` are known. `schema` reports an unknown one, which may be this method
/// misspelled.
fn are_known(tfa: Option<&Value>) -> bool {
    let is_known = |listed: &Value| METHODS.iter().any(|method| listed == method.name);
    match tfa {
        None => true,
        Some(Value::Array(methods)) => methods.iter().all(is_known),
        Some(_) => false,
    }
}
