//! `docs/contributing-errors.md`: what tfadir reports for five common mistakes.
//!
//! With `SNAPSHOTS=overwrite` in the environment, the page is rewritten.

use std::fmt::Write;

use snapbox::{Assert, Data};

use crate::common::{Directory, project};

/// A mistake: its title, what happened, the path of the file, and its text.
const MISTAKES: [(&str, &str, &str, &str); 5] = [
    (
        "A comma is missing",
        "There must be a comma between two fields. One is missing here:",
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
        "The names of fields and methods are fixed. These two do not exist:",
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
        "The site has its own app, so its method is `custom-software`. But the entry does not name the app:",
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
        "The file name differs from the domain",
        "Someone copied another file and changed the domain, but not the name of the file:",
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
        "The site is already listed",
        "Someone adds a shop, but another entry of the same name already lists its domain:",
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

/// An entry that already exists.
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
fn the_page_about_common_mistakes_shows_what_tfadir_reports() {
    let mut page = String::from(
        "# Common mistakes\n\
         \n\
         The reports on this page are real output of tfadir; a test compares them.\n",
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
            "\n## {title}\n\n{story}\n\n```json\n{text}```\n\n`tfadir check {path}` reports:\n\n\
             ```text\n{report}\n\n{start}: {end}\n```\n"
        )
        .unwrap();
    }
    let expected = Data::read_from(&project().join("docs/contributing-errors.md"), None);
    Assert::new().action_env("SNAPSHOTS").normalize_paths(false).eq(page, expected);
}
