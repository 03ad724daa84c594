//! `docs/contributing-errors.md`: what the program says of five typical mistakes.
//!
//! With `SNAPSHOTS=overwrite` in the environment the page is written anew.

use std::fmt::Write;

use snapbox::{Assert, Data};

use crate::common::{Directory, project};

/// A mistake: its title, what happened, the file, and what is in it.
const MISTAKES: [(&str, &str, &str, &str); 5] = [
    (
        "A comma is missing",
        "Fields stand one below the other, with a comma between each two. One was forgotten:",
        "entries/e/example.com.json",
        r#"{
  "Example": {
    "domain": "example.com",
    "tfa": ["totp", "sms"]
    "documentation": "https://example.com/help/two-factor",
    "categories": ["email"]
  }
}
"#,
    ),
    (
        "A word is misspelled",
        "The names of fields and methods are fixed. Here are two that do not exist:",
        "entries/e/example.com.json",
        r#"{
  "Example": {
    "domain": "example.com",
    "tfa": [
      "topt"
    ],
    "documentaion": "https://example.com/help/two-factor",
    "categories": [
      "email"
    ]
  }
}
"#,
    ),
    (
        "The app is not named",
        "The site has an app of its own, so its method is `custom-software`. Which app, it does not say:",
        "entries/e/example.com.json",
        r#"{
  "Example": {
    "domain": "example.com",
    "tfa": [
      "custom-software"
    ],
    "documentation": "https://example.com/help/two-factor",
    "categories": [
      "email"
    ]
  }
}
"#,
    ),
    (
        "The file has another name than the domain",
        "A file was copied from the one beside it, and the domain changed, but not the file's name:",
        "entries/e/example.com.json",
        r#"{
  "Example": {
    "domain": "example.org",
    "tfa": [
      "totp"
    ],
    "documentation": "https://example.org/help/two-factor",
    "categories": [
      "email"
    ]
  }
}
"#,
    ),
    (
        "The site is there already",
        "Somebody adds a shop whose domain another entry, of the same name, has already:",
        "entries/s/shop.example.org.json",
        r#"{
  "Example Shop": {
    "domain": "shop.example.org",
    "url": "https://shop.example.org/",
    "tfa": [
      "sms"
    ],
    "documentation": "https://shop.example.org/help",
    "categories": [
      "retail"
    ]
  }
}
"#,
    ),
];

/// An entry that is there before.
const EARLIER: &str = r#"{
  "Example shop": {
    "domain": "shop.example",
    "tfa": [
      "totp"
    ],
    "documentation": "https://shop.example/help",
    "categories": [
      "retail"
    ],
    "additional-domains": [
      "shop.example.org"
    ]
  }
}
"#;

#[test]
fn the_page_about_typical_mistakes_shows_what_the_program_says() {
    let mut page = String::from(
        "# Typical mistakes, and what tfadir says of them\n\
         \n\
         A test writes this page from the program's own output and compares it with what is here.\n",
    );
    for (title, story, path, text) in MISTAKES {
        let directory =
            Directory::empty().file("entries/s/shop.example.json", EARLIER).file(path, text);
        let run = directory.run(&["check", path]).ends_with(1);
        let report = run.stdout.trim_end();
        let counts = run.stderr.lines().last().unwrap();
        let (start, end) = counts.trim().split_once(" in 0.").unwrap();
        let (_, end) = end.split_once(" s: ").unwrap();
        write!(
            page,
            "\n## {title}\n\n{story}\n\n```json\n{text}```\n\n`tfadir check {path}` says:\n\n\
             ```text\n{report}\n\n{start}: {end}\n```\n"
        )
        .unwrap();
    }
    let expected = Data::read_from(&project().join("docs/contributing-errors.md"), None);
    Assert::new().action_env("SNAPSHOTS").normalize_paths(false).eq(page, expected);
}
