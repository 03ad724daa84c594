//! The rule table.

mod character_reference;
mod codes;
mod covered_domain;
mod custom_method_list;
mod duplicate_domain;
mod duplicate_member;
mod duplicate_name;
mod entry_path;
mod excluded_site;
mod file_mode;
mod file_type;
mod formatting;
mod icon_broken;
mod icon_missing;
mod icon_size;
mod icon_unused;
mod insecure_link;
mod invalid_url;
mod json_encoding;
mod json_syntax;
mod member_order;
mod missing_documentation;
mod mixed_regions;
mod needs_tfa;
mod one_site_per_file;
mod placeholder;
mod prose;
mod public_suffix;
mod redundant;
mod schema;
mod stages;
mod subdomain;
mod svg;
mod text_characters;
mod text_length;
mod tfa_or_contact;
mod unknown_tld;
mod unneeded_allowance;
mod unread;
mod unsafe_domain;

use super::rule::Rule;
use crate::text::{join, thousands};
pub(crate) use icon_missing::icon_path;
pub(crate) use icon_size::SIDES as ICON_SIDES;
pub(crate) use svg::MAX_SIZE as MAX_SVG_BYTES;

/// All rules, in the order in which a report lists them.
pub static RULES: &[&Rule] = &[
    &unread::UNREADABLE_FILE,
    &unread::LINK_TARGET,
    &unread::FILE_SIZE,
    &file_type::FILE_TYPE,
    &file_mode::FILE_MODE,
    &json_encoding::JSON_ENCODING,
    &json_syntax::JSON_SYNTAX,
    &duplicate_member::DUPLICATE_MEMBER,
    &one_site_per_file::ONE_SITE_PER_FILE,
    &schema::SCHEMA,
    &tfa_or_contact::TFA_OR_CONTACT,
    &needs_tfa::NEEDS_TFA,
    &custom_method_list::CUSTOM_METHOD_LIST,
    &mixed_regions::MIXED_REGIONS,
    &schema::UNKNOWN_CATEGORY,
    &codes::UNKNOWN_REGION,
    &codes::UNKNOWN_LANGUAGE,
    &unsafe_domain::UNSAFE_DOMAIN,
    &public_suffix::PUBLIC_SUFFIX,
    &invalid_url::INVALID_URL,
    &character_reference::CHARACTER_REFERENCE,
    &text_length::TEXT_LENGTH,
    &text_characters::TEXT_CHARACTERS,
    &placeholder::PLACEHOLDER,
    &public_suffix::SHARED_DOMAIN,
    &unknown_tld::UNKNOWN_TLD,
    &entry_path::FILE_NAME,
    &entry_path::FILE_FOLDER,
    &duplicate_domain::DUPLICATE_DOMAIN,
    &duplicate_name::DUPLICATE_NAME,
    &excluded_site::EXCLUDED_SITE,
    &redundant::REDUNDANT_URL,
    &redundant::REDUNDANT_IMG,
    &subdomain::WWW_DOMAIN,
    &subdomain::SUBDOMAIN,
    &covered_domain::COVERED_DOMAIN,
    &missing_documentation::MISSING_DOCUMENTATION,
    &insecure_link::INSECURE_LINK,
    &formatting::FORMATTING,
    &member_order::MEMBER_ORDER,
    &icon_missing::ICON_MISSING,
    &icon_unused::ICON_UNUSED,
    &icon_size::ICON_SIZE,
    &icon_broken::ICON_BROKEN,
    &svg::invalid::SVG_INVALID,
    &svg::SVG_PROCESSING_INSTRUCTION,
    &svg::SVG_EMBEDDED_IMAGE,
    &svg::SVG_SCRIPT,
    &svg::external_reference::SVG_EXTERNAL_REFERENCE,
    &svg::multiple_lines::SVG_MULTIPLE_LINES,
    &svg::SVG_COMMENT,
    &svg::SVG_FILE_SIZE,
    &svg::dimensions::SVG_DIMENSIONS,
    &svg::SVG_ROOT_ID,
    &svg::SVG_STYLE,
    &svg::SVG_XML_SPACE,
    &svg::superfluous_attribute::SVG_SUPERFLUOUS_ATTRIBUTE,
    &unneeded_allowance::UNNEEDED_ALLOWANCE,
    &stages::SETTINGS,
    &stages::CATEGORIES,
    &stages::EXCLUDED,
    &stages::TEMPLATES,
    &stages::INTERNAL_ERROR,
    &stages::MANIFEST,
    &stages::SIGNATURE,
    &stages::MISSING_FILE,
    &stages::ALTERED_FILE,
    &stages::EXTRA_FILE,
];

/// The rules about formatting, and about files that cannot be formatted.
pub(super) static FORMATTING: &[&Rule] = &[
    &unread::UNREADABLE_FILE,
    &unread::LINK_TARGET,
    &unread::FILE_SIZE,
    &json_encoding::JSON_ENCODING,
    &json_syntax::JSON_SYNTAX,
    &duplicate_member::DUPLICATE_MEMBER,
    &one_site_per_file::ONE_SITE_PER_FILE,
    &formatting::FORMATTING,
];

/// The rule about the order of fields.
pub(super) use member_order::MEMBER_ORDER as ORDER;

/// What an icon must be like, for contributors: sentences in Markdown.
pub(crate) fn icon_requirements() -> [String; 2] {
    let sides = icon_size::SIDES.map(|side| format!("{side} × {side}"));
    let bytes = thousands(svg::MAX_SIZE);
    [
        format!(
            "Use an SVG file named after the domain if you can: on one line, without an XML \
             declaration, and with at most {bytes} bytes. Minify it, for example with SVGO."
        ),
        format!(
            "A PNG file must be {} pixels. Name it in the field `img`.",
            join(&sides, "or")
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::rule::Check;
    use crate::finding::Stage;

    #[test]
    fn the_guide_for_contributors_states_the_requirements_for_icons() {
        let guide = include_str!("../../../CONTRIBUTING.md");
        let guide = guide.split_whitespace().collect::<Vec<_>>().join(" ");
        for requirement in icon_requirements() {
            assert!(guide.contains(&requirement), "{requirement}");
        }
    }

    #[test]
    fn the_guide_and_the_rule_about_their_order_list_every_field() {
        let schema: serde_json::Value = serde_json::from_str(crate::schema::ENTRY.text).unwrap();
        let fields = schema["$defs"]["entry"]["properties"].as_object().unwrap();
        let names: Vec<String> = fields.keys().map(|name| format!("`{name}`")).collect();
        let rule = ORDER.summary();
        assert!(rule.contains(&names.join(", ")), "{names:?} {rule}");
        let guide = include_str!("../../../CONTRIBUTING.md");
        for name in names {
            assert!(guide.contains(&name), "{name}");
        }
    }

    #[test]
    fn every_rule_is_documented_with_a_bad_and_a_good_example() {
        for rule in RULES {
            for part in ["## Why", "## Bad", "## Good"] {
                assert!(rule.documentation().contains(part), "{}: {part}", rule.id);
            }
        }
    }

    #[test]
    fn every_rule_of_another_stage_is_in_the_table_with_the_id_of_its_findings() {
        assert_eq!(Stage::ALL.len(), Stage::ExtraFile as usize + 1);
        for stage in Stage::ALL {
            let rules = RULES.iter().filter(|rule| match rule.check {
                Check::Stage(it) => it == *stage,
                _ => false,
            });
            let ids: Vec<&str> = rules.map(|rule| rule.id).collect();
            assert_eq!(ids, [stage.id()]);
        }
    }

    #[test]
    fn every_rule_has_a_unique_id_in_kebab_case() {
        let mut ids: Vec<&str> = RULES.iter().map(|rule| rule.id).collect();
        assert!(ids.iter().all(|id| {
            id.chars()
                .all(|char| char.is_ascii_lowercase() || char == '-')
        }));
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), RULES.len());
    }
}
