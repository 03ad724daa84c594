//! The order of names in version 3.

use icu_collator::options::CollatorOptions;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};

use crate::failure::{Failure, failure};

/// Builds sort keys with the byte order of `String.prototype.localeCompare` in en-US: the root
/// collation of the Unicode CLDR at tertiary strength with default options (UTS #35, part 5;
/// contract, section 3).
///
/// The collation data comes from the pinned `icu_collator`; an update can reorder names.
#[derive(Debug)]
pub(crate) struct Collation(CollatorBorrowed<'static>);

impl Collation {
    /// The root collation; its data is compiled into the program.
    ///
    /// # Errors
    ///
    /// If the compiled-in data lacks the root collation, which a test rules out.
    pub(crate) fn root() -> Result<Self, Failure> {
        Collator::try_new(CollatorPreferences::default(), CollatorOptions::default())
            .map(Self)
            .map_err(
                |error| failure!("cannot load the root collation: {error}"; help: "please report this"),
            )
    }

    /// The sort key of a name.
    pub(crate) fn key(&self, name: &str) -> Vec<u8> {
        let mut key = Vec::with_capacity(2 * name.len() + 8);
        let Ok(()) = self.0.write_sort_key_to(name, &mut key);
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut names: Vec<&str>) -> Vec<&str> {
        let collation = Collation::root().unwrap();
        names.sort_by_cached_key(|name| collation.key(name));
        names
    }

    #[test]
    fn punctuation_comes_before_digits_and_digits_before_letters() {
        assert_eq!(
            sorted(vec![
                "b", "B", "a", "1", "10", "2", "-", "_", "&", "É", "e", "f", "ß", "ss"
            ]),
            [
                "_", "-", "&", "1", "10", "2", "a", "b", "B", "e", "É", "f", "ss", "ß"
            ]
        );
    }

    #[test]
    fn punctuation_is_not_ignored_and_lower_case_comes_first_among_equals() {
        assert_eq!(
            sorted(vec!["A1", "a 1", "a1", "A-1", "a.1", "aA", "Aa", "aa"]),
            ["a 1", "A-1", "a.1", "a1", "A1", "aa", "aA", "Aa"]
        );
    }
}
