use crate::check::context::{SettingsContext, Unneeded};
use crate::check::rule::{Problem, rule};
use crate::source::Location;
use crate::text::quote;

rule! {
    /// Finds allowances in `directory.toml` that hide nothing.
    ///
    /// ## Why
    ///
    /// An allowance that is left behind hides the next mistake of its kind.
    ///
    /// ## Bad
    ///
    /// ```toml
    /// [[check.allow]]
    /// rule = "subdomain"
    /// path = "entries/e/example.com.json"
    /// reason = "The entry was about login.example.com once."
    /// ```
    ///
    /// ## Good
    ///
    /// ```toml
    /// [[check.allow]]
    /// rule = "subdomain"
    /// path = "entries/l/login.example.com.json"
    /// reason = "Accounts of this subdomain are its own."
    /// ```
    UNNEEDED_ALLOWANCE = "unneeded-allowance", Error, Review, fixable: false, Settings(check)
}

fn check(context: &SettingsContext<'_>) -> Vec<Problem> {
    let problem = |it: &Unneeded<'_>| {
        let (rule, path) = (quote(&it.allowance.rule), quote(&it.allowance.path));
        let message = match it.is_off {
            true => format!("{rule} is allowed here, but turned off anyway"),
            false => format!("{rule} finds nothing in {path}"),
        };
        let location = Location::Value(format!("/check/allow/{}/rule", it.index));
        Problem::new(location, message, "Remove the allowance.")
    };
    context.unneeded.iter().map(problem).collect()
}
