//! Thirty files with typical mistakes, of which `check --fix` repairs at least 27; it leaves the
//! rest untouched and says why.

use std::fs;

use crate::common::{Directory, entry, files};

const PATH: &str = "entries/e/example.com.json";

/// A mistake: what it is, where its file is, the file, and the icon that is there, if any.
struct Mistake {
    what: &'static str,
    path: &'static str,
    text: Vec<u8>,
    icon: Option<&'static str>,
    /// What the report says where only a person can decide.
    reason: Option<&'static str>,
}

fn good() -> String {
    entry("Example", "example.com")
}

/// The good entry with one text replaced by another.
fn with(what: &'static str, from: &str, to: &str) -> Mistake {
    assert!(good().contains(from), "{what}");
    let text = good().replacen(from, to, 1).into_bytes();
    Mistake {
        what,
        path: PATH,
        text,
        icon: None,
        reason: None,
    }
}

fn at(what: &'static str, path: &'static str) -> Mistake {
    Mistake {
        what,
        path,
        text: good().into_bytes(),
        icon: None,
        reason: None,
    }
}

fn encoded(what: &'static str, text: Vec<u8>) -> Mistake {
    Mistake {
        text,
        ..at(what, PATH)
    }
}

fn icon(what: &'static str, icon: &'static str) -> Mistake {
    Mistake {
        icon: Some(icon),
        ..at(what, PATH)
    }
}

fn unfixed(mistake: Mistake, reason: &'static str) -> Mistake {
    Mistake {
        reason: Some(reason),
        ..mistake
    }
}

fn mistakes() -> Vec<Mistake> {
    let utf16 = good()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<u8>>();
    let several = good()
        .replace("\"domain\": \"example.com\",", "“domain”: \"example.com\"")
        .replace("\"totp\"", "'TOTP',")
        .replace("\"email\"", "Mail,");
    let regions = "\"regions\": [\"at\", \"be\", \"cz\", \"de\", \"dk\", \"es\", \"fr\", \"us\"],";
    let many = good().replace("\"domain\"", &format!("{regions} \"domain\""));
    let quotes = ["“", "”"].into_iter().cycle();
    let curly: String = many
        .split('"')
        .zip(quotes)
        .flat_map(|(text, quote)| [text, quote])
        .collect();
    let curly = curly.trim_end_matches('“').to_owned();
    let redundant = good().replace("\"tfa\"", "\"url\": \"https://example.com/\",\n    \"tfa\"");
    vec![
        with("missing comma", "2fa\",", "2fa\""),
        with("trailing comma", "\"totp\"", "\"totp\","),
        with("curly quotes", "\"totp\"", "“totp”"),
        with("single quotes", "\"totp\"", "'totp'"),
        with("no quotes", "\"totp\"", "totp"),
        with(
            "missing closing quote",
            "\"example.com\",",
            "\"example.com,",
        ),
        with("missing closing brace", "  }\n}\n", "  }\n"),
        with("missing outer braces", "{\n  \"Example\"", "  \"Example\""),
        encoded(
            "several syntax errors and wrong words",
            several.into_bytes(),
        ),
        encoded(
            "byte-order mark",
            ["\u{feff}", &good()].concat().into_bytes(),
        ),
        encoded("UTF-16", [&[0xFF, 0xFE], &utf16[..]].concat()),
        encoded("curly quotes everywhere", curly.into_bytes()),
        with("method misspelled", "totp", "topt"),
        with("alias of a method", "totp", "Google Authenticator"),
        encoded(
            "redundant URL and misspelled category",
            redundant.replace("email", "emial").into(),
        ),
        unfixed(
            encoded("redundant URL", redundant.into_bytes()),
            "--unsafe-fixes",
        ),
        with("alias of a category", "\"email\"\n", "\"e-mail\"\n"),
        with(
            "alias of a region",
            "\"domain\"",
            "\"regions\": [\"uk\", \"USA\"],\n    \"domain\"",
        ),
        with("alias of a field", "documentation", "docs"),
        with("field misspelled", "categories", "catagories"),
        with(
            "string for an array",
            "[\n      \"totp\"\n    ]",
            "\"totp\"",
        ),
        with(
            "capitals in the domain",
            "\"example.com\"",
            "\"Example.com\"",
        ),
        with(
            "URL for the domain",
            "\"example.com\"",
            "\"https://example.com/\"",
        ),
        with(
            "URL without https://",
            "https://example.com/2fa",
            "example.com/2fa",
        ),
        with(
            "@ in front of the handle",
            "\"tfa\": [\n      \"totp\"\n    ],\n    \"documentation\": \"https://example.com/2fa\"",
            "\"contact\": {\n      \"twitter\": \"@example\"\n    }",
        ),
        at("wrong folder", "entries/x/example.com.json"),
        Mistake {
            icon: Some("img/e/Example.svg"),
            ..at("wrong file name", "entries/e/Example.json")
        },
        icon("icon with another ending", "img/e/example.com.png"),
        unfixed(
            with("method with several meanings", "totp", "phone"),
            "did you mean `call` or `sms`?",
        ),
        unfixed(
            Mistake {
                text: entry("Example", "exmaple.com")
                    .replace("https://exmaple.com/2fa", "https://help.example/2fa")
                    .into_bytes(),
                icon: Some("img/e/example.com.svg"),
                ..at("domain misspelled", PATH)
            },
            "If `example.com` is right, write `\"domain\": \"example.com\"`",
        ),
    ]
}

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";

#[test]
fn typical_mistakes_are_fixed_or_left_untouched_with_a_reason() {
    let mistakes = mistakes();
    assert_eq!(mistakes.len(), 30);
    assert!(mistakes.iter().filter(|it| it.reason.is_none()).count() >= 27);
    for Mistake {
        what,
        path,
        text,
        icon,
        reason,
    } in mistakes
    {
        let mut directory = Directory::empty().file(path, &text);
        if let Some(icon) = icon {
            let png = fs::read("tests/rules/icon-size/img/f/fine.png").unwrap();
            let bytes = if icon.ends_with("png") {
                png
            } else {
                SVG.into()
            };
            directory = directory.file(icon, bytes);
        }
        let before = files(directory.path());
        directory.run(&["check", "--diff"]);
        assert_eq!(
            files(directory.path()),
            before,
            "{what}: `--diff` writes nothing"
        );
        let run = directory.run(&["check", "--fix"]);
        let mut after = files(directory.path());
        after.remove(".tfadir/.gitignore");
        if let Some(reason) = reason {
            assert_eq!(after, before, "{what}");
            run.ends_with(1).says(reason);
            continue;
        }
        assert_eq!(run.code, Some(0), "{what}: {}{}", run.stdout, run.stderr);
        let paths: Vec<&str> = after.keys().map(String::as_str).collect();
        assert_eq!(paths[0], PATH, "{what}");
        let fixed = String::from_utf8(after[PATH].clone()).unwrap();
        // Three of them say more than the good entry.
        let more = match what {
            "alias of a region" | "curly quotes everywhere" => "\"us\"",
            "@ in front of the handle" => "\"twitter\": \"example\"",
            "icon with another ending" => "\"img\": \"example.com.png\"",
            _ => {
                assert_eq!(fixed, good(), "{what}");
                continue;
            }
        };
        assert!(fixed.contains(more), "{what}: {fixed}");
    }
}
