//! What a wrong word was probably meant to be: the same word in another spelling, an alias from
//! `schemas/aliases.json`, or a similar word.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use isolang::languages;
use rust_iso3166::ALL;
use serde::Deserialize;
use serde_json::Value;

use crate::address::{Hosts, email_in, host, url_meant};
use crate::text::{closest, quote};

/// What a word was probably meant to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Meant {
    pub(crate) words: Vec<String>,
    /// Whether there is only one answer, which can replace the word.
    pub(crate) is_certain: bool,
    /// What to know before choosing, as sentences.
    pub(crate) note: Option<&'static str>,
}

/// A word from the table: what it stands for.
#[derive(Deserialize)]
#[serde(untagged)]
enum Alias {
    One(String),
    Several(Vec<String>),
    Explained {
        #[serde(rename = "use")]
        words: Vec<String>,
        note: String,
    },
}

/// The aliases of each kind of word, by definition in the entry schema.
static ALIASES: LazyLock<BTreeMap<String, BTreeMap<String, Alias>>> = LazyLock::new(|| {
    // A test shows that the table is valid.
    serde_json::from_str(include_str!("../../schemas/aliases.json")).unwrap_or_default()
});

impl Meant {
    pub(super) fn certain(word: &str) -> Self {
        Self {
            words: vec![word.to_owned()],
            is_certain: true,
            note: None,
        }
    }

    /// What a word was meant to be. `kind` is a definition in the entry schema; `options` are the
    /// words that are allowed there.
    pub(crate) fn of(kind: &str, word: &str, options: &[&str]) -> Self {
        let spelled = word.trim().to_lowercase().replace([' ', '_'], "-");
        let squeezed = spelled.replace('-', "");
        let is_same =
            |candidate: &&str| *candidate == spelled || candidate.replace('-', "") == squeezed;
        if let Some(option) = options.iter().copied().find(is_same) {
            return Self::certain(option);
        }
        let aliases = ALIASES.get(kind).into_iter().flatten();
        match aliases
            .into_iter()
            .find(|(alias, _)| is_same(&alias.as_str()))
            .map(|pair| pair.1)
        {
            Some(Alias::One(alias)) if options.contains(&alias.as_str()) => {
                return Self::certain(alias);
            }
            Some(Alias::Several(words)) => {
                return Self {
                    words: allowed(words, options),
                    ..Self::default()
                };
            }
            Some(Alias::Explained { words, note }) => {
                return Self {
                    words: allowed(words, options),
                    is_certain: false,
                    note: Some(note),
                };
            }
            _ => {}
        }
        let (distance, near) = closest(&spelled, options.iter().copied());
        if near.is_empty() {
            let related = options.iter().filter(|option| is_related(&spelled, option));
            return Self {
                words: related.map(|option| (*option).to_owned()).collect(),
                ..Self::default()
            };
        }
        let is_certain = distance <= 1 && near.len() == 1 && spelled.chars().count() > 3;
        Self {
            words: near.into_iter().map(str::to_owned).collect(),
            is_certain,
            note: None,
        }
    }

    /// The country that a word was meant to be: also by its name or its code of three letters.
    pub(crate) fn country(word: &str) -> Self {
        let codes: Vec<String> = ALL
            .iter()
            .map(|country| country.alpha2.to_lowercase())
            .collect();
        let options: Vec<&str> = codes.iter().map(String::as_str).collect();
        let country = ALL.iter().find(|country| {
            country.name.eq_ignore_ascii_case(word) || country.alpha3.eq_ignore_ascii_case(word)
        });
        match country {
            Some(country) => Self::certain(&country.alpha2.to_lowercase()),
            None => Self::of("region", word, &options),
        }
    }

    /// As [`Self::country`], with a minus sign if the word has one.
    pub(crate) fn region(word: &str) -> Self {
        let code = word.trim_start_matches('-');
        let sign = &word[..word.len() - code.len()];
        let mut meant = Self::country(code);
        meant
            .words
            .iter_mut()
            .for_each(|word| word.insert_str(0, sign));
        meant
    }

    /// The language that a word was meant to be: also by its English name.
    pub(crate) fn language(word: &str) -> Self {
        let codes: Vec<(&str, &str)> = languages()
            .filter_map(|language| Some((language.to_639_1()?, language.to_name())))
            .collect();
        let named = codes
            .iter()
            .find(|(_, name)| name.eq_ignore_ascii_case(word.trim()));
        if let Some((code, _)) = named {
            return Self::certain(code);
        }
        let options: Vec<&str> = codes.iter().map(|(code, _)| *code).collect();
        Self::of("language", word, &options)
    }

    /// The first of some usual corrections of a value that its schema allows.
    pub(super) fn corrected(schema: &Value, value: &str) -> Self {
        let trimmed = value.trim();
        let candidates: Vec<String> = match schema["format"].as_str() {
            Some("hostname") => {
                let url = url_meant(trimmed, Hosts::Public);
                url.iter().map(|url| host(url).to_owned()).collect()
            }
            Some("uri") => url_meant(trimmed, Hosts::Public).into_iter().collect(),
            Some("email") => email_in(trimmed).into_iter().map(str::to_owned).collect(),
            Some(_) => Vec::new(),
            // Paths distinguish case, so the name of a file is never changed to lower case.
            None => match account(trimmed).or_else(|| file_name(trimmed)) {
                Some(last) => vec![last.to_owned()],
                None if trimmed.contains(['.', '/']) => vec![trimmed.to_owned()],
                None => vec![trimmed.to_owned(), trimmed.to_lowercase()],
            },
        };
        let Ok(validator) = super::options().build(schema) else {
            return Self::default();
        };
        let is_meant = |candidate: &String| {
            candidate != value && validator.is_valid(&candidate.as_str().into())
        };
        let words: Vec<String> = candidates.into_iter().find(is_meant).into_iter().collect();
        Self {
            is_certain: !words.is_empty(),
            words,
            note: None,
        }
    }

    /// The end of a sentence about the word: `` ; did you mean `totp`? ``, or nothing.
    pub(crate) fn question(&self) -> String {
        match self.words.as_slice() {
            [] => String::new(),
            words => {
                let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
                format!("; did you mean {}?", crate::text::join(&quoted, "or"))
            }
        }
    }

    /// The word that can replace the wrong one.
    pub(crate) fn answer(&self) -> Option<&str> {
        let first = self.words.first().map(String::as_str);
        if self.is_certain { first } else { None }
    }
}

/// The words that are among the options.
fn allowed(words: &[String], options: &[&str]) -> Vec<String> {
    let mut allowed = words.to_vec();
    allowed.retain(|word| options.contains(&word.as_str()));
    allowed
}

/// Whether two words differ only in their endings, or one is the first part of the other.
fn is_related(word: &str, option: &str) -> bool {
    let is_long = word.len() > 3 && option.len() > 3;
    let parts = word.split_once('-');
    is_long && (stem(word) == stem(option) || parts.is_some_and(|(first, _)| first == option))
}

/// A word without its suffix.
fn stem(word: &str) -> &str {
    ["ments", "ment", "ies", "ing", "es", "s", "y", "e"]
        .iter()
        .find_map(|suffix| word.strip_suffix(suffix))
        .unwrap_or(word)
}

/// The name of an account on Twitter or Facebook: in the URL of its page, or after an `@`.
fn account(text: &str) -> Option<&str> {
    if let Some(name) = text.strip_prefix('@') {
        return Some(name);
    }
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let (host, path) = rest.unwrap_or(text).split_once('/')?;
    let host = ["www.", "m.", "mobile."]
        .iter()
        .find_map(|prefix| host.strip_prefix(prefix))
        .unwrap_or(host);
    let name = path.strip_suffix('/').unwrap_or(path);
    // Other pages have a slash, a question mark, or one of these names.
    let is_other = name.contains(['/', '?', '#'])
        || ["groups", "intent", "pages", "profile.php"].contains(&name);
    let is_known = ["twitter.com", "x.com", "facebook.com"].contains(&host);
    (is_known && !is_other).then(|| name.trim_start_matches('@'))
}

/// The name of an icon in a path, but not in a URL.
fn file_name(text: &str) -> Option<&str> {
    if text.contains("://") {
        return None;
    }
    let (_, name) = text.rsplit_once('/')?;
    let (_, extension) = name.rsplit_once('.')?;
    matches!(extension, "svg" | "png").then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::METHODS;

    const CATEGORIES: &str = include_str!("../../schemas/categories.json");

    fn method(word: &str) -> Meant {
        Meant::of("method", word, &METHODS.map(|method| method.name))
    }

    #[test]
    fn every_alias_stands_for_words_that_exist() {
        let categories: serde_json::Map<_, _> = serde_json::from_str(CATEGORIES).unwrap();
        let categories: Vec<&str> = categories.keys().map(String::as_str).collect();
        for (kind, alias) in ALIASES
            .iter()
            .flat_map(|(kind, words)| words.iter().map(move |word| (kind, word)))
        {
            let words = match alias.1 {
                Alias::One(word) => std::slice::from_ref(word),
                Alias::Several(words) | Alias::Explained { words, .. } => words,
            };
            let exists = |word: &String| match kind.as_str() {
                "method" => METHODS.iter().any(|method| method.name == word),
                "category" => categories.contains(&word.as_str()),
                "region" => rust_iso3166::from_alpha2(&word.to_uppercase()).is_some(),
                "language" => isolang::Language::from_639_1(word).is_some(),
                _ => crate::schema::ENTRY
                    .text
                    .contains(&format!("\"{word}\": {{")),
            };
            assert!(words.iter().all(exists), "{kind}: {words:?}");
        }
        assert_eq!(ALIASES.len(), 6);
    }

    #[test]
    fn a_word_with_one_meaning_is_certain_and_one_with_several_is_not() {
        for (word, meant) in [
            ("TOTP", "totp"),
            ("topt", "totp"),
            ("Security Key", "u2f"),
            ("GoogleAuthenticator", "totp"),
            ("custom software", "custom-software"),
        ] {
            assert_eq!(method(word).answer(), Some(meant), "{word}");
        }
        assert_eq!(
            method("phone").question(),
            "; did you mean `call` or `sms`?"
        );
        for word in [
            "phone",
            "passkey",
            "push",
            "hardware token",
            "fingerprint",
            "sm",
        ] {
            assert_eq!(method(word).answer(), None, "{word}");
        }
        assert!(
            method("passkey")
                .note
                .unwrap()
                .contains("replaces the password")
        );
    }

    #[test]
    fn a_correction_is_itself_valid() {
        let corrected = |format: &str, value: &str| {
            Meant::corrected(
                &serde_json::json!({ "type": "string", "format": format }),
                value,
            )
            .answer()
            .map(str::to_owned)
        };
        assert_eq!(
            corrected("email", "mailto:a@b.example").as_deref(),
            Some("a@b.example")
        );
        for host in [
            "HTTPS://B.example/",
            "b.example:443",
            "http://b.example/login?c=d",
        ] {
            assert_eq!(
                corrected("hostname", host).as_deref(),
                Some("b.example"),
                "{host}"
            );
        }
        assert_eq!(
            corrected("hostname", "Müller.example").as_deref(),
            Some("xn--mller-kva.example")
        );
        let handle = |value: &str| {
            let schema = serde_json::json!({ "type": "string", "pattern": "^[A-Za-z0-9_]{1,15}$" });
            Meant::corrected(&schema, value).answer().map(str::to_owned)
        };
        for value in [
            "@Abc",
            "https://twitter.com/Abc/",
            "x.com/Abc",
            "http://m.facebook.com/@Abc",
        ] {
            assert_eq!(handle(value).as_deref(), Some("Abc"), "{value}");
        }
        for value in [
            "https://social.example/@Abc",
            "https://twitter.com/intent/follow",
            "https://www.facebook.com/profile.php?id=1",
            "https://www.facebook.com/pages/Abc/123",
            "abc.example/2fa",
        ] {
            assert_eq!(handle(value), None, "{value}");
        }
        for (format, value) in [
            ("email", "mailto:nobody"),
            ("hostname", "-BAD-.com/"),
            ("uri", "ba<d>.com"),
            ("uri", "İ://é"),
        ] {
            assert_eq!(corrected(format, value), None, "{value}");
        }
    }

    #[test]
    fn a_far_word_is_not_suggested() {
        assert_eq!(
            Meant::of("category", "email", &["retail", "banking"]),
            Meant::default()
        );
        assert_eq!(Meant::country("UK").answer(), Some("gb"));
        assert_eq!(Meant::country("usa").answer(), Some("us"));
        assert_eq!(Meant::country("Germany").answer(), Some("de"));
        assert_eq!(
            Meant::country("en").question(),
            "; did you mean `gb` or `us`?"
        );
        assert!(Meant::country("eu").words.is_empty() && Meant::country("eu").note.is_some());
        for code in ["xx", "den", "ned", "wal"] {
            assert!(Meant::country(code).words.is_empty(), "{code}");
        }
    }
}
