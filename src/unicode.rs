//! Which characters of a text people can see, according to the tables of the Unicode Consortium.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed as Normalizer;
use icu_properties::props::{
    CanonicalCombiningClass, DefaultIgnorableCodePoint, Emoji, ExtendedPictographic,
    GeneralCategory, JoiningType, NoncharacterCodePoint, PrependedConcatenationMark, Script,
    UnifiedIdeograph, VariationSelector,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Characters that are shown as nothing or as an empty box, although they have the properties of a
/// symbol: an empty Braille cell, and the place of an object that was not copied.
const BLANK_SYMBOLS: [char; 2] = ['\u{2800}', '\u{fffc}'];

const ZERO_WIDTH_NON_JOINER: char = '\u{200c}';

const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// How often a text is tidied; removing a character can put another one out of place.
const MAX_ROUNDS: usize = 4;

/// What is wrong with the characters of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// A character that cannot be seen.
    Invisible(char),
    /// A combining mark without a letter before it.
    LoneMark(char),
    /// White space at the start or end, two in a row, or white space other than a space.
    Spacing,
    /// A letter and its accent are separate characters although there is one for both.
    NotComposed,
}

/// Whether a character is shown as nothing, or changes how others are shown. White space other
/// than line breaks and tabs does not count.
pub(crate) fn is_invisible(char: char) -> bool {
    if char.is_ascii() {
        return char.is_ascii_control();
    }
    let is_format = match category(char) {
        GeneralCategory::Control
        | GeneralCategory::LineSeparator
        | GeneralCategory::ParagraphSeparator
        | GeneralCategory::PrivateUse => true,
        GeneralCategory::Format => {
            !CodePointSetData::new::<PrependedConcatenationMark>().contains(char)
        }
        _ => false,
    };
    is_format
        || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(char)
        || CodePointSetData::new::<NoncharacterCodePoint>().contains(char)
        || BLANK_SYMBOLS.contains(&char)
}

/// Whether a character selects a variant of the one before it, such as an emoji in colour.
pub(crate) fn is_variation_selector(char: char) -> bool {
    !char.is_ascii() && CodePointSetData::new::<VariationSelector>().contains(char)
}

/// The first flaw of a text, if it has one. Characters that cannot be seen come first.
pub(crate) fn flaw(text: &str) -> Option<Flaw> {
    if is_tidy_ascii(text) {
        return None;
    }
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if is_out_of_place(before, char, chars.peek().copied()) {
            return Some(match is_mark(char) && !is_invisible(char) {
                true => Flaw::LoneMark(char),
                false => Flaw::Invisible(char),
            });
        }
        before = Some(char);
    }
    if !text.split_whitespace().eq(text.split(' ')) {
        return Some(Flaw::Spacing);
    }
    (!Normalizer::new_nfc().is_normalized(text)).then_some(Flaw::NotComposed)
}

/// A text without its flaws.
pub(crate) fn tidy(text: &str) -> Cow<'_, str> {
    let mut tidied = Cow::Borrowed(text);
    for _ in 0..MAX_ROUNDS {
        if flaw(&tidied).is_none() {
            break;
        }
        tidied = Cow::Owned(tidy_once(&tidied));
    }
    tidied
}

fn tidy_once(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut before = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let char_or_space = if char.is_whitespace() { ' ' } else { char };
        if !is_out_of_place(before, char_or_space, chars.peek().copied()) {
            kept.push(char_or_space);
            before = Some(char_or_space);
        }
    }
    let composed = Normalizer::new_nfc().normalize(&kept);
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that is the same for all texts that look alike: without flaws, with compatible characters
/// (such as full-width letters) replaced, and in lower case.
pub(crate) fn skeleton(text: &str) -> String {
    if is_tidy_ascii(text) {
        return text.to_ascii_lowercase();
    }
    let plain = Normalizer::new_nfkc().normalize(text).to_lowercase();
    tidy(&plain).into_owned()
}

fn is_tidy_ascii(text: &str) -> bool {
    let is_printable = |byte: &u8| matches!(byte, b' '..=b'~');
    text.as_bytes().iter().all(is_printable)
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains("  ")
}

fn category(char: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(char)
}

fn is_mark(char: char) -> bool {
    matches!(
        category(char),
        GeneralCategory::NonspacingMark
            | GeneralCategory::EnclosingMark
            | GeneralCategory::SpacingMark
    )
}

/// Whether a character cannot be seen between its neighbours.
fn is_out_of_place(before: Option<char>, char: char, after: Option<char>) -> bool {
    if matches!(char, ' '..='~') {
        return false;
    }
    if is_variation_selector(char) {
        return !before.is_some_and(|base| takes(base, char));
    }
    if [ZERO_WIDTH_JOINER, ZERO_WIDTH_NON_JOINER].contains(&char) {
        return !joins(before, char, after);
    }
    if is_invisible(char) {
        return true;
    }
    is_mark(char) && !before.is_some_and(carries)
}

/// Whether a combining mark can follow a character.
fn carries(base: char) -> bool {
    !base.is_whitespace() && (!is_invisible(base) || is_variation_selector(base))
}

/// Whether a character has variants that a variation selector can select.
fn takes(base: char, selector: char) -> bool {
    let is_ideographic = CodePointSetData::new::<UnifiedIdeograph>().contains(base);
    match CodePointMapData::<Script>::new().get(selector) {
        Script::Mongolian => CodePointMapData::<Script>::new().get(base) == Script::Mongolian,
        _ if is_ideographic => true,
        _ => {
            CodePointSetData::new::<Emoji>().contains(base)
                || category(base) == GeneralCategory::MathSymbol
        }
    }
}

/// Whether a joiner or a non-joiner has an effect: in scripts with joined letters (RFC 5892,
/// appendix A), and between the parts of an emoji.
fn joins(before: Option<char>, joiner: char, after: Option<char>) -> bool {
    let (Some(before), Some(after)) = (before, after) else {
        return false;
    };
    let class = CodePointMapData::<CanonicalCombiningClass>::new().get(before);
    let joining = |char| CodePointMapData::<JoiningType>::new().get(char);
    let is_picture = |char| CodePointSetData::new::<ExtendedPictographic>().contains(char);
    let joins_letters = matches!(
        joining(before),
        JoiningType::DualJoining | JoiningType::LeftJoining
    ) && matches!(
        joining(after),
        JoiningType::DualJoining | JoiningType::RightJoining
    );
    match joiner {
        _ if class == CanonicalCombiningClass::Virama => true,
        ZERO_WIDTH_NON_JOINER => joins_letters,
        _ => {
            is_picture(after)
                && (CodePointSetData::new::<Emoji>().contains(before)
                    || is_variation_selector(before))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_that_nobody_sees_are_found_in_every_script() {
        for char in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{180e}',
            '\u{200b}',
            '\u{200c}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2060}',
            '\u{2064}',
            '\u{2066}',
            '\u{206f}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffc}',
            '\u{ffff}',
            '\u{e000}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{7f}',
            '\u{85}',
            '\n',
            '\t',
        ] {
            let text = format!("A{char}b");
            assert_eq!(flaw(&text), Some(Flaw::Invisible(char)), "{char:?}");
            let plain = if char.is_whitespace() { "A b" } else { "Ab" };
            assert_eq!(tidy(&text), plain, "{char:?}");
        }
    }

    #[test]
    fn characters_that_others_need_stay() {
        for text in [
            "❤\u{fe0f} Example",
            "1\u{fe0f}\u{20e3}",
            "👩\u{200d}💻",
            "🏳\u{fe0f}\u{200d}🌈",
            "می\u{200c}خواهم",
            "क्\u{200d}ष",
            "葛\u{e0100}城",
            "\u{600}١٢",
            "Česká spořitelna",
            "한국어",
            "x\u{33}\u{20d2}",
        ] {
            assert_eq!(flaw(text), None, "{text}");
        }
    }

    #[test]
    fn white_space_and_accents_are_tidied() {
        for (text, flaw_of_it, tidied) in [
            (" A", Flaw::Spacing, "A"),
            ("A  b", Flaw::Spacing, "A b"),
            ("A\u{a0}b", Flaw::Spacing, "A b"),
            ("A\u{3000}", Flaw::Spacing, "A"),
            ("Cafe\u{301}", Flaw::NotComposed, "Café"),
            ("A \u{301}b", Flaw::LoneMark('\u{301}'), "A b"),
            ("\u{301}b", Flaw::LoneMark('\u{301}'), "b"),
            ("\u{200b}", Flaw::Invisible('\u{200b}'), ""),
        ] {
            assert_eq!((flaw(text), &*tidy(text)), (Some(flaw_of_it), tidied));
        }
    }

    #[test]
    fn texts_that_look_alike_have_one_skeleton() {
        for text in [
            "CAFÉ X",
            "cafe\u{301} x",
            "Café\u{a0}\u{a0}X",
            "Ｃａｆé Ｘ",
            "Caf\u{200b}é x ",
        ] {
            assert_eq!(skeleton(text), "café x", "{text}");
        }
        assert_ne!(skeleton("Cafe"), skeleton("Café"));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_tidied_text_has_no_flaws_and_stays(
            text in r"[a-c éА\u{301}\u{200b}-\u{200d}\u{a0}\u{fe0f}\u{e0100}\u{1f469}\u{1f4bb}\u{94d}\u{915}]{0,9}|\PC{0,9}",
        ) {
            let tidied = tidy(&text);
            prop_assert_eq!(flaw(&tidied), None);
            prop_assert_eq!(tidy(&tidied), &*tidied);
            prop_assert_eq!(flaw(&text).is_none(), tidied == text);
        }
    }
}
