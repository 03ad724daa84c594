use crate::address::host;
use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::source::Location;

rule! {
    /// Finds values that were copied from the template: the name "Site Name", the domain `site.com`, and
    /// links to `site.com` or `example.com`.
    ///
    /// ## Why
    ///
    /// These values were left in by mistake, and say nothing about the site.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Site Name": { "domain": "site.com", "documentation": "https://example.com/", … } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Rabbit": { "domain": "rabbit.example", "documentation": "https://rabbit.example/2fa", … } }
    /// ```
    PLACEHOLDER = "placeholder", Error, Review, fix: None, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let entry = context.entry;
    let mut problems = Vec::new();
    if entry.name == "Site Name" {
        problems.push(Problem::new(
            Location::Name(entry.pointer()),
            "`Site Name` is a placeholder, not a real name",
            "Replace it with the site's name, as the site itself spells it.",
        ));
    }
    if entry.domain() == "site.com" {
        problems.push(Problem::new(
            context.value_of("domain"),
            "`site.com` is a placeholder, not a real domain",
            "Replace it with the site's domain.",
        ));
    }
    // With an invalid domain, it is unknown which links are the site's own.
    if context.domain().is_some() {
        let links = context
            .urls()
            .filter(|(_, url)| is_placeholder(url, entry.domain()));
        problems.extend(links.map(|(field, _)| {
            Problem::new(
                context.value_of(field),
                "this is a placeholder, not a real URL",
                "Replace it with a link to the site's page.",
            )
        }));
    }
    problems
}

/// Whether a URL was copied from the template, and is not the site's own.
fn is_placeholder(url: &str, domain: &str) -> bool {
    let full_host = host(url);
    let site = full_host.strip_prefix("www.").unwrap_or(full_host);
    ["site.com", "example.com"].contains(&site) && site != domain
}
