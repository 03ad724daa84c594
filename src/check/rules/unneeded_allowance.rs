use crate::check::context::{SettingsContext, Unneeded};
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds exceptions in `directory.toml` that hide nothing.
    ///
    /// ## Why
    ///
    /// A leftover exception hides the next mistake of its kind.
    ///
    /// ## Bad
    ///
    /// ```toml
    /// [[check.allow]]
    /// rule = "subdomain"
    /// path = "entries/e/example.com.json"
    /// reason = "The entry used to be about login.example.com."
    /// ```
    ///
    /// ## Good
    ///
    /// ```toml
    /// [[check.allow]]
    /// rule = "subdomain"
    /// path = "entries/l/login.example.com.json"
    /// reason = "Accounts are only valid for this subdomain."
    /// ```
    UNNEEDED_ALLOWANCE = "unneeded-allowance", Error, Review, fix: None, Settings(check)
}

fn check(context: &SettingsContext<'_>) -> Vec<Problem> {
    context.unneeded.iter().map(problem).collect()
}

fn problem(unneeded: &Unneeded<'_>) -> Problem {
    let rule = quote(&unneeded.allowance.rule);
    let message = match unneeded.is_off {
        true => format!("{rule} needs no exception: the settings turn it off"),
        false => format!(
            "{rule} finds nothing in {}",
            quote(&unneeded.allowance.path)
        ),
    };
    let location = Location::Value(format!("/check/allow/{}/rule", unneeded.index));
    Problem::new(location, message, "Remove the exception.")
}
