#![allow(clippy::needless_raw_string_hashes, reason = "the texts look alike")]

use super::messages as say;
use super::messages::MessageText;
use super::{Diagnosis, Fields, Form, Words, diagnose, foreign};
use crate::source::json;
use crate::text::replace;

const GOOD: &str = r#"{
  "Example": {
    "domain": "example.com",
    "tfa": [
      "sms",
      "totp"
    ],
    "documentation": "https://example.com/a,b:c",
    "notes": "Say it.",
    "categories": [
      "email"
    ]
  }
}
"#;

fn form() -> Form {
    let word = || Form::String(Words::Word);
    let list = |form| Form::Array(Box::new(form));
    let methods = ["sms", "totp"].map(str::to_owned).to_vec();
    let object = |fields: Vec<(&str, Form)>| {
        let owned = |(name, form): (&str, Form)| (name.to_owned(), form);
        Form::Object(Fields {
            forms: fields.into_iter().map(owned).collect(),
            meant: |name, _| (name == "docs").then(|| "documentation".to_owned()),
        })
    };
    Form::Site(Box::new(object(vec![
        ("domain", word()),
        ("tfa", list(Form::String(Words::Choice(methods)))),
        ("documentation", word()),
        ("notes", Form::String(Words::Text)),
        ("contact", object(vec![("facebook", word())])),
        ("categories", list(word())),
    ])))
}

fn diagnosis(text: &str) -> Diagnosis {
    let error = json::parse(text).unwrap_err();
    diagnose(text, &error, &form())
}

fn messages(diagnosis: &Diagnosis) -> Vec<&str> {
    let errors = diagnosis.errors.iter();
    errors.map(|error| error.message.as_str()).collect()
}

/// The text after all corrections, if they can be applied.
fn corrected(text: &str) -> Option<String> {
    let diagnosis = diagnosis(text);
    let edits = diagnosis.errors.into_iter().flat_map(|error| error.edits);
    diagnosis
        .is_correctable
        .then(|| replace(text, edits.collect()))
}

/// The good text with one part replaced.
fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

#[test]
fn what_the_contributor_wrote_is_restored() {
    let mut wrong = Vec::new();
    for (from, to) in [
        // Commas.
        ("\"sms\",", "\"sms\""),
        ("\"totp\"", "\"totp\","),
        ("\"sms\",", "\"sms\",,"),
        ("\"sms\",", "\"sms\";"),
        ("\"sms\",", "\"sms\"."),
        ("\"sms\",", "\"sms\"，"),
        ("\"sms\",", "\"sms\"、"),
        ("\"sms\",", "\"sms\"،"),
        ("\"sms\",", "\"sms,\""),
        ("example.com\",", "example.com,\""),
        ("],\n    \"doc", "]\n    \"doc"),
        ("],\n    \"doc", ",]\n    \"doc"),
        ("  }\n}", "  },\n}"),
        // Colons.
        ("\"domain\":", "\"domain\""),
        ("\"domain\":", "\"domain\" ="),
        ("\"domain\":", "\"domain\" =>"),
        ("\"domain\":", "\"domain\"："),
        ("\"domain\":", "\"domain\";"),
        ("\"domain\":", "\"domain\"::"),
        ("\"domain\":", "\"domain:\""),
        ("\"domain\": \"", "\"domain\" \":"),
        ("\"Example\":", "\"Example:\""),
        // Quotes.
        ("\"domain\"", "domain"),
        ("\"domain\"", "domain\""),
        ("\"domain\"", "\"domain"),
        ("\"domain\"", "\"\"domain\""),
        ("\"domain\"", "d\"omain\""),
        ("\"domain\"", "\"domai\"n"),
        ("\"totp\"", "“totp”"),
        ("\"totp\"", "„totp“"),
        ("\"totp\"", "「totp」"),
        ("\"totp\"", "″totp″"),
        ("\"totp\"", "＂totp＂"),
        ("\"totp\"", "'totp'"),
        ("\"totp\"", "'totp',"),
        ("\"totp\"", "''totp''"),
        ("\"totp\"", "`totp`"),
        ("\"totp\"", "\\\"totp\\\""),
        ("\"totp\"", "&quot;totp&quot;"),
        ("\"totp\"", "\"totp”"),
        ("\"totp\"", "“totp\""),
        ("\"totp\"", "totp"),
        ("\"email\"", "email,"),
        ("\"email\"", "'email',"),
        ("\"sms\"", "\"s\"ms\""),
        ("example.com\"", "example.com"),
        ("example.com\"", "exam\"ple.com\""),
        ("\"https:", "https:"),
        ("b:c\"", "b:c"),
        ("b:c\"", "b:c\\\""),
        ("\"https://example.com/a,b:c\"", "https://example.com/a,b:c"),
        (
            "\"https://example.com/a,b:c\"",
            "<https://example.com/a,b:c>",
        ),
        ("example.com/a", "example.com/\n      a"),
        ("example.com/a", "example.com/\ta"),
        ("Say it", "Say\n  it"),
        ("\"Say it.\"", "'Say it.'"),
        // Brackets.
        (
            "[\n      \"sms\",\n      \"totp\"\n    ]",
            "{\n      \"sms\",\n      \"totp\"\n    }",
        ),
        (
            "[\n      \"sms\",\n      \"totp\"\n    ]",
            "(\n      \"sms\",\n      \"totp\"\n    )",
        ),
        (
            "[\n      \"sms\",\n      \"totp\"\n    ]",
            "【\n      \"sms\",\n      \"totp\"\n    】",
        ),
        (
            "[\n      \"sms\",\n      \"totp\"\n    ]",
            "\"sms\", \"totp\"",
        ),
        ("\"totp\"\n    ]", "\"totp\"\n    }"),
        ("\"totp\"\n    ]", "\"totp\"\n    )"),
        ("\"totp\"\n    ]", "\"totp\"\n    "),
        ("\"totp\"\n    ]", "\"totp\"\n    ]]"),
        ("\"tfa\": [", "\"tfa\": ]"),
        ("\"tfa\": [", "\"tfa\": )"),
        ("\"tfa\": [", "\"tfa\": [["),
        ("\"tfa\": [", "\"tfa\": "),
        ("\"Example\": {", "\"Example\": "),
        ("\"Example\": {", "\"Example\": ["),
        ("{\n  \"Example\"", "\"Example\""),
        ("{\n  \"Example\"", "[\n  \"Example\""),
        ("  }\n}", "  }\n"),
        ("  }\n}", "  "),
        ("  }\n}", "  }\n}}"),
        ("  }\n}", "  ]\n]"),
        ("\"example.com\",", "\"example.com\"},"),
        // Around the entry.
        ("{\n  \"Example\"", "```json\n{\n  \"Example\""),
        ("{\n  \"Example\"", "\u{a0}{\u{200b}\n  \"Example\""),
        ("  }\n}\n", "  }\n}\n```\n"),
        ("  }\n}\n", "  }\n};\n"),
        ("  }\n}\n", "  }\n}\u{1a}\0"),
        ("  }\n}\n", "  }\n}\\\n"),
    ] {
        let text = with(from, to);
        let value = |text: &str| json::parse(text).map(|parsed| parsed.value).ok();
        let corrected = corrected(&text);
        if corrected.as_deref().and_then(value) != value(GOOD) {
            let diagnosis = diagnosis(&text);
            wrong.push(format!(
                "{from} -> {to}: {:?} {corrected:?}",
                messages(&diagnosis)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_could_mean_several_things_is_not_corrected() {
    for (from, to, message) in [
        ("\"example.com\"", "", say::VALUE),
        ("Say it", "Say \"it\" now", say::INNER_QUOTE),
        ("\"domain\"", "// x\n\"domain\"", say::COMMENT),
        ("\"domain\"", "# x\n\"domain\"", say::COMMENT),
        ("  }\n}", "  }\n} {\"B\": {}}", say::REST),
    ] {
        let text = with(from, to);
        let diagnosis = diagnosis(&text);
        assert!(
            messages(&diagnosis).contains(&message.0),
            "{to}: {diagnosis:?}"
        );
        assert_eq!(corrected(&text), None, "{to}");
    }
    for (from, to) in [
        ("\"example.com\"", "e\"xample.com\""),
        ("\"Example\"", "E\"xample\""),
        ("\"Example\"", "A\"udiense\""),
        ("\"domain\"", "x \"domain\""),
        ("\"sms\",", "sms call"),
        ("\"email\"", "\"a.example\"b.example\""),
        ("\"email\"", "\"a\n b\""),
        ("\"email\"", "a.example,b.example"),
        ("\"email\"", "\"a.example,b.example"),
        ("\"sms\"", "None"),
        ("\"sms\",", "12"),
        ("Say it.\"", "Say \\ud800\""),
        ("Say it.\"", "Say C:\\path\""),
        (
            "\"domain\": \"example.com\",",
            "\"domain\": \"example.com\" \"linkedin\": \"x\",",
        ),
    ] {
        assert_eq!(corrected(&with(from, to)), None, "{to}");
    }
}

#[test]
fn any_number_of_errors_is_corrected() {
    let mut is_opening = false;
    let mut curly = String::new();
    for char in GOOD.chars() {
        is_opening ^= char == '"';
        curly.push(match char {
            '"' if is_opening => '“',
            '"' => '”',
            other => other,
        });
    }
    assert_eq!(corrected(&curly).as_deref(), Some(GOOD));
    let codes = |open: &str, close: &str| {
        let code = |code: &str| format!("{open}{code}{close}");
        ["at", "be", "cz", "de", "dk", "us"].map(code).join(", ")
    };
    let regions = curly.replace("“email”", &codes("“", "”"));
    let expected = with("\"email\"", &codes("\"", "\""));
    assert_eq!(corrected(&regions), Some(expected));
}

#[test]
fn a_correction_never_loses_a_letter() {
    let letters =
        |text: &str| -> Vec<char> { text.chars().filter(|char| char.is_alphanumeric()).collect() };
    let places = GOOD.char_indices().map(|(at, _)| at);
    for at in places.filter(|at| *at % 3 == 0) {
        for inserted in ["a", "\"", "“", ",", "x ", "a\"", "\"a"] {
            let text = [&GOOD[..at], inserted, &GOOD[at..]].concat();
            if json::parse(&text).is_err()
                && let Some(corrected) = corrected(&text)
            {
                assert_eq!(letters(&corrected), letters(&text), "{text}\n{corrected}");
            }
        }
    }
}

#[test]
fn several_errors_are_found_at_once() {
    let text = "{“Example”: {\n'domain': \"a.example\"\n\"tfa\": [\"sms\", \"totp,\n]\n";
    assert_eq!(
        messages(&diagnosis(text)),
        [
            "curly quotes around this string",
            "single quotes around this string",
            "missing comma",
            "the closing quote of this string is missing",
            "trailing comma",
            "missing closing brace",
            "missing closing brace",
        ]
    );
}

#[test]
fn a_message_says_what_its_correction_does() {
    for (from, to, message, title) in [
        (
            "\"sms\",",
            "\"sms\"，",
            "`，` instead of a comma",
            "replace it with a comma",
        ),
        (
            "\"sms\",",
            "\"sms,\"",
            say::COMMA_INSIDE.0,
            "move the comma out of the quotes",
        ),
        (
            "\"domain\":",
            "\"domain:\"",
            say::COLON_INSIDE.0,
            "move the colon out of the quotes",
        ),
        (
            "\"totp\"\n    ]",
            "\"totp\"\n    }",
            "`}` instead of a square bracket",
            "replace it with a square bracket",
        ),
        ("\"tfa\": [", "\"tfa\": x [", "unexpected `x`", "remove `x`"),
    ] {
        let diagnosis = diagnosis(&with(from, to));
        assert_eq!(messages(&diagnosis), [message]);
        assert_eq!(diagnosis.errors[0].title.infinitive, title);
    }
}

#[test]
fn files_of_other_kinds_are_recognized() {
    let patch = GOOD.replace('\n', "\n+").replacen('{', "+{", 1);
    let conflict = with("    \"domain\"", "<<<<<<< HEAD\n    \"domain\"");
    let texts: [(&str, MessageText); 20] = [
        ("{\\rtf1\\ansi {\\fonttbl}}", say::RICH_TEXT),
        ("<!DOCTYPE html>\n<html>", say::MARKUP),
        ("\n<?xml version='1.0'?>", say::MARKUP),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            say::LFS_POINTER,
        ),
        ("PK\u{3}\u{4}\u{14}", say::DOCUMENT),
        ("%PDF-1.7", say::DOCUMENT),
        (&patch, say::PATCH),
        ("diff --git a/x b/x\n+{}", say::PATCH),
        ("@@ -0,0 +1 @@\n+{}", say::PATCH),
        (&conflict, say::CONFLICT),
        ("{\n=======\n}", say::CONFLICT),
        (
            "Example:\n  domain: example.com\n  tfa:\n    - totp\n",
            say::YAML,
        ),
        ("---\nExample:\n  domain: \"example.com\"\n", say::YAML),
        (
            "# x\nExample:\n  domain: example.com\n  tfa: [totp]\n",
            say::YAML,
        ),
        ("- domain: a.example\n  tfa: totp\n", say::YAML),
        (
            "[Example]\ndomain = \"example.com\"\ntfa = [\"totp\"]\n",
            say::TOML,
        ),
        ("domain = example.com\n", say::TOML),
        ("404: Not Found", say::PLAIN_TEXT),
        ("../a/a.json", say::PLAIN_TEXT),
        ("Please add example.com", say::PLAIN_TEXT),
    ];
    for (text, kind) in texts {
        let message = foreign(text).map(|error| error.message);
        assert_eq!(message.as_deref(), Some(kind.0), "{text}");
    }
    for text in [
        GOOD,
        "[]",
        "\"Example\": {",
        "\"domain\": \"a\",\n\"tfa\": []",
        "“a”: “b”",
    ] {
        assert_eq!(foreign(text), None, "{text}");
    }
}

#[test]
fn any_text_is_searched_within_its_bounds() {
    let pieces = [
        "{", "}", "[", "]", "\"", ",", ":", "a", "“", "\\", "\n", "\\u12", "/*", "é'", "tfa", " ",
    ];
    for seed in 0..3000_usize {
        let piece = |index: u32| pieces[(seed * 31 + 7).wrapping_pow(index + 1) / 8 % pieces.len()];
        let text: String = (0..12).map(piece).collect();
        if json::parse(&text).is_err() {
            for error in diagnosis(&text).errors {
                assert!(
                    text.get(error.range.clone()).is_some(),
                    "{text:?}: {error:?}"
                );
            }
        }
    }
}
