#![allow(clippy::needless_raw_string_hashes, reason = "the texts look alike")]

use super::messages::{
    BRACE, CLOSING_QUOTE, COMMA, CONFLICT, CURLY, DEPTH, INNER_QUOTE, REST, SINGLE, TRAILING, VALUE,
};
use super::{MAX_ERRORS, corrected, errors};

fn fixed(text: &str) -> (Vec<String>, Option<String>) {
    let errors = errors(text);
    let corrected = corrected(text, &errors);
    (
        errors
            .into_iter()
            .map(|it| it.message.into_owned())
            .collect(),
        corrected,
    )
}

#[test]
fn an_obvious_correction_is_made() {
    for (text, expected) in [
        (r#"{"a": 1,}"#, r#"{"a": 1}"#),
        (r#"{"a": [1, 2,], }"#, r#"{"a": [1, 2] }"#),
        (r#"{"a": 1,, "b": 2}"#, r#"{"a": 1, "b": 2}"#),
        ("{\"a\": 1\n\"b\": 2}", "{\"a\": 1,\n\"b\": 2}"),
        (r#"{"a" 1: "b"}"#, ""),
        (r#"{"a" "b"}"#, r#"{"a": "b"}"#),
        (r#"{"a" = "b"; "c": 1}"#, r#"{"a" : "b", "c": 1}"#),
        (r#"{“a”: „b“}"#, r#"{"a": "b"}"#),
        (r#"{'a': 'it's'}"#, r#"{"a": "it's"}"#),
        (
            r#"{a: totp, b: [sms, u2f]}"#,
            r#"{"a": "totp", "b": ["sms", "u2f"]}"#,
        ),
        (
            r#"{"a": https://a.example/b}"#,
            r#"{"a": "https://a.example/b"}"#,
        ),
        (r#"{"a": b"}"#, r#"{"a": "b"}"#),
        (r#"{a": "b"}"#, r#"{"a": "b"}"#),
        ("{\"a\": \"b,\n\"c\": 1}", "{\"a\": \"b\",\n\"c\": 1}"),
        ("{\"a\": [\"b]\n}", "{\"a\": [\"b\"]\n}"),
        ("{\"a\": \"b”,\n\"c\": 1}", "{\"a\": \"b\",\n\"c\": 1}"),
        (r#"{"a: "b", "c": 1}"#, r#"{"a": "b", "c": 1}"#),
        ("{\"a\": \"b\n  c\"}", r#"{"a": "b c"}"#),
        ("{\"a\": \"https://b\n  c\"}", r#"{"a": "https://bc"}"#),
        ("{\"a\": \"b\tc\"}", r#"{"a": "b c"}"#),
        (r#"{"a": {"b": ["c"}}"#, r#"{"a": {"b": ["c"]}}"#),
        ("{\"a\": {\"b\": 1}\n", "{\"a\": {\"b\": 1}}\n"),
        ("{\"a\": {\"b\": 1},\n", "{\"a\": {\"b\": 1}}\n"),
        ("\"a\": {\"b\": 1}\n", "{\"a\": {\"b\": 1}}\n"),
        ("\"a\": {\"b\": 1}\n}\n", "{\"a\": {\"b\": 1}\n}\n"),
        ("{\"a\": 1}}\n", "{\"a\": 1}\n"),
        (r#"{"a": "it\'s"}"#, r#"{"a": "it's"}"#),
        ("{\u{a0}\"a\": 1}", "{\"a\": 1}"),
        ("{\"a\": 1 // one\n}", "{\"a\": 1 \n}"),
    ] {
        assert_eq!(
            fixed(text).1.unwrap_or_default(),
            expected,
            "{text}: {:?}",
            fixed(text).0
        );
    }
}

#[test]
fn several_errors_are_found_at_once_and_at_most_a_thousand() {
    let text = "{“A”: {\n'b': 1\n\"c\": [true, \"x,\n]\n";
    let messages = [
        CURLY.0,
        SINGLE.0,
        COMMA.0,
        CLOSING_QUOTE.0,
        TRAILING.0,
        BRACE.0,
        BRACE.0,
    ];
    assert_eq!(fixed(text).0, messages);
    assert_eq!(
        errors(&"a,".repeat(MAX_ERRORS).replacen('a', "[a", 1)).len(),
        MAX_ERRORS
    );
}

#[test]
fn what_could_mean_several_things_has_no_correction() {
    for (text, message) in [
        (r#"{"a": }"#, VALUE.0),
        (r#"{"a": "say "b" now"}"#, INNER_QUOTE.0),
        (r#"{"The "A" Shop": 1}"#, INNER_QUOTE.0),
        (
            "{\n<<<<<<< HEAD\n\"a\": 1\n=======\n\"a\": 2\n>>>>>>> b\n}",
            CONFLICT.0,
        ),
        (r#"{"a": 1} {"b": 1}"#, REST.0),
        (r#"{"a": 1]"#, BRACE.0),
        (&"[".repeat(1000), DEPTH.0),
    ] {
        assert_eq!(fixed(text), (vec![message.to_owned()], None), "{text}");
    }
    assert!(
        errors(r#"{"a": None}"#)
            .iter()
            .all(|it| !it.correction.as_ref().unwrap().is_safe)
    );
    let half = errors(r#"{"a": "\ud800"}"#);
    assert_eq!(half[0].message, "`\\ud800` is only half of a character");
    assert!(
        half.iter()
            .all(|it| !it.correction.as_ref().unwrap().is_safe)
    );
}

/// Any text comes to an end, with errors in its bounds.
#[test]
fn any_text_is_scanned() {
    let pieces = [
        "{", "}", "[", "]", "\"", ",", ":", "a", "“", "\\", "\n", "\\u12", "/*", "é'",
    ];
    for seed in 0..4000_usize {
        let piece = |index: u32| pieces[(seed * 31 + 7).wrapping_pow(index + 1) / 8 % pieces.len()];
        let text: String = (0..9).map(piece).collect();
        for error in errors(&text) {
            assert!(
                text.get(error.range.clone()).is_some(),
                "{text:?}: {error:?}"
            );
        }
    }
}
