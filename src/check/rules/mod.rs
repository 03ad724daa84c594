//! The rule table: one rule, one file.

mod custom_method_list;
mod duplicate_member;
mod file_size;
mod file_type;
mod json_encoding;
mod json_syntax;
mod link_target;
mod mixed_regions;
mod needs_tfa;
mod one_site_per_file;
mod schema;
mod tfa_or_contact;
mod unknown_category;
mod unreadable_file;

use super::rule::Rule;

/// All rules, in the order in which they speak of a file.
pub static RULES: &[&Rule] = &[
    &unreadable_file::UNREADABLE_FILE,
    &link_target::LINK_TARGET,
    &file_size::FILE_SIZE,
    &file_type::FILE_TYPE,
    &json_encoding::JSON_ENCODING,
    &json_syntax::JSON_SYNTAX,
    &duplicate_member::DUPLICATE_MEMBER,
    &one_site_per_file::ONE_SITE_PER_FILE,
    &schema::SCHEMA,
    &tfa_or_contact::TFA_OR_CONTACT,
    &needs_tfa::NEEDS_TFA,
    &custom_method_list::CUSTOM_METHOD_LIST,
    &mixed_regions::MIXED_REGIONS,
    &unknown_category::UNKNOWN_CATEGORY,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_documented_with_a_bad_and_a_good_example() {
        for rule in RULES {
            for part in ["## Why", "## Bad", "## Good"] {
                assert!(rule.documentation.contains(part), "{}: {part}", rule.id);
            }
        }
    }

    #[test]
    fn every_rule_has_an_id_of_its_own_in_kebab_case() {
        let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert!(ids.iter().all(|id| id.chars().all(|it| it.is_ascii_lowercase() || it == '-')));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
    }
}
