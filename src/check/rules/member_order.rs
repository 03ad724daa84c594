use crate::check::context::EntryContext;
use crate::check::rule::{Problem, rule};
use crate::finding::Change;
use crate::source::canonical::disorder;
use crate::source::{Location, Verb};
use crate::text::quote;

rule! {
    /// Finds entries with fields that are not in the usual order: `domain`, `additional-domains`, `url`,
    /// `img`, `tfa`, `custom-software`, `custom-hardware`, `documentation`, `recovery`, `notes`,
    /// `contact`, `categories`, `regions`.
    ///
    /// ## Why
    ///
    /// Reviewers find a field faster if it is always in the same place.
    ///
    /// ## Bad
    ///
    /// ```json
    /// { "Example": { "categories": ["email"], "domain": "example.com", "tfa": ["totp"] } }
    /// ```
    ///
    /// ## Good
    ///
    /// ```json
    /// { "Example": { "domain": "example.com", "tfa": ["totp"], "categories": ["email"], … } }
    /// ```
    ///
    /// ## Fix
    ///
    /// Reorders the fields and reformats the file, as does `tfadir fmt --reorder`. Version 3 publishes
    /// fields in the order of the file, so their order changes there. In an entry that is not published
    /// yet, `--fix` does this; elsewhere `--unsafe-fixes`.
    MEMBER_ORDER = "member-order", Note, Review, fix: Unsafe, Entry(check)
}

fn check(context: &EntryContext<'_>) -> Vec<Problem> {
    let Some(disorder) = disorder(context.entry, &context.directory.field_order) else {
        return Vec::new();
    };
    let message = format!(
        "{} belongs before {}",
        quote(&disorder.field),
        quote(&disorder.before)
    );
    let help = "Fields have a fixed order, so that reviewers find them quickly.";
    let problem = Problem::new(Location::Name(disorder.pointer), message, help);
    vec![problem.fix_that_alters_output(Verb::Reorder.title("its fields"), Change::Reorder)]
}
