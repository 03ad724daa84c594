//! `docs/contributing-errors.md`: what tfadir reports for common mistakes.
//!
//! With `SNAPSHOTS=overwrite` in the environment, the page is rewritten.

use std::fmt::Write;

use snapbox::{Assert, Data};

use crate::common::{Directory, project};

const PATH: &str = "entries/e/example.com.json";

/// The entry in which each mistake is made.
const GOOD: &str = r#"{
  "Example": {
    "domain": "example.com",
    "tfa": [
      "sms",
      "totp"
    ],
    "documentation": "https://example.com/help/two-factor",
    "categories": [
      "email"
    ]
  }
}
"#;

/// A mistake: its title, what happened, and what replaces what in the good entry.
const MISTAKES: [(&str, &str, &str, &str); 28] = [
    (
        "A comma is missing",
        "There must be a comma between two fields and between two values.",
        "\"sms\",",
        "\"sms\"",
    ),
    (
        "A comma is left over",
        "Someone removed the last method, but not the comma before it.",
        ",\n      \"totp\"",
        ",",
    ),
    (
        "Quotes of a word processor",
        "Word processors replace straight quotes with curly ones.",
        "\"domain\": \"example.com\"",
        "“domain”: “example.com”",
    ),
    (
        "A comma inside the quotes",
        "The comma belongs after the closing quote.",
        "two-factor\",",
        "two-factor,\"",
    ),
    (
        "A colon inside the quotes",
        "The colon belongs after the closing quote of the field name.",
        "\"domain\":",
        "\"domain:\"",
    ),
    (
        "A comma of another keyboard",
        "A full-width comma looks similar, but is another character.",
        "\"sms\",",
        "\"sms\"，",
    ),
    (
        "Braces around the methods",
        "Methods are an array, and arrays have square brackets.",
        "[\n      \"sms\",\n      \"totp\"\n    ]",
        "{\n      \"sms\",\n      \"totp\"\n    }",
    ),
    (
        "A closing brace too early",
        "The entry ends before its last field.",
        "two-factor\",\n    \"categories\": [\n      \"email\"\n    ]\n  }\n}",
        "two-factor\"\n  },\n  \"categories\": [\n    \"email\"\n  ]\n}",
    ),
    (
        "The name of the site is missing",
        "The fields are in an object that has the site's name.",
        GOOD,
        "{\n  \"name\": \"Example\",\n  \"domain\": \"example.com\",\n  \"tfa\": [\n    \"totp\"\n  ]\n}\n",
    ),
    (
        "A code block",
        "The entry was copied with the marks of a code block in Markdown.",
        GOOD,
        "```json\n{\n  \"Example\": {\n    \"domain\": \"example.com\"\n  }\n}\n```\n",
    ),
    (
        "A comment",
        "JSON has no comments, so only a person can decide what becomes of it.",
        "    \"tfa\"",
        "    // Text messages only in the EU\n    \"tfa\"",
    ),
    (
        "YAML instead of JSON",
        "A file of another kind cannot be fixed. Rich text, HTML and patches are recognized too.",
        GOOD,
        "Example:\n  domain: example.com\n  tfa:\n    - sms\n    - totp\n",
    ),
    (
        "A misspelled field",
        "The names of fields are fixed.",
        "\"documentation\"",
        "\"documentaion\"",
    ),
    (
        "A misspelled method",
        "The names of methods are fixed too.",
        "\"totp\"",
        "\"topt\"",
    ),
    (
        "Another word for a method",
        "Many people call it that, but tfadir has another name for it.",
        "\"totp\"",
        "\"Google Authenticator\"",
    ),
    (
        "A word that means several methods",
        "Only a person can decide which method is meant.",
        "\"sms\"",
        "\"phone\"",
    ),
    (
        "An unknown method",
        "The site uses something that is none of the methods.",
        "\"totp\"",
        "\"pigeon\"",
    ),
    (
        "The app is not named",
        "The site has its own app. The entry must name it.",
        "\"totp\"",
        "\"custom-software\"",
    ),
    (
        "A string instead of an array",
        "Methods, categories and regions are arrays, even with a single value.",
        "[\n      \"email\"\n    ]",
        "\"email\"",
    ),
    (
        "A URL instead of a domain",
        "The domain has no `https://` and no slash.",
        "\"example.com\"",
        "\"https://example.com/\"",
    ),
    (
        "An unknown category",
        "Each site belongs to one of the categories of the directory.",
        "\"email\"",
        "\"knitting\"",
    ),
    (
        "A region that is not a country",
        "Regions are countries. The European Union is not one.",
        "\"email\"\n    ]",
        "\"email\"\n    ],\n    \"regions\": [\n      \"eu\"\n    ]",
    ),
    (
        "Two factors and a contact",
        "`contact` is for sites without two-factor authentication: it tells users where to ask for it.",
        "    \"categories\"",
        "    \"contact\": {\n      \"twitter\": \"example\"\n    },\n    \"categories\"",
    ),
    (
        "The documentation is missing",
        "This is only a warning: the site may have no such page.",
        "    \"documentation\": \"https://example.com/help/two-factor\",\n",
        "",
    ),
    (
        "A misspelled URL",
        "A typo in `https://`, which a browser would have corrected.",
        "https://example.com",
        "https//example.com",
    ),
    (
        "A URL with other characters",
        "A URL consists of ASCII characters. Browsers show the others, but encode them.",
        "help/two-factor",
        "hilfe/für alle",
    ),
    (
        "An invisible character",
        "Web pages contain invisible characters, which are copied along.",
        "\"Example\"",
        "\"Exam\u{200b}ple\"",
    ),
    (
        "A top-level domain that does not exist",
        "This is only a warning: a new top-level domain may be missing from the list.",
        "https://example.com",
        "https://help.example.con",
    ),
];

/// An entry that already exists.
const EARLIER: &str = r#"{
  "Example": {
    "domain": "shop.example",
    "additional-domains": [
      "example.com"
    ],
    "tfa": [
      "totp"
    ],
    "documentation": "https://shop.example/help",
    "categories": [
      "retail"
    ]
  }
}
"#;

const ICON: &str = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\">\n  \
                    <path d=\"M0 0h8v8z\"/>\n</svg>\n";

/// Mistakes in the names of files and in several files: the title, what happened, the files, and
/// the paths to check.
type Misplaced = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static str,
);

const MISPLACED: [Misplaced; 5] = [
    (
        "The file is in the wrong folder",
        "The folder is the first character of the domain.",
        &[("entries/x/example.com.json", GOOD)],
        "entries/x/example.com.json",
    ),
    (
        "The file name is not the domain",
        "The file was named after the site.",
        &[("entries/e/example.json", GOOD)],
        "entries/e/example.json",
    ),
    (
        "The site is already listed",
        "Another entry has the same name, and lists the domain as an additional one.",
        &[("entries/s/shop.example.json", EARLIER), (PATH, GOOD)],
        PATH,
    ),
    (
        "The icon is missing",
        "If the directory has icons, each site needs one. Here, the icon has another name.",
        &[
            (PATH, GOOD),
            (
                "img/e/logo.svg",
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 8 8\"/>\n",
            ),
        ],
        PATH,
    ),
    (
        "The icon is not minified",
        "Drawing programs save SVG files that are larger than necessary.",
        &[(PATH, GOOD), ("img/e/example.com.svg", ICON)],
        PATH,
    ),
];

#[test]
fn the_page_about_common_mistakes_shows_what_tfadir_reports() {
    let mut page = format!(
        "# Common mistakes\n\
         \n\
         The reports on this page are real output of `tfadir check {PATH}`; a test compares them.\n\
         Each mistake is made in this entry:\n\
         \n\
         ```json\n{GOOD}```\n"
    );
    let mut section = |title: &str, story: &str, directory: &Directory, path: &str, code: i32| {
        let run = directory.run(&["check", path]).ends_with(code);
        let report = run.stdout.trim_end();
        assert!(report.contains("]: "), "{title}: {}", run.stderr);
        write!(page, "\n## {title}\n\n{story}\n\n```text\n{report}\n```\n").unwrap();
    };
    for (title, story, from, to) in MISTAKES {
        assert_eq!(GOOD.matches(from).count(), 1, "{title}");
        let directory = Directory::empty().file(PATH, GOOD.replace(from, to));
        section(
            title,
            story,
            &directory,
            PATH,
            i32::from(!story.starts_with("This is only a warning")),
        );
    }
    for (title, story, files, path) in MISPLACED {
        let files = files.iter();
        let directory = files.fold(Directory::empty(), |it, (path, text)| it.file(path, text));
        section(title, story, &directory, path, 1);
    }
    let expected = Data::read_from(&project().join("docs/contributing-errors.md"), None);
    Assert::new()
        .action_env("SNAPSHOTS")
        .normalize_paths(false)
        .eq(page, expected);
}
